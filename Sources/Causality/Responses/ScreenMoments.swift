import Graphs
import Matrices
import Probability

/// What the cells of a screen leave behind for regressions of each gene on the others: sums of products, and some
/// cells.
///
/// Cells come in blocks of any length, as they are read from disk: genes centred on their control mean and divided by
/// their control standard deviation. They are summed in stretches of 512 in the order in which they come, in Double, so
/// that neither the blocks' length nor the number of threads changes a byte.
///
/// Columns: 1, the genes, the curves of all genes one after the other, the covariates.
public struct ScreenMoments: Sendable {
    public let design: ScreenDesign
    public let basis: MechanismBasis
    /// Cells of each context so far.
    public private(set) var counts: [Int]
    /// contexts × columns
    private(set) var sums: [Double]
    /// contexts × genes: sums of squares and cubes, by which the skewness of genes is told.
    private(set) var squares: [Double]
    private(set) var cubes: [Double]
    private var gram: GramMatrix
    /// The Gram matrix of the cells in which a gene's mechanism was replaced, for each gene with such.
    private var replaced: [Int: GramMatrix]
    private(set) var kept: KeptCells
    private let isReplaced: [Int: Set<Int>]
    /// Cells that don't fill a stretch yet: rows of columns, and their contexts.
    private var pending: [Float] = []
    private var pendingContexts: [Int] = []

    static let stretch = 512
    /// Sums of products of more columns than this many bytes hold are refused.
    static let largestGram = 2 << 30

    /// - Parameters:
    ///   - cellCount: How many cells will come, so that cells can be kept evenly where not all fit.
    ///   - keptBytes: Room for cells that are kept for mechanisms that sums of products cannot describe.
    public init(
        design: ScreenDesign, basis: MechanismBasis = .additive, cellCount: Int, keptBytes: Int = 512 << 20,
        stream: RandomStream = RandomStream(seed: 0)
    ) throws(ResponseError) {
        self.design = design
        self.basis = basis
        let columns = 1 + design.genes.count * basis.count + design.covariates.count
        let groups = design.replacedGenes
        guard (1 + groups.count) * columns * columns * 8 <= Self.largestGram else {
            throw ResponseError(
                code: "TOO_LARGE",
                message: "\(1 + groups.count) matrices of \(columns)² sums of products, more than memory is meant for",
                remedy: "keep fewer genes, or fit linear mechanisms")
        }
        counts = Array(repeating: 0, count: design.contexts.count)
        sums = Array(repeating: 0, count: design.contexts.count * columns)
        squares = Array(repeating: 0, count: design.contexts.count * design.genes.count)
        cubes = squares
        gram = GramMatrix(columns: columns)
        replaced = groups.mapValues { _ in GramMatrix(columns: columns) }
        isReplaced = groups.mapValues { Set($0.map(\.context)) }
        let rowBytes = max(1, 4 * (design.genes.count + design.covariates.count))
        kept = KeptCells(
            share: min(1, Double(keptBytes) / Double(rowBytes) / Double(max(1, cellCount))),
            genes: design.genes.count, covariates: design.covariates.count, stream: stream.stream("kept cells"))
    }

    var columns: Int { gram.columns }
    public var cellCount: Int { counts.reduce(0, +) }

    /// The column of a gene's value (curve 0) or of one of its curves.
    func column(gene: Int, curve: Int) -> Int { 1 + gene + curve * design.genes.count }
    func column(covariate: Int) -> Int { 1 + design.genes.count * basis.count + covariate }

    /// - Parameters:
    ///   - cells: cells × genes, in control standard deviations from the control mean.
    ///   - contexts: The context of each cell.
    ///   - covariates: cells × covariates; may be left out where the design has none.
    public mutating func add(
        _ cells: Matrix<Float>, contexts: [Int], covariates: Matrix<Float>? = nil
    ) throws(ResponseError) {
        let covariates = covariates ?? Matrix(rows: cells.rows, columns: 0)
        try check(cells, contexts, covariates)
        for first in stride(from: 0, to: cells.rows, by: Self.stretch) {
            let end = min(first + Self.stretch, cells.rows)
            for cell in first..<end { kept.add(cells.row(cell), covariates.row(cell), context: contexts[cell]) }
            append(cells, covariates, first..<end)
            pendingContexts += contexts[first..<end]
            while pendingContexts.count >= Self.stretch { sum(Self.stretch) }
        }
    }

    /// All sums, the cells that wait included.
    func finished() -> (gram: Matrix<Double>, replaced: [Int: Matrix<Double>], moments: ScreenMoments) {
        var all = self
        if !all.pendingContexts.isEmpty { all.sum(all.pendingContexts.count) }
        return (all.gram.matrix, all.replaced.mapValues(\.matrix), all)
    }

    private func check(
        _ cells: Matrix<Float>, _ contexts: [Int], _ covariates: Matrix<Float>
    ) throws(ResponseError) {
        let d = design.genes.count
        guard cells.columns == d, contexts.count == cells.rows, covariates.rows == cells.rows,
            covariates.columns == design.covariates.count
        else {
            throw ResponseError(
                code: "SHAPE",
                message: "cells × \(d) genes, a context a cell and cells × \(design.covariates.count) covariates "
                    + "expected, found \(cells.rows) × \(cells.columns), \(contexts.count) and "
                    + "\(covariates.rows) × \(covariates.columns)",
                remedy: "give the panel, the contexts and the covariates of the design")
        }
        if let wrong = contexts.first(where: { !design.contexts.indices.contains($0) }) {
            throw ResponseError(
                code: "NO_SUCH_CONTEXT", element: "context \(wrong)",
                message: "one of \(design.contexts.count) contexts expected, found number \(wrong)",
                remedy: "name the context of each cell by its place in the design")
        }
        if let place = cells.values.firstIndex(where: { !$0.isFinite }) {
            throw ResponseError(
                code: "NOT_FINITE", element: design.genes[place % d],
                message: "finite expression expected, found \(cells.values[place]) in cell \(place / d) of a block",
                remedy: "leave out such cells or genes, or fill in their values")
        }
        if let place = covariates.values.firstIndex(where: { !$0.isFinite }) {
            throw ResponseError(
                code: "NOT_FINITE", element: design.covariates[place % covariates.columns],
                message: "finite covariates expected, found \(covariates.values[place])",
                remedy: "leave out such cells or the covariate")
        }
    }

    /// Lays cells out as rows of all columns.
    private mutating func append(_ cells: Matrix<Float>, _ covariates: Matrix<Float>, _ range: Range<Int>) {
        let (d, width, extra) = (design.genes.count, columns, design.covariates.count)
        let start = pending.count
        pending += [Float](repeating: 0, count: range.count * width)
        pending.withUnsafeMutableBufferPointer { rows in
            cells.values.withUnsafeBufferPointer { values in
                guard let first = values.baseAddress else { return }
                for (place, cell) in range.enumerated() {
                    let row = rows.baseAddress! + start + place * width
                    row[0] = 1
                    (row + 1).update(from: first + cell * d, count: d)
                    basis.fill(first + cell * d, count: d, into: row + 1 + d)
                    for covariate in 0..<extra { row[width - extra + covariate] = covariates[cell, covariate] }
                }
            }
        }
    }

    /// Adds the first waiting cells to the sums.
    private mutating func sum(_ count: Int) {
        let width = columns
        let rows = Matrix(rows: count, columns: width, values: Array(pending[..<(count * width)]))
        let contexts = Array(pendingContexts[..<count])
        pending.removeFirst(count * width)
        pendingContexts.removeFirst(count)
        gram.add(rows)
        for gene in isReplaced.keys.sorted() {
            let cells = contexts.indices.filter { isReplaced[gene]!.contains(contexts[$0]) }
            if !cells.isEmpty { replaced[gene]!.add(rows.selectingRows(cells)) }
        }
        sums.withUnsafeMutableBufferPointer { sums in
            rows.values.withUnsafeBufferPointer { values in
                for (cell, context) in contexts.enumerated() {
                    let (sum, value) = (sums.baseAddress! + context * width, values.baseAddress! + cell * width)
                    for column in 0..<width { sum[column] += Double(value[column]) }
                }
            }
        }
        addPowers(rows, contexts)
        for context in contexts { counts[context] += 1 }
    }

    private mutating func addPowers(_ rows: Matrix<Float>, _ contexts: [Int]) {
        let (d, width) = (design.genes.count, columns)
        squares.withUnsafeMutableBufferPointer { squares in
            cubes.withUnsafeMutableBufferPointer { cubes in
                rows.values.withUnsafeBufferPointer { values in
                    for (cell, context) in contexts.enumerated() {
                        for gene in 0..<d {
                            let value = Double(values[cell * width + 1 + gene])
                            squares[context * d + gene] += value * value
                            cubes[context * d + gene] += value * value * value
                        }
                    }
                }
            }
        }
    }
}
