import AnnotatedData
import HDF5
import Matrices

/// The matrix of a 10x file, where it lies: compressed columns of features × barcodes, which are compressed rows of
/// cells × features, so that nothing is turned around.
///
/// Only the row starts are in memory (8 bytes a cell), and while a block is walked through its entries. Indices and values
/// are checked as they are read.
struct TenXMatrix: MatrixBlocks {
    /// Entries of a block: enough to keep all cores busy inflating, few enough for memory to follow the block.
    private static let blockEntries = 1 << 22

    let rows: Int
    let columns: Int
    let storedCount: Int
    /// The type of the values in the file.
    var kind: HDF5Kind { data.kind }
    /// The features of the file that the columns are; nil where they are all.
    let selection: [Int]?
    private let group: HDF5Group
    private let data: HDF5Values
    private let indices: HDF5Values
    private let rowStarts: [Int]
    private let cellNames: [String]
    private let featureNames: [String]
    /// For each feature of the file its column; −1 where it is left out. Empty where all are taken.
    private let columnOfFeature: [Int32]

    /// - Parameters:
    ///   - group: holds `data`, `indices`, `indptr` and `shape`.
    ///   - cellNames: the barcodes; there are as many cells.
    ///   - featureNames: the names of the features in the file.
    ///   - selection: the features wanted, in rising order; nil takes all.
    init(
        _ group: HDF5Group, cellNames: [String], featureNames: [String], selection: [Int]?
    ) throws(HDF5Error) {
        self.group = group
        self.cellNames = cellNames
        self.featureNames = featureNames
        self.selection = selection
        rows = cellNames.count
        columns = selection?.count ?? featureNames.count
        data = try group.dataset("data").values
        indices = try group.dataset("indices").values
        try Self.checkShape(group, cells: rows, features: featureNames.count)
        rowStarts = try Self.rowStarts(group, cells: rows, features: featureNames.count, entries: data.count)
        try Self.checkEntries(group, data, indices, cells: rows, features: featureNames.count)
        guard let selection else {
            columnOfFeature = []
            storedCount = data.count
            return
        }
        var columnOfFeature = [Int32](repeating: -1, count: featureNames.count)
        for (column, feature) in selection.enumerated() { columnOfFeature[feature] = Int32(column) }
        self.columnOfFeature = columnOfFeature
        var count = 0
        for rows in Self.blocks(rowStarts) {
            let entries = rowStarts[rows.lowerBound]..<rowStarts[rows.upperBound]
            let features = try indices.smallIntegers(in: entries)
            try Self.checkIndices(features, group, rowStarts, firstEntry: entries.lowerBound, featureNames.count)
            count += features.count { columnOfFeature[Int($0)] >= 0 }
        }
        storedCount = count
    }

    func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        for rows in Self.blocks(rowStarts) {
            try body(try FormatError.translating { () throws(HDF5Error) in try block(rows) })
        }
    }

    /// Whole cells of at most `blockEntries` entries together, or a single one that has more.
    private static func blocks(_ rowStarts: [Int]) -> [Range<Int>] {
        var blocks: [Range<Int>] = []
        var first = 0
        while first < rowStarts.count - 1 {
            var last = first + 1
            while last < rowStarts.count - 1, rowStarts[last + 1] - rowStarts[first] <= blockEntries { last += 1 }
            blocks.append(first..<last)
            first = last
        }
        return blocks
    }

    private func block(_ rows: Range<Int>) throws(HDF5Error) -> MatrixBlock {
        let entries = rowStarts[rows.lowerBound]..<rowStarts[rows.upperBound]
        let starts = rowStarts[rows.lowerBound...rows.upperBound].map { $0 - entries.lowerBound }
        guard !entries.isEmpty else {
            return MatrixBlock(
                firstRow: rows.lowerBound,
                matrix: .sparse(
                    SparseMatrix(
                        rows: rows.count, columns: columns, rowStarts: starts, columnIndices: [], values: [])))
        }
        let features = try indices.smallIntegers(in: entries)
        try Self.checkIndices(features, group, rowStarts, firstEntry: entries.lowerBound, featureNames.count)
        let numbers = try data.numbers(in: entries)
        try checkValues(numbers.floats, features, firstEntry: entries.lowerBound)
        if selection == nil {
            let matrix = SparseMatrix(
                rows: rows.count, columns: columns, rowStarts: starts, columnIndices: features, values: numbers.floats)
            return MatrixBlock(firstRow: rows.lowerBound, matrix: .sparse(matrix), exact: numbers.exact)
        }
        return selectedBlock(rows, starts, features, numbers)
    }

    private func selectedBlock(
        _ rows: Range<Int>, _ starts: [Int], _ features: [Int32], _ numbers: StoredNumbers
    ) -> MatrixBlock {
        var selectedStarts = [0]
        var (selectedColumns, kept): ([Int32], [Int]) = ([], [])
        for row in 0..<rows.count {
            for entry in starts[row]..<starts[row + 1] {
                let column = columnOfFeature[Int(features[entry])]
                guard column >= 0 else { continue }
                selectedColumns.append(column)
                kept.append(entry)
            }
            selectedStarts.append(kept.count)
        }
        let matrix = SparseMatrix(
            rows: rows.count, columns: columns, rowStarts: selectedStarts, columnIndices: selectedColumns,
            values: kept.map { numbers.floats[$0] })
        return MatrixBlock(
            firstRow: rows.lowerBound, matrix: .sparse(matrix),
            exact: numbers.exact.map { exact in kept.map { exact[$0] } })
    }
}

extension TenXMatrix {
    private static func problem(
        _ code: String, _ group: HDF5Group, _ element: String, _ message: String,
        remedy: String = "fetch the file again, or write it again with the program that made it"
    ) -> HDF5Error {
        HDF5Error(code: code, file: group.file.path, element: element, message: message, remedy: remedy)
    }

    /// `shape` is that of features × barcodes.
    private static func checkShape(_ group: HDF5Group, cells: Int, features: Int) throws(HDF5Error) {
        let values = try group.dataset("shape").values
        guard values.count == 2, case .integer = values.kind else {
            throw problem("SHAPE_MISMATCH", group, values.element, "two whole numbers expected: features, barcodes")
        }
        let shape = try values.integers()
        guard shape != [Int64(features), Int64(cells)] else { return }
        let isSwapped = shape == [Int64(cells), Int64(features)]
        throw problem(
            "SHAPE_MISMATCH", group, values.element,
            "\(shape[0]) features × \(shape[1]) barcodes, but there are names of \(features) features and \(cells) "
                + "barcodes\(isSwapped ? ": the two are swapped" : "")")
    }

    private static func rowStarts(
        _ group: HDF5Group, cells: Int, features: Int, entries: Int
    ) throws(HDF5Error) -> [Int] {
        let pointers = try group.dataset("indptr").values
        guard case .integer = pointers.kind else {
            throw problem("DTYPE", group, pointers.element, "whole numbers expected, found \(pointers.kind.name)")
        }
        guard pointers.shape == [cells + 1] else {
            let isByFeatures = pointers.shape == [features + 1] ? ", as by features" : ""
            throw problem(
                "BAD_INDPTR", group, pointers.element,
                "\(cells + 1) pointers expected, found \(pointers.count)\(isByFeatures)")
        }
        let starts = try pointers.integers().map { Int($0) }
        guard starts[0] == 0 else {
            throw problem("BAD_INDPTR", group, pointers.element, "the first pointer must be 0, it is \(starts[0])")
        }
        for position in 1..<starts.count where starts[position] < starts[position - 1] {
            throw problem(
                "BAD_INDPTR", group, "\(pointers.element)[\(position)]",
                "pointers must not fall: it is \(starts[position]), the one before \(starts[position - 1])")
        }
        guard starts[cells] == entries else {
            throw problem(
                "BAD_INDPTR", group, pointers.element,
                "the last pointer must be the number of values, \(entries); it is \(starts[cells])")
        }
        return starts
    }

    private static func checkEntries(
        _ group: HDF5Group, _ data: HDF5Values, _ indices: HDF5Values, cells: Int, features: Int
    ) throws(HDF5Error) {
        for part in [data, indices] where part.shape.count != 1 {
            throw problem(
                "SHAPE_MISMATCH", group, part.element, "1 dimension expected, found \(part.shape.count)")
        }
        guard data.kind.isNumeric else {
            throw problem("DTYPE", group, data.element, "numbers expected, found \(data.kind.name)")
        }
        guard case .integer = indices.kind else {
            throw problem("DTYPE", group, indices.element, "whole numbers expected, found \(indices.kind.name)")
        }
        guard data.count == indices.count else {
            throw problem(
                "SHAPE_MISMATCH", group, group.path, "\(data.count) values in data, but \(indices.count) in indices")
        }
        // A few thousand repeated entries can be lived with, a matrix stored over and over cannot.
        let (places, overflow) = cells.multipliedReportingOverflow(by: features)
        guard features < Int(Int32.max), overflow || data.count <= max(places, 1 << 20) else {
            throw problem(
                "LIMIT", group, data.element, "\(data.count) entries for \(cells) cells × \(features) features",
                remedy: "the file is damaged or made to exhaust memory: fetch or write it again")
        }
    }

    private static func checkIndices(
        _ features: [Int32], _ group: HDF5Group, _ rowStarts: [Int], firstEntry: Int, _ count: Int
    ) throws(HDF5Error) {
        guard let position = features.firstIndex(where: { $0 < 0 || Int($0) >= count }) else { return }
        let entry = firstEntry + position
        throw problem(
            "INDEX_RANGE", group, "\(group.path)/indices[\(entry)]",
            "the index is \(features[position]) in cell \(cell(of: entry, rowStarts)), but there are \(count) features")
    }

    /// All values must be finite; whole numbers are counts and so not negative.
    private func checkValues(_ values: [Float], _ features: [Int32], firstEntry: Int) throws(HDF5Error) {
        var isCount = false
        if case .integer = kind { isCount = true }
        guard let position = values.firstIndex(where: { !$0.isFinite || (isCount && $0 < 0) }) else { return }
        let cell = Self.cell(of: firstEntry + position, rowStarts)
        let value = values[position]
        throw Self.problem(
            value.isFinite ? "NEGATIVE" : "NONFINITE", group, "\(data.element)[\(firstEntry + position)]",
            "\(value.isFinite ? "counts" : "finite numbers") expected; the value of cell '\(cellNames[cell])' and "
                + "feature '\(featureNames[Int(features[position])])' is \(value)",
            remedy: "write the file again without this value")
    }

    /// The cell that owns an entry: the last one that starts at or before it.
    private static func cell(of entry: Int, _ rowStarts: [Int]) -> Int {
        (rowStarts.firstIndex { $0 > entry } ?? rowStarts.count) - 1
    }
}
