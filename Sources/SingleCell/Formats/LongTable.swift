import AnnotatedData
import Matrices

/// Reads a long table of counts, one line for each gene seen in a cell, as UMI-tools' `count` writes it:
/// `gene cell count`, in any order of these columns.
///
/// Cells and genes come in rising order of their names, as anndata's `read_umi_tools` has them.
struct LongTable {
    private let cellColumn: Int
    private let geneColumn: Int
    private let countColumn: Int

    /// - Parameter header: nil for anything but the three names.
    init?(header: [String]) {
        let names = header.map { $0.lowercased() }
        guard names.count == 3, let cell = names.firstIndex(of: "cell"), let gene = names.firstIndex(of: "gene"),
            let count = names.firstIndex(of: "count")
        else { return nil }
        (cellColumn, geneColumn, countColumn) = (cell, gene, count)
    }

    private struct Entry {
        let cell: Int32
        let gene: Int32
        var value: Float
    }

    /// - Parameter scanner: Behind the header.
    /// - Throws: `CSV_RAGGED`, `CSV_VALUE`, `EMPTY_FILE` for a table without lines, `LIMIT` for more names than fit.
    func read(_ scanner: inout DelimitedScanner) throws(FormatError) -> ReadingResult {
        var (cells, genes) = (NumberedNames(), NumberedNames())
        var entries: [Entry] = []
        var isWhole = true
        while try scanner.nextRow() {
            let fields = scanner.fields
            guard fields.count == 3 else {
                throw problem(
                    scanner, "CSV_RAGGED", "3 fields expected, found \(fields.count)",
                    "check the line for a missing or stray separator")
            }
            guard let number = scanner.number(fields[countColumn]), Float(number).isFinite else {
                throw problem(
                    scanner, "CSV_VALUE", "a number expected, found '\(scanner.text(fields[countColumn]).prefix(40))'",
                    "correct the count")
            }
            isWhole = isWhole && number.rounded() == number
            guard let cell = cells.number(of: scanner.text(fields[cellColumn])),
                let gene = genes.number(of: scanner.text(fields[geneColumn]))
            else {
                throw problem(scanner, "LIMIT", "more names than 2³¹ − 1", "divide the table")
            }
            entries.append(Entry(cell: cell, gene: gene, value: Float(number)))
        }
        guard !entries.isEmpty else {
            throw problem(scanner, "EMPTY_FILE", "the file has a header and no rows", "fetch or write it again")
        }
        let (cellNames, cellPlaces) = cells.sorted
        let (geneNames, genePlaces) = genes.sorted
        for place in entries.indices {
            let entry = entries[place]
            entries[place] = Entry(
                cell: cellPlaces[Int(entry.cell)], gene: genePlaces[Int(entry.gene)], value: entry.value)
        }
        entries.sort { ($0.cell, $0.gene) < ($1.cell, $1.gene) }
        let repeated = Self.sumRepeated(&entries)
        var starts = [0]
        for (place, entry) in entries.enumerated() {
            while starts.count <= Int(entry.cell) { starts.append(place) }
        }
        starts.append(entries.count)
        let sparse = SparseMatrix(
            rows: cellNames.count, columns: geneNames.count, rowStarts: starts, columnIndices: entries.map(\.gene),
            values: entries.map(\.value))
        var notices = [
            Notice(code: "LONG_TABLE", message: "the file is a long table of cells, genes and counts: the rest is 0")
        ]
        if repeated > 0 {
            notices.append(
                Notice(code: "DUPLICATE_ENTRIES", message: "\(repeated) lines repeat a cell and gene: they are summed"))
        }
        return ReadingResult(
            data: AnnotatedMatrix(
                x: .sparse(sparse), cells: AnnotationTable(names: cellNames), genes: AnnotationTable(names: geneNames)),
            format: .delimitedText, layout: "csr", dtype: isWhole ? "int64" : "float64", notices: notices)
    }

    /// - Parameter entries: Sorted.
    /// - Returns: How many were added to others.
    private static func sumRepeated(_ entries: inout [Entry]) -> Int {
        var kept = 0
        for place in entries.indices.dropFirst() {
            if entries[place].cell == entries[kept].cell, entries[place].gene == entries[kept].gene {
                entries[kept].value += entries[place].value
            } else {
                kept += 1
                entries[kept] = entries[place]
            }
        }
        let repeated = entries.count - kept - 1
        entries.removeLast(repeated)
        return repeated
    }

    private func problem(
        _ scanner: DelimitedScanner, _ code: String, _ message: String, _ remedy: String
    ) -> FormatError {
        FormatError(code: code, file: scanner.path, element: "line \(scanner.line)", message: message, remedy: remedy)
    }
}

/// Names with numbers from 0, in the order in which they came.
private struct NumberedNames {
    private var numbers: [String: Int32] = [:]

    /// nil where there are too many.
    mutating func number(of name: String) -> Int32? {
        if let number = numbers[name] { return number }
        guard let number = Int32(exactly: numbers.count) else { return nil }
        numbers[name] = number
        return number
    }

    /// The names in rising order of their bytes, and the place there of each number.
    var sorted: (names: [String], places: [Int32]) {
        let order = numbers.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        var places = [Int32](repeating: 0, count: order.count)
        for (place, entry) in order.enumerated() { places[Int(entry.value)] = Int32(place) }
        return (order.map(\.key), places)
    }
}
