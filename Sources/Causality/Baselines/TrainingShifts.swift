import Matrices
import Screens

/// What training cells showed: the mean shift of every treatment, and what is known of perturbations.
public struct TrainingShifts: Sendable {
    public let genes: Int
    /// The treatments, without controls.
    public let contexts: [Context]
    /// One a treatment, of every gene.
    public let shifts: [[Double]]
    /// Cells of each treatment.
    public let cells: [Int]
    /// Mean of the controls that each treatment's cells share.
    public let controlMeans: [[Double]]
    public let features: FeatureTable?
    /// The single perturbations of combinations, those asked for among them.
    public let combinations: [String: [String]]

    public init(
        genes: Int, contexts: [Context], shifts: [[Double]], cells: [Int], controlMeans: [[Double]],
        features: FeatureTable? = nil, combinations: [String: [String]] = [:]
    ) {
        precondition(
            contexts.count == shifts.count && contexts.count == cells.count && contexts.count == controlMeans.count,
            "one of each a treatment")
        self.genes = genes
        self.contexts = contexts
        self.shifts = shifts
        self.cells = cells
        self.controlMeans = controlMeans
        self.features = features
        self.combinations = combinations
    }

    /// - Parameters:
    ///   - screen: training cells with the controls that the model sees.
    ///   - combinations: those asked for, beside the screen's own.
    public init(_ screen: PerturbationScreen, combinations: [String: [String]] = [:]) {
        let found = screen.meanShifts()
        let counts = screen.cellsOfContext.map(\.count)
        self.init(
            genes: screen.genes.count, contexts: found.map { screen.contexts[$0.context] },
            shifts: found.map(\.shift), cells: found.map { counts[$0.context] }, controlMeans: found.map(\.baseline),
            features: screen.features, combinations: screen.combinations.merging(combinations) { own, _ in own })
    }

    /// The same of some of the treatments.
    func selecting(_ places: [Int]) -> TrainingShifts {
        TrainingShifts(
            genes: genes, contexts: places.map { contexts[$0] }, shifts: places.map { shifts[$0] },
            cells: places.map { cells[$0] }, controlMeans: places.map { controlMeans[$0] }, features: features,
            combinations: combinations)
    }

    /// Mean over some treatments, each counting alike unless weights are given; nil of none.
    func mean(_ places: [Int], weights: [Double]? = nil) -> [Double]? {
        let total = weights.map { $0.reduce(0, +) } ?? Double(places.count)
        guard total > 0 else { return nil }
        var mean = [Double](repeating: 0, count: genes)
        for (order, place) in places.enumerated() {
            let weight = (weights?[order] ?? 1) / total
            for gene in 0..<genes { mean[gene] += weight * shifts[place][gene] }
        }
        return mean
    }

    var hasDoses: Bool { contexts.contains { $0.dose != nil } }
    var hasCovariates: Bool { contexts.contains { !$0.covariates.isEmpty } }

    /// Whether treatments differ in anything but the perturbation.
    var hasComparableTreatments: Bool { Set(contexts.map(\.kind)).count > 1 }

    /// Places of the treatments with the same perturbation in the same kind of cells, whatever the dose.
    func doses(of context: Context) -> [Int] {
        contexts.indices.filter {
            contexts[$0].perturbation == context.perturbation && contexts[$0].covariates == context.covariates
        }
    }

    /// The folds of a cross-validation, by perturbation: places that are left out together.
    func folds(atMost limit: Int = 5) -> [[Int]] {
        let names = Set(contexts.map(\.perturbation)).sorted()
        let count = min(limit, names.count)
        guard count > 1 else { return [] }
        let foldOfName = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0 % count) })
        var folds = [[Int]](repeating: [], count: count)
        for (place, context) in contexts.enumerated() { folds[foldOfName[context.perturbation] ?? 0].append(place) }
        return folds
    }

    /// The candidate with the least squared error over all folds; the first where nothing can be left out.
    func best<Candidate>(
        of candidates: [Candidate], errors: (_ kept: [Int], _ left: [Int]) -> [Double]
    ) -> Candidate {
        var totals = [Double](repeating: 0, count: candidates.count)
        for left in folds() {
            let isLeft = Set(left)
            let kept = contexts.indices.filter { !isLeft.contains($0) }
            for (place, error) in errors(kept, left).enumerated() { totals[place] += error }
        }
        return candidates[totals.indices.min { (totals[$0], $0) < (totals[$1], $1) } ?? 0]
    }
}

/// Which treatments of different perturbations are comparable.
struct TreatmentKind: Hashable {
    /// The level of the dose, or the dose.
    var level: String?
    var dose: Double?
    var covariates: [String: String]
}

extension Context {
    var kind: TreatmentKind {
        TreatmentKind(level: level, dose: level == nil ? dose : nil, covariates: covariates)
    }
}

/// Σ (a − b)² over genes.
func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
}
