import AnnotatedData
import Matrices

/// A perturbation screen whose values lie anywhere, in memory or on disk: all that is known of its cells, and the values to
/// be walked through in blocks.
public protocol ScreenCells: Sendable {
    var genes: [String] { get }
    /// The scale of the values.
    var scale: ExpressionScale { get }
    /// The distinct treatments, controls among them.
    var contexts: [Context] { get set }
    /// For each cell its place in `contexts`.
    var contextOfCell: [Int] { get }
    var features: FeatureTable? { get set }
    var knownTargets: [String: [String]] { get }
    /// One a cell: cells of equal numbers share controls. nil where all controls are shared.
    var controlStrata: [Int]? { get }
    var combinations: [String: [String]] { get }
    var notices: [Notice] { get set }
    /// Cells × genes.
    var values: any MatrixBlocks { get }
}

extension PerturbationScreen: ScreenCells {
    public var values: any MatrixBlocks { CellMatrix.dense(expression) }
}

extension ScreenCells {
    public var cellCount: Int { contextOfCell.count }

    /// Names of all treatments, without controls, in rising order.
    public var perturbations: [String] {
        Set(contexts.filter { !$0.isControl }.map(\.perturbation)).sorted()
    }

    /// Places of the control cells.
    public var controlCells: [Int] { contextOfCell.indices.filter { contexts[contextOfCell[$0]].isControl } }

    /// Places of the cells of each context.
    public var cellsOfContext: [[Int]] {
        var cells = [[Int]](repeating: [], count: contexts.count)
        for (cell, context) in contextOfCell.enumerated() { cells[context].append(cell) }
        return cells
    }

    /// Some cells with their values in memory; contexts left without a cell are dropped.
    /// - Parameter selection: Rising places.
    /// - Throws: What the values throw.
    public func held(cells selection: [Int]) throws -> PerturbationScreen {
        if let screen = self as? PerturbationScreen { return screen.subset(cells: selection) }
        var expression = Matrix<Float>(rows: selection.count, columns: genes.count)
        let d = genes.count
        var next = 0
        try values.forEachBlock { block in
            let first = next
            while next < selection.count, selection[next] < block.rows.upperBound { next += 1 }
            guard next > first else { return }
            let rows = block.matrix.selectingRows(selection[first..<next].map { $0 - block.firstRow }).dense
            expression.values.replaceSubrange(first * d..<next * d, with: rows.values)
        }
        let used = Set(selection.map { contextOfCell[$0] }).sorted()
        let position = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        let contexts = used.map { self.contexts[$0] }
        let names = Set(contexts.map(\.perturbation))
        return PerturbationScreen(
            genes: genes, expression: expression, scale: scale, contexts: contexts,
            contextOfCell: selection.map { position[contextOfCell[$0]] ?? 0 }, features: features,
            knownTargets: knownTargets.filter { names.contains($0.key) },
            controlStrata: controlStrata.map { strata in selection.map { strata[$0] } },
            combinations: combinations.filter { names.contains($0.key) }, notices: notices)
    }
}

/// A screen whose values are not held.
public struct BlockwiseScreen: ScreenCells {
    public let genes: [String]
    public private(set) var scale: ExpressionScale
    public var contexts: [Context]
    public let contextOfCell: [Int]
    public var features: FeatureTable?
    public let knownTargets: [String: [String]]
    public let controlStrata: [Int]?
    public let combinations: [String: [String]]
    public var notices: [Notice]
    public private(set) var values: any MatrixBlocks

    /// Reads who was perturbed by what as `PerturbationScreen` does.
    /// - Parameters:
    ///   - annotation: Tables of the cells and genes; each cell must have a label. Its main matrix is not looked at.
    ///   - values: Of the same cells and genes, in `scale`.
    public init(
        _ annotation: AnnotatedMatrix, values: any MatrixBlocks, scale: ExpressionScale,
        options: ScreenOptions = .init()
    ) throws(ScreenError) {
        let labels = try CellLabels(annotation.cells, options: options)
        guard labels.cells.count == values.rows else {
            throw ScreenError(
                code: "NO_CELLS", element: labels.column,
                message: "a label of each of \(values.rows) cells expected, found \(labels.cells.count)",
                remedy: "leave out cells without labels before their values are walked through")
        }
        self.init(try ScreenDescription(annotation, labels: labels, options: options), values: values, scale: scale)
    }

    /// The same cells and genes with other values.
    public func replacing(values: any MatrixBlocks, scale: ExpressionScale) -> BlockwiseScreen {
        var result = self
        result.values = values
        result.scale = scale
        return result
    }

    init(_ description: ScreenDescription, values: any MatrixBlocks, scale: ExpressionScale) {
        genes = description.genes
        self.scale = scale
        contexts = description.contexts
        contextOfCell = description.contextOfCell
        features = nil
        knownTargets = description.knownTargets
        controlStrata = description.controlStrata
        combinations = description.combinations
        notices = description.notices
        self.values = values
    }
}
