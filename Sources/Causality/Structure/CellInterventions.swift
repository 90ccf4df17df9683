import AnnotatedData
import Matrices
import Probability

/// On which genes of a panel each cell was intervened.
///
/// A screen has few different sets of genes and many cells, so that a number a cell says it, where a matrix would take as
/// much room as the values.
public struct CellInterventions: Sendable, Equatable {
    /// Distinct sets of places of genes, each rising. Cells of the empty one are controls.
    public let sets: [[Int]]
    /// For each cell the place of its set.
    public let setOfCell: [Int32]

    public init(sets: [[Int]], setOfCell: [Int32]) {
        precondition(setOfCell.allSatisfy { sets.indices.contains(Int($0)) }, "a cell points to an unknown set")
        self.sets = sets
        self.setOfCell = setOfCell
    }

    /// - Parameter labels: Cells × genes, not 0 where the gene was intervened on.
    public init(_ labels: Matrix<Float>) {
        var sets = Numbering()
        setOfCell = (0..<labels.rows).map { cell in
            let row = labels.row(cell)
            return sets.number(of: row.indices.filter { row[$0] != 0 }.map { $0 - row.startIndex })
        }
        self.sets = sets.sets
    }

    /// Cells × genes, 1 where the gene was intervened on.
    public func layer(genes: Int) -> CellMatrix {
        var starts = [0]
        var columns: [Int32] = []
        for set in setOfCell {
            columns += sets[Int(set)].map { Int32($0) }
            starts.append(columns.count)
        }
        return .sparse(
            SparseMatrix(
                rows: cellCount, columns: genes, rowStarts: starts, columnIndices: columns,
                values: [Float](repeating: 1, count: columns.count)))
    }

    public var cellCount: Int { setOfCell.count }

    /// Whether any cell was intervened on at all.
    public var hasAny: Bool {
        let isLabelled = sets.map { !$0.isEmpty }
        return setOfCell.contains { isLabelled[Int($0)] }
    }

    /// For each of some cells whether it is a control.
    public func areControls(_ cells: [Int]) -> [Bool] {
        let isControl = sets.map(\.isEmpty)
        return cells.map { isControl[Int(setOfCell[$0])] }
    }

    /// For each set the cells that have it.
    public var cellsOfSet: [[Int]] {
        var cells = Array(repeating: [Int](), count: sets.count)
        for (cell, set) in setOfCell.enumerated() { cells[Int(set)].append(cell) }
        return cells
    }

    public func selecting(cells: [Int]) -> CellInterventions {
        CellInterventions(sets: sets, setOfCell: cells.map { setOfCell[$0] })
    }

    /// The same of some genes; what was done to others is left out.
    public func selecting(genes: [Int]) -> CellInterventions {
        let places = Dictionary(genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var kept = Numbering()
        let numbers = sets.map { set in kept.number(of: set.compactMap { places[$0] }.sorted()) }
        return CellInterventions(sets: kept.sets, setOfCell: setOfCell.map { numbers[Int($0)] })
    }

    /// Some cells × some genes, 1 where the gene was intervened on.
    public func matrix(cells: [Int], genes: [Int]) -> Matrix<Float> {
        let places = Dictionary(uniqueKeysWithValues: genes.enumerated().map { ($1, $0) })
        let chosen = sets.map { $0.compactMap { places[$0] } }
        var result = Matrix<Float>(rows: cells.count, columns: genes.count)
        for (row, cell) in cells.enumerated() {
            for place in chosen[Int(setOfCell[cell])] { result[row, place] = 1 }
        }
        return result
    }

    /// Gives equal sets equal numbers, in the order in which they come.
    public struct Numbering {
        public private(set) var sets: [[Int]] = []
        private var numbers: [[Int]: Int32] = [:]

        public init() {}

        public mutating func number(of set: [Int]) -> Int32 {
            if let number = numbers[set] { return number }
            let number = Int32(sets.count)
            numbers[set] = number
            sets.append(set)
            return number
        }
    }
}
