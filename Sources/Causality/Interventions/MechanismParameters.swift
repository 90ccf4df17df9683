/// How many numbers the mechanisms have, and where they stand in one flat vector.
struct MechanismLayout: Codable, Sendable, Equatable {
    let genes: Int
    /// Hidden units of a gene; 0 for linear mechanisms.
    let units: Int
    /// Values of covariates that have intercepts of their own.
    let levels: Int

    init(genes: Int, units: Int, levels: Int) {
        self.genes = genes
        self.units = units
        self.levels = levels
    }

    init(_ options: FitOptions, genes: Int, covariates: CovariateEncoding) {
        self.init(
            genes: genes, units: options.mechanisms == .mlp ? options.mechanismUnits : 0,
            levels: covariates.levels.count)
    }

    var effects: Range<Int> { 0..<genes * genes }
    var intercepts: Range<Int> { effects.upperBound..<effects.upperBound + genes }
    var logDeviations: Range<Int> { intercepts.upperBound..<intercepts.upperBound + genes }
    var inputWeights: Range<Int> { logDeviations.upperBound..<logDeviations.upperBound + genes * genes * units }
    var unitBiases: Range<Int> { inputWeights.upperBound..<inputWeights.upperBound + genes * units }
    var outputWeights: Range<Int> { unitBiases.upperBound..<unitBiases.upperBound + genes * units }
    var offsets: Range<Int> { outputWeights.upperBound..<outputWeights.upperBound + levels * genes }
    var count: Int { offsets.upperBound }

    /// The parts in their order, as a file names them; those that are empty are left out.
    var tensors: [(name: String, shape: [Int], places: Range<Int>)] {
        [
            ("effects", [genes, genes], effects), ("intercepts", [genes], intercepts),
            ("log_deviations", [genes], logDeviations), ("input_weights", [genes, genes, units], inputWeights),
            ("unit_biases", [genes, units], unitBiases), ("output_weights", [genes, units], outputWeights),
            ("covariate_offsets", [levels, genes], offsets),
        ].filter { !$0.2.isEmpty }
    }

    /// The edge (source · genes + target) on which a parameter stands; nil: none.
    func edge(of place: Int) -> Int? {
        if effects.contains(place) { return place }
        guard inputWeights.contains(place) else { return nil }
        return (place - inputWeights.lowerBound) / units
    }

    /// Precisions of the Gaussian prior: effects as given, hidden layers such that all units together are about as large,
    /// noise scales and offsets of order 1 in control standard deviations; none on intercepts.
    func precisions(effectDeviation: Double) -> [Double] {
        let precision = 1 / (effectDeviation * effectDeviation)
        return (0..<count).map { place in
            if intercepts.contains(place) { return 0 }
            if outputWeights.contains(place) { return precision * Double(units) }
            return effects.contains(place) ? precision : 1
        }
    }
}

/// θ and σ of all genes, or the derivatives by them.
///
/// | paper | code          | shape                   | meaning                                                    |
/// |-------|---------------|-------------------------|------------------------------------------------------------|
/// | W     | effects       | genes × genes           | [i, j]: linear effect of gene i on gene j                   |
/// | b     | intercepts    | genes                   |                                                            |
/// | σ     | logDeviations | genes                   | log of the noise scale                                     |
/// | U     | inputWeights  | genes × (genes · units) | [i, j·units + u]: from gene i to unit u of gene j           |
/// | c     | unitBiases    | genes · units           |                                                            |
/// | v     | outputWeights | genes · units           | from the units of gene j to gene j                         |
/// |       | offsets       | levels × genes          | what a covariate's value adds to the intercept              |
struct MechanismParameters: Sendable, Equatable {
    var effects: [Double]
    var intercepts: [Double]
    var logDeviations: [Double]
    var inputWeights: [Double] = []
    var unitBiases: [Double] = []
    var outputWeights: [Double] = []
    var offsets: [Double] = []

    init(
        effects: [Double], intercepts: [Double], logDeviations: [Double], inputWeights: [Double] = [],
        unitBiases: [Double] = [], outputWeights: [Double] = [], offsets: [Double] = []
    ) {
        self.effects = effects
        self.intercepts = intercepts
        self.logDeviations = logDeviations
        self.inputWeights = inputWeights
        self.unitBiases = unitBiases
        self.outputWeights = outputWeights
        self.offsets = offsets
    }

    init(zeros layout: MechanismLayout) { self.init([Double](repeating: 0, count: layout.count), layout) }

    init(_ flat: [Double], _ layout: MechanismLayout) {
        precondition(flat.count == layout.count, "\(layout.count) numbers expected, \(flat.count) given")
        self.init(
            effects: Array(flat[layout.effects]), intercepts: Array(flat[layout.intercepts]),
            logDeviations: Array(flat[layout.logDeviations]), inputWeights: Array(flat[layout.inputWeights]),
            unitBiases: Array(flat[layout.unitBiases]), outputWeights: Array(flat[layout.outputWeights]),
            offsets: Array(flat[layout.offsets]))
    }

    var flat: [Double] {
        effects + intercepts + logDeviations + inputWeights + unitBiases + outputWeights + offsets
    }

    /// Intercepts of every gene among cells whose covariates have these values.
    func intercepts(levels: [Int]) -> [Double] {
        let d = intercepts.count
        return levels.reduce(into: intercepts) { sum, level in
            for j in 0..<d { sum[j] += offsets[level * d + j] }
        }
    }
}

/// Derivatives by the mechanisms and by the edges on which they stand.
struct MechanismGradient {
    var parameters: MechanismParameters
    /// genes × genes: by A, or by the edges' probabilities where the likelihood is expected over graphs.
    var edges: [Double]

    init(_ layout: MechanismLayout) {
        parameters = MechanismParameters(zeros: layout)
        edges = [Double](repeating: 0, count: layout.genes * layout.genes)
    }

    /// Adds the derivative by a context's intercepts to those of the gene and of its covariates' values.
    mutating func addIntercept(_ j: Int, levels: [Int], _ slope: Double) {
        parameters.intercepts[j] += slope
        for level in levels { parameters.offsets[level * parameters.intercepts.count + j] += slope }
    }
}

/// What is taken of the graph at one evaluation.
struct GraphWeights {
    /// genes × genes: 0/1, or the edges' probabilities where `isExpected`.
    var values: [Double]
    /// ∂ values/∂α; nil where the graph is not to be learnt.
    var slopes: [Double]?
    /// The likelihood is to be expected over graphs with independent edges.
    var isExpected = false

    static func fixed(_ graph: [Double]) -> GraphWeights { .init(values: graph) }

    /// A straight-through sample: 0/1, and the slopes of its relaxation.
    static func sampled(_ graph: [Double], slopes: [Double]) -> GraphWeights { .init(values: graph, slopes: slopes) }

    static func expected(_ probabilities: [Double]) -> GraphWeights {
        .init(values: probabilities, slopes: probabilities.map { $0 * (1 - $0) }, isExpected: true)
    }
}
