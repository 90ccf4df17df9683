import Matrices
import Probability
import Screens

/// Cells of a treatment of which the mean shift is predicted.
///
/// Control cells moved by a shift have the zeros and the spread of controls. Here the values of every gene are carried over by
/// rank instead, to a distribution that has the predicted mean and otherwise differs from the controls' as treated cells of
/// the training differ from theirs: see `GeneTransport`. How genes go together is that of real cells.
public struct CellGenerator: Sendable, Equatable {
    /// Controls that cells share.
    struct Stratum: Codable, Sendable, Equatable {
        /// As the screen numbers it.
        var number: Int
        var covariates: [String: String]
        /// Control cells of the screen, and how many of them are kept.
        var cells: Int
        var kept: Int
    }

    /// How many cells of a treatment share the controls of a stratum.
    struct StratumShare: Codable, Sendable, Equatable {
        /// Its place in `strata`.
        var stratum: Int
        var cells: Int
    }

    public let genes: Int
    /// Treatments of the training, without controls.
    public let contexts: [Context]
    /// The single perturbations of combinations, by name.
    let combinations: [String: [String]]
    let strata: [Stratum]
    let sharesOfContext: [[StratumShare]]
    /// Kept cells of each context.
    let keptOfContext: [Int]
    /// Of each row of `controls`, its place in `strata`.
    let stratumOfControl: [Int]
    /// Of each row of `treated`, its place in `strata`; their count for cells whose stratum has no controls.
    let stratumOfTreated: [Int]
    /// Of groups of cells: controls of each stratum, treated cells of each, and treated cells without controls.
    let floors: ValueFloors
    /// cells × genes, stratum after stratum.
    let controls: Matrix<Float>
    /// cells × genes, context after context.
    let treated: Matrix<Float>
    /// strata × genes, over all control cells.
    let controlMeans: Matrix<Float>
    /// contexts × genes, mean shifts over all cells.
    let shifts: Matrix<Float>
    /// What held-out treatments of the training have shown; nil before `choose`.
    public internal(set) var choice: CellChoice?

    /// Kept at most: control cells of a stratum, cells of a treatment, and values in all.
    public struct Limits: Codable, Sendable, Equatable {
        public var controlsOfStratum = 2000
        public var cellsOfTreatment = 300
        public var values = 1 << 24

        public init() {}
    }

    /// - Parameters:
    ///   - training: of finite values.
    ///   - combinations: those asked for, beside the screen's own: the single perturbations of each, by its name.
    ///   - stream: Which cells are kept.
    /// - Throws: `PredictedCellsError` (`NO_CONTROLS`, `NONFINITE`).
    public init(
        training: PerturbationScreen, combinations: [String: [String]] = [:], limits: Limits = Limits(),
        stream: RandomStream
    ) throws(PredictedCellsError) {
        let controlsOfStratum = training.controlsOfStratum
        guard !controlsOfStratum.isEmpty else {
            throw PredictedCellsError(
                code: "NO_CONTROLS", element: "training", message: "control cells expected, found none",
                remedy: "give a screen with controls")
        }
        guard training.expression.values.allSatisfy(\.isFinite) else {
            throw PredictedCellsError(
                code: "NONFINITE", element: "training", message: "finite values expected, found others",
                remedy: "leave out the cells or genes that hold them")
        }
        let d = training.genes.count
        let numbers = controlsOfStratum.keys.sorted()
        let place = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, $0) })
        let cellsOfContext = training.cellsOfContext
        let treatments = training.contexts.indices.filter {
            !training.contexts[$0].isControl && !cellsOfContext[$0].isEmpty
        }
        let asked =
            numbers.reduce(0) { $0 + min(limits.controlsOfStratum, controlsOfStratum[$1]?.count ?? 0) }
            + treatments.reduce(0) { $0 + min(limits.cellsOfTreatment, cellsOfContext[$1].count) }
        let share = min(1, Double(limits.values) / Double(max(1, asked * d)))
        func kept(_ cells: [Int], atMost limit: Int, _ stream: RandomStream) -> [Int] {
            let count = max(1, Int(Double(min(limit, cells.count)) * share))
            var stream = stream
            return count < cells.count ? stream.choice(count, of: cells.count).sorted().map { cells[$0] } : cells
        }
        genes = d
        self.combinations = training.combinations.merging(combinations) { own, _ in own }
        contexts = treatments.map { training.contexts[$0] }
        var strata: [Stratum] = []
        var rows: [Int] = []
        var means: [Float] = []
        for number in numbers {
            let cells = controlsOfStratum[number] ?? []
            let own = kept(cells, atMost: limits.controlsOfStratum, stream.stream("controls").stream(number))
            let covariates = training.contexts[training.contextOfCell[cells[0]]].covariates
            strata.append(Stratum(number: number, covariates: covariates, cells: cells.count, kept: own.count))
            rows += own
            means += training.expression.columnMeans(rows: cells).map { Float($0) }
        }
        self.strata = strata
        stratumOfControl = Self.stratumOfControl(strata)
        controls = training.expression.selectingRows(rows)
        controlMeans = Matrix(rows: strata.count, columns: d, values: means)
        rows = []
        keptOfContext = treatments.enumerated().map { order, context in
            let own = kept(
                cellsOfContext[context], atMost: limits.cellsOfTreatment, stream.stream("treated").stream(order))
            rows += own
            return own.count
        }
        treated = training.expression.selectingRows(rows)
        sharesOfContext = treatments.map { context in
            Dictionary(grouping: cellsOfContext[context], by: { training.controlStrata?[$0] ?? 0 })
                .compactMap { number, cells in place[number].map { StratumShare(stratum: $0, cells: cells.count) } }
                .sorted { $0.stratum < $1.stratum }
        }
        stratumOfTreated = rows.map { place[training.controlStrata?[$0] ?? 0] ?? strata.count }
        let shiftOfContext = Dictionary(
            uniqueKeysWithValues: training.meanShifts().map { ($0.context, $0.shift) })
        shifts = Matrix(
            rows: treatments.count, columns: d,
            values: treatments.flatMap { (shiftOfContext[$0] ?? []).map { Float($0) } })
        floors = Self.floors(controls, strata.map(\.kept), treated, stratumOfTreated)
        choice = nil
    }

    init(_ description: Description, _ arrays: [String: Matrix<Float>]) {
        genes = description.genes
        contexts = description.contexts
        combinations = description.combinations
        strata = description.strata
        stratumOfControl = Self.stratumOfControl(description.strata)
        sharesOfContext = description.sharesOfContext
        keptOfContext = description.keptOfContext
        stratumOfTreated = description.stratumOfTreated
        floors = description.floors
        choice = description.choice
        let none = Matrix<Float>(rows: 0, columns: description.genes)
        controls = arrays["control_cells"] ?? none
        treated = arrays["treated_cells"] ?? none
        controlMeans = arrays["control_means"] ?? none
        shifts = arrays["mean_shifts"] ?? none
    }

    private static func stratumOfControl(_ strata: [Stratum]) -> [Int] {
        strata.enumerated().flatMap { place, stratum in Array(repeating: place, count: stratum.kept) }
    }

    private static func floors(
        _ controls: Matrix<Float>, _ kept: [Int], _ treated: Matrix<Float>, _ stratumOfTreated: [Int]
    ) -> ValueFloors {
        let count = kept.count
        var groups = [[Int]](repeating: [], count: 2 * count + 1)
        var first = 0
        for (stratum, kept) in kept.enumerated() {
            groups[stratum] = Array(first..<first + kept)
            first += kept
        }
        for (row, stratum) in stratumOfTreated.enumerated() { groups[count + stratum].append(first + row) }
        let all = Matrix<Float>(
            rows: controls.rows + treated.rows, columns: controls.columns, values: controls.values + treated.values)
        return ValueFloors(
            all, groups: groups,
            fallback: groups.indices.map { $0 < count ? count + $0 : $0 < 2 * count ? $0 - count : 0 })
    }
}
