import AnnotatedData

/// The lines of a file that names features or barcodes, divided at tabs (commas for `.csv`); quotes are text like any other.
struct TenXDirectoryNames {
    let path: String
    /// Whether the file is a table with a header, as split-pipe writes it.
    let isTable: Bool
    /// The lines' fields, without blank lines.
    private(set) var lines: [[String]] = []
    /// Fields of a line that was taken as a header.
    private(set) var header: [String]?
    private(set) var notices: [Notice] = []

    var count: Int { lines.count }

    /// - Parameter alwaysAllowed: So many lines are read whatever the size of the file.
    /// - Throws: `LIMIT` for more lines than that and than the packed file has bytes; what reading any text throws.
    init(_ path: String, alwaysAllowed: Int = 1 << 22) throws(FormatError) {
        self.path = path
        isTable = path.hasSuffix(".csv") || path.hasSuffix(".csv.gz")
        guard !isTable else {
            var scanner = try DelimitedScanner(path)
            while try scanner.nextRow() { lines.append(scanner.fields.map { scanner.text($0) }) }
            if !lines.isEmpty { header = lines.removeFirst() }
            return
        }
        let (bytes, storedSize) = try TextSource.read(path)
        var firstInvalid: Int?
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let end = line.last == 0x0D ? line.endIndex - 1 : line.endIndex
            guard end > line.startIndex else { continue }
            let fields = line[..<end].split(separator: 0x09, omittingEmptySubsequences: false).map { field in
                let text = String(decoding: field, as: UTF8.self)
                if firstInvalid == nil, !text.utf8.elementsEqual(field) { firstInvalid = lines.count + 1 }
                return text
            }
            lines.append(fields)
            guard lines.count <= max(alwaysAllowed, storedSize) else {
                throw FormatError(
                    code: "LIMIT", file: path,
                    message: "\(storedSize) bytes unpack to more than \(lines.count - 1) names",
                    remedy: "check where this file comes from")
            }
        }
        if let firstInvalid {
            notices.append(
                Notice(
                    code: "BAD_UTF8",
                    message: "\(path.fileName), line \(firstInvalid) is not UTF-8; what cannot be read is shown as �"))
        }
    }

    /// Whether the lines name `expected` things, with a header above them or not.
    func canName(_ expected: Int) -> Bool { count == expected || count == expected + 1 && firstLineIsHeader }

    /// Takes the first line off where it is one too many.
    mutating func dropHeader(expected: Int) {
        guard count == expected + 1, firstLineIsHeader else { return }
        let first = lines.removeFirst()
        header = first
        notices.append(
            Notice(
                code: "HEADER_LINE",
                message: "the first line of \(path.fileName), '\(first.prefix(3).joined(separator: " "))', is taken as "
                    + "a header"))
    }

    private static let words: Set<String> = [
        "barcode", "barcodes", "cell", "cells", "cellid", "cellbarcode", "cellname", "cellnumber", "ensemblid",
        "feature",
        "features", "featureid", "featurename", "gene", "genes", "geneid", "genename", "geneshortname", "genesymbol",
        "id",
        "index", "name", "symbol", "v1", "x", "",
    ]

    /// A header's first field is a word for names.
    private var firstLineIsHeader: Bool {
        guard let field = lines.first?.first else { return false }
        let letters = field.lowercased().filter { $0.isLetter || $0.isNumber }
        return Self.words.contains(letters)
    }

    /// The field of every line; nil where a line has fewer.
    func column(_ index: Int) -> [String?] { lines.map { index < $0.count ? $0[index] : nil } }

    /// Fields of the longest line.
    var width: Int { lines.reduce(0) { max($0, $1.count) } }
}

extension String {
    /// What follows the last slash.
    var fileName: String { String(self[(lastIndex(of: "/").map(index(after:)) ?? startIndex)...]) }
}
