import AnnotatedData
import Probability
import Screens

/// Which cells of a screen tell of its genes, and on which genes each was intervened: known before any value is read.
public struct InterventionDesign: Sendable, Equatable {
    public let genes: [String]
    /// Rising places of the cells used.
    public let cells: [Int]
    /// Of these cells; nil where nowhere was intervened.
    public let interventions: CellInterventions?
    public let notices: [Notice]

    init(genes: [String], cells: [Int], interventions: CellInterventions?, notices: [Notice]) {
        self.genes = genes
        self.cells = cells
        self.interventions = interventions.flatMap { $0.hasAny ? $0 : nil }
        self.notices = notices
    }

    /// All cells of a matrix, with what was done to each of them; nil where nothing was.
    public init(genes: [String], cellCount: Int, interventions: CellInterventions?, notices: [Notice] = []) {
        precondition(interventions.map { $0.cellCount == cellCount } ?? true, "interventions of other cells")
        self.init(genes: genes, cells: Array(0..<cellCount), interventions: interventions, notices: notices)
    }

    /// The cells of a screen that tell of its genes: controls, and those whose perturbation has known targets among the
    /// genes; what a cell's other perturbations do to the genes is unknown, and those cells are left out.
    ///
    /// - Parameters:
    ///   - contexts: What was done to cells; `contextOfCell` says which to each.
    ///   - knownTargets: Genes by the name of the perturbation.
    public init(
        genes: [String], contexts: [Context], contextOfCell: [Int], knownTargets: [String: [String]],
        notices: [Notice] = []
    ) {
        let places = Dictionary(genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let targets = contexts.map { context in
            context.isControl ? [] : (knownTargets[context.perturbation] ?? []).compactMap { places[$0] }
        }
        let usable = zip(contexts, targets).map { $0.isControl || !$1.isEmpty }
        let outside = Set(zip(contexts, usable).filter { !$1 }.map(\.0.perturbation)).sorted()
        var notices = notices
        var cells = contextOfCell.indices.filter { usable[contextOfCell[$0]] }
        let left = contextOfCell.count - cells.count
        if cells.isEmpty {
            cells = Array(contextOfCell.indices)
            notices.append(
                Notice(
                    code: "NO_KNOWN_INTERVENTIONS",
                    message: "The screen has neither controls nor perturbations with known targets among its genes; "
                        + "structure was read from all \(cells.count) cells as if nobody had been perturbed."))
        } else if left > 0 {
            notices.append(
                Notice(
                    code: "UNKNOWN_TARGETS",
                    message: "\(left) of \(contextOfCell.count) cells had a perturbation without a known target "
                        + "among the genes and \(left == 1 ? "was" : "were") left out of structure learning: "
                        + "\(counted(outside.count, "perturbation", "perturbations")) (\(shortList(outside)))."))
        }
        var sets = CellInterventions.Numbering()
        let numbers = targets.map { sets.number(of: Set($0).sorted()) }
        self.init(
            genes: genes, cells: cells,
            interventions: CellInterventions(sets: sets.sets, setOfCell: cells.map { numbers[contextOfCell[$0]] }),
            notices: notices)
    }

    /// Values of cells and genes that are held in memory at most: 800 MB.
    public static let mostValues = 200_000_000

    /// The same with `limit` cells at most, drawn so that each intervention keeps its share; a notice says so.
    public func sampled(atMost limit: Int, seed: UInt64) -> InterventionDesign {
        let limit = min(limit, Self.mostValues / max(1, genes.count))
        guard cells.count > limit else { return self }
        let strata = interventions?.setOfCell ?? Array(repeating: 0, count: cells.count)
        let places = StratifiedDraw.places(
            limit, strata: strata, stream: RandomStream(seed: seed).stream("structure").stream("sample"))
        let kept = interventions?.selecting(cells: places)
        return InterventionDesign(
            genes: genes, cells: places.map { cells[$0] }, interventions: kept,
            notices: notices + [Self.notice(before: interventions, after: kept, of: cells.count, limit, seed: seed)])
    }

    /// What drawing did, in numbers.
    static func notice(
        before: CellInterventions?, after: CellInterventions?, of count: Int, _ limit: Int, seed: UInt64
    ) -> Notice {
        func controls(_ interventions: CellInterventions) -> Int {
            interventions.areControls(Array(0..<interventions.cellCount)).count(where: \.self)
        }
        let words =
            if let before, let after {
                " within each intervention: \(controls(after)) of \(controls(before)) controls, and cells of "
                    + counted(
                        Set(after.setOfCell).count { !after.sets[Int($0)].isEmpty }, "intervention", "interventions")
            } else {
                ""
            }
        return Notice(
            code: "CELLS_SAMPLED",
            message: "Structure was read from \(limit) of \(count) cells, drawn at random\(words) (seed \(seed); "
                + "cellsAtMost sets how many).")
    }
}
