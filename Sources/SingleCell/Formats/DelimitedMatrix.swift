import AnnotatedData
import Foundation
import Matrices

/// Reads a table of numbers with a header, and mostly with row names, as cells × genes.
struct DelimitedMatrix {
    private var scanner: DelimitedScanner
    private var notices: [Notice] = []

    static func read(_ path: String, orientation: Orientation?) throws(FormatError) -> ReadingResult {
        var reader = DelimitedMatrix(scanner: try DelimitedScanner(path))
        guard try reader.scanner.nextRow() else { throw reader.problem("EMPTY_FILE", "the file holds no rows") }
        if let long = LongTable(header: reader.scanner.fields.map({ reader.scanner.text($0) })) {
            return try long.read(&reader.scanner)
        }
        return try reader.read(orientation)
    }

    private init(scanner: DelimitedScanner) { self.scanner = scanner }

    /// The table as it lies in the file.
    private struct Table {
        var columnNames: [String]
        var rowNames: [String]?
        /// What stands over the names of the rows.
        var corner = ""
        var values: [Float]
        var isWhole: Bool
    }

    private mutating func read(_ given: Orientation?) throws(FormatError) -> ReadingResult {
        var table = try readTable()
        let width = table.columnNames.count
        let rows = table.rowNames ?? (0..<table.values.count / max(1, width)).map { "\($0 + 1)" }
        let orientation: Orientation
        if let given {
            orientation = given
        } else {
            orientation = try self.orientation(of: table)
        }
        var matrix = Matrix<Float>(rows: rows.count, columns: width, values: table.values)
        table.values = []
        if orientation == .genesByCells { matrix = Self.turned(matrix) }
        let (cells, genes) = orientation == .cellsByGenes ? (rows, table.columnNames) : (table.columnNames, rows)
        for (names, what) in [(cells, "cell"), (genes, "gene")] where Set(names).count < names.count {
            notices.append(
                Notice(code: "DUPLICATE_NAMES", message: "\(names.count - Set(names).count) \(what) names occur before")
            )
        }
        return ReadingResult(
            data: AnnotatedMatrix(
                x: .dense(matrix), cells: AnnotationTable(names: cells), genes: AnnotationTable(names: genes)),
            format: .delimitedText, layout: "dense", dtype: table.isWhole ? "int64" : "float64", notices: notices)
    }

    /// Rows and columns exchanged, tile by tile to stay close to the processor.
    private static func turned(_ matrix: Matrix<Float>) -> Matrix<Float> {
        let (rows, columns, side) = (matrix.rows, matrix.columns, 32)
        let values = [Float](unsafeUninitializedCapacity: rows * columns) { result, count in
            matrix.values.withUnsafeBufferPointer { values in
                for firstRow in stride(from: 0, to: rows, by: side) {
                    for firstColumn in stride(from: 0, to: columns, by: side) {
                        for row in firstRow..<min(rows, firstRow + side) {
                            for column in firstColumn..<min(columns, firstColumn + side) {
                                result[column * rows + row] = values[row * columns + column]
                            }
                        }
                    }
                }
            }
            count = rows * columns
        }
        return Matrix(rows: columns, columns: rows, values: values)
    }

    /// The first column holds names where its header is empty, missing or a word for names, or where it is not numbers.
    ///
    /// The first row has been read.
    private mutating func readTable() throws(FormatError) -> Table {
        var header: [String]?
        let first = scanner.fields
        let isHeader =
            scanner.text(first[0]).isEmpty || first.dropFirst().contains { scanner.number($0) == nil }
            || first.count == 1 && scanner.number(first[0]) == nil
        if isHeader {
            header = first.map { scanner.text($0) }
            guard try scanner.nextRow() else { throw problem("EMPTY_FILE", "the file has a header and no rows") }
        }
        let width = scanner.fields.count
        if header == nil { header = commentedHeader(width) }
        if let names = header, names.count != width, names.count != width - 1 { throw ragged(width, names.count) }

        var firstColumn: [String] = []
        var firstNumbers: [Double]? = []
        var values: [Float] = []
        values.reserveCapacity(scanner.expectedNumbers)
        var isWhole = true
        var rounded: Double?
        var faulty: Int?
        repeat {
            guard scanner.fields.count == width else { throw ragged(scanner.fields.count, width) }
            firstColumn.append(scanner.text(scanner.fields[0]))
            if let number = scanner.number(scanner.fields[0]) {
                firstNumbers?.append(number)
            } else {
                firstNumbers = nil
            }
            scanner.forEachNumber { column, number in
                guard let number, Float(number).isFinite else {
                    faulty = faulty ?? column
                    return
                }
                let value = Float(number)
                if Double(value) != number || isWhole {
                    let isInteger = number.rounded() == number
                    if !isInteger { isWhole = false }
                    if isInteger, Double(value) != number { rounded = number }
                }
                values.append(value)
            }
            if let faulty { throw notANumber(faulty) }
        } while try scanner.nextRow()
        if let rounded {
            notices.append(Notice(code: "PRECISION", message: "\(rounded) and maybe others are rounded to 24 bits"))
        }
        let isNamed = header.map { $0.count < width || Self.meansNames($0[0]) } ?? false
        guard !isNamed, let numbers = firstNumbers else {
            guard width > 1 else {
                throw problem("NOT_THIS_FORMAT", "a table of numbers expected, found one column of text")
            }
            let names = header.map { $0.count < width ? $0 : Array($0.dropFirst()) } ?? numbered(width - 1)
            let corner = header.flatMap { $0.count < width ? nil : $0[0] } ?? ""
            return Table(columnNames: names, rowNames: firstColumn, corner: corner, values: values, isWhole: isWhole)
        }
        notices.append(
            Notice(
                code: "NO_NAMES", message: "the first column holds numbers: it is taken as data, and rows are numbered")
        )
        var all: [Float] = []
        all.reserveCapacity(values.count + numbers.count)
        for row in numbers.indices {
            guard Float(numbers[row]).isFinite else {
                throw FormatError(
                    code: "CSV_VALUE", file: scanner.path, element: "data row \(row + 1), column 1",
                    message: "a number within ±3.4e38 expected, found \(numbers[row])", remedy: "correct the value")
            }
            all.append(Float(numbers[row]))
            all += values[row * (width - 1)..<(row + 1) * (width - 1)]
        }
        return Table(
            columnNames: header ?? numbered(width), rowNames: nil, values: all,
            isWhole: isWhole && numbers.allSatisfy { $0.rounded() == $0 })
    }

    /// The names in a comment right above a table without a header, where they are as many as its columns.
    private mutating func commentedHeader(_ width: Int) -> [String]? {
        guard width > 1, let comment = scanner.comment else { return nil }
        let separator = Character(Unicode.Scalar(scanner.separator))
        let names = [comment.split(separator: separator), comment.split { $0.isWhitespace }]
            .map { $0.map { $0.trimmingCharacters(in: .whitespaces) } }
            .first { ($0.count == width || $0.count == width - 1) && Set($0).count == $0.count }
        if names != nil {
            notices.append(
                Notice(code: "HEADER_COMMENT", message: "columns are named by the comment above the first row"))
        }
        return names
    }

    private mutating func numbered(_ count: Int) -> [String] {
        notices.append(Notice(code: "NO_NAMES", message: "the file has no header: columns are numbered"))
        return (1...max(1, count)).map(String.init)
    }

    private static let wordsForCells: Set<String> = [
        "cell", "cells", "cell_id", "cellid", "barcode", "barcodes", "obs",
    ]
    private static let wordsForGenes: Set<String> = [
        "gene", "genes", "gene_id", "geneid", "gene_name", "symbol", "var",
    ]
    private static let wordsForNames: Set<String> = [
        "", "index", "name", "names", "id", "sample", "samples", "rowname", "rownames",
    ]

    private static func word(_ header: String) -> String {
        header.lowercased().trimmingCharacters(in: .whitespaces)
    }

    private static func meansNames(_ header: String) -> Bool {
        let word = word(header)
        return wordsForNames.contains(word) || wordsForCells.contains(word) || wordsForGenes.contains(word)
    }

    private mutating func orientation(of table: Table) throws(FormatError) -> Orientation {
        guard let rows = table.rowNames else {
            notices.append(
                Notice(code: "ORIENTATION", message: "rows are taken as cells, since only columns have names"))
            return .cellsByGenes
        }
        let (columns, word) = (table.columnNames, Self.word(table.corner))
        if Self.wordsForCells.contains(word) || Self.wordsForGenes.contains(word) {
            let rowsAreCells = Self.wordsForCells.contains(word)
            notices.append(
                Notice(
                    code: "ORIENTATION",
                    message:
                        "\(rowsAreCells ? "rows" : "columns") are taken as cells, since the names of rows are under "
                        + "'\(table.corner)'"))
            return rowsAreCells ? .cellsByGenes : .genesByCells
        }
        let (rowEvidence, columnEvidence) = (NameEvidence(rows), NameEvidence(columns))
        let found: Orientation? =
            if (columnEvidence.gene ?? rowEvidence.cell) != nil, (rowEvidence.gene ?? columnEvidence.cell) == nil {
                .cellsByGenes
            } else if (rowEvidence.gene ?? columnEvidence.cell) != nil, (columnEvidence.gene ?? rowEvidence.cell) == nil
            {
                .genesByCells
            } else {
                nil
            }
        guard let found else {
            throw FormatError(
                code: "AMBIGUOUS", file: scanner.path,
                message: "the names do not tell whether rows ('\(rows[0])') or columns ('\(columns[0])') are cells",
                remedy: "set orientation to cellsByGenes or genesByCells")
        }
        let (genes, cells) = found == .cellsByGenes ? (columnEvidence, rowEvidence) : (rowEvidence, columnEvidence)
        let witness = genes.gene.map { "'\($0)' is a gene" } ?? cells.cell.map { "'\($0)' is a barcode" } ?? ""
        notices.append(
            Notice(
                code: "ORIENTATION",
                message: "\(found == .cellsByGenes ? "rows" : "columns") are taken as cells, since \(witness)"))
        return found
    }

    private func problem(_ code: String, _ message: String) -> FormatError {
        FormatError(
            code: code, file: scanner.path, message: message, remedy: "check that this is the file you meant")
    }

    private func ragged(_ found: Int, _ expected: Int) -> FormatError {
        FormatError(
            code: "CSV_RAGGED", file: scanner.path, element: "line \(scanner.line)",
            message: "\(expected) fields expected, found \(found)",
            remedy: "check the line for a missing or stray separator; put text with separators in quotes")
    }

    /// - Parameter column: the place of the field in the scanner's row.
    private func notANumber(_ column: Int) -> FormatError {
        let text = scanner.text(scanner.fields[column])
        let hasComma = scanner.separator != UInt8(ascii: ",") && text.contains { $0 == "," }
        return FormatError(
            code: "CSV_VALUE", file: scanner.path, element: "line \(scanner.line), column \(column + 1)",
            message: "a number expected, found \(text.isEmpty ? "nothing" : "'\(text.prefix(40))'")",
            remedy: hasComma
                ? "write decimal points, not commas, and no separators of thousands"
                : "fill or remove missing values: they are not taken as 0")
    }
}

/// What names tell about themselves; the first that does is kept as the witness.
private struct NameEvidence {
    /// A name that only a gene has.
    var gene: String?
    /// A cell barcode, where most names are ones.
    var cell: String?

    init(_ names: [String]) {
        gene = names.first(where: Self.isGene)
        let barcodes = names.filter(Self.isBarcode)
        if 2 * barcodes.count > names.count { cell = barcodes.first }
    }

    private static func isGene(_ name: String) -> Bool {
        let upper = name.uppercased()
        if ["MT-", "HLA-"].contains(where: upper.hasPrefix) { return true }
        if ["RPL", "RPS", "ENSG", "ENSMUSG", "ENSRNOG", "ENSDARG", "LINC0"].contains(where: { prefix in
            upper.hasPrefix(prefix) && upper.dropFirst(prefix.count).first?.isNumber == true
        }) {
            return true
        }
        return ["ACTB", "GAPDH", "MALAT1", "B2M", "TP53", "MYC", "EGFR", "VIM", "CD3E", "CD8A", "FOXP3"].contains(upper)
    }

    /// At least eight nucleotides, followed by nothing or by what samples add.
    private static func isBarcode(_ name: String) -> Bool {
        guard let run = name.split(separator: "_").last(where: { $0.count >= 8 }) else { return false }
        let bases = run.prefix { "ACGTN".contains($0) }
        return bases.count >= 8 && (bases.count == run.count || "-.".contains(run[bases.endIndex]))
    }
}
