import AnnotatedData
import Foundation
import Matrices

/// Reads a matrix in the Matrix Market format as cells × genes.
struct MatrixMarketReader {
    /// More comments than this are refused: a header has a few lines.
    private static let longestHeader = 1 << 24

    let path: String
    private(set) var header: MatrixMarketHeader
    private(set) var notices: [Notice] = []
    private let blocks: TextBlocks
    /// The lines that follow the header in the block that holds its end.
    private var block: [UInt8]
    /// Lines before `block`.
    private var linesBefore: Int

    /// Reads the header.
    /// - Throws: `EMPTY_FILE`, `MTX_HEADER`, `LIMIT`, and what reading any text throws.
    init(_ path: String) throws(FormatError) {
        self.path = path
        blocks = try TextBlocks(path)
        var banner: String?
        var (line, passed) = (0, 0)
        while true {
            let block = try blocks.next()
            guard !block.isEmpty else {
                if banner == nil {
                    throw FormatError(
                        code: "EMPTY_FILE", file: path, message: "the file holds no text",
                        remedy: "fetch or write it again")
                }
                throw FormatError(
                    code: "MTX_HEADER", file: path, element: "line \(line)",
                    message: "rows, columns and entries expected after the comments, the file ends",
                    remedy: "fetch or write it again")
            }
            var position = 0
            while position < block.count {
                let end = block[position...].firstIndex(of: UInt8(ascii: "\n")) ?? block.count - 1
                let text = block[position..<end]
                line += 1
                position = end + 1
                let isBlank = text.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
                if banner == nil {
                    banner = String(decoding: text.prefix(200), as: UTF8.self)
                } else if !isBlank, text.first != UInt8(ascii: "%") {
                    header = try MatrixMarketHeader(
                        banner: banner ?? "", size: String(decoding: text.prefix(200), as: UTF8.self), line: line,
                        path: path)
                    self.block = Array(block[position...])
                    linesBefore = line
                    return
                }
                if line == 1, !(banner ?? "").hasPrefix("%") {
                    // Said before anything else is read: a size line may never come.
                    _ = try MatrixMarketHeader(banner: banner ?? "", size: "", line: 2, path: path)
                }
            }
            passed += block.count
            guard passed <= Self.longestHeader else {
                throw FormatError(
                    code: "LIMIT", file: path, element: "line \(line)",
                    message: "\(Self.longestHeader) bytes of comments and no size line yet",
                    remedy: "check where this file comes from")
            }
        }
    }

    /// Reads all entries.
    /// - Parameter rowsAreCells: false where rows are genes and columns are cells.
    /// - Throws: `MTX_VALUE`, `MTX_COUNT`, `INDEX_RANGE`, `NEGATIVE`, `NONFINITE`, each with its line; `LIMIT` for more than
    ///   the file can hold; and what reading any text throws.
    mutating func read(rowsAreCells: Bool) throws(FormatError) -> CellMatrix {
        var scan = MatrixMarketScan(header: header, rowsAreCells: rowsAreCells, expected: expectedEntries)
        var lines = block
        block = []
        while !lines.isEmpty {
            scan.read(lines)
            if let fault = scan.fault { throw problem(fault, line: linesBefore + scan.lines) }
            lines = try blocks.next()
        }
        guard scan.found == header.lines else {
            throw FormatError(
                code: "MTX_COUNT", file: path, element: "line \(linesBefore + scan.lines)",
                message: "the size line promises \(header.lines) entries, the file ends after \(scan.found)",
                remedy: "fetch or write the file again: it may have been cut off")
        }
        if let rounded = scan.rounded {
            notices.append(Notice(code: "PRECISION", message: "\(rounded) and maybe others are rounded to 24 bits"))
        }
        let (matrix, repeated) = scan.takeMatrix()
        if repeated > 0 {
            notices.append(
                Notice(
                    code: "DUPLICATE_ENTRIES",
                    message: "\(repeated) entries are given more than once; what is given for one place is summed"))
        }
        return matrix
    }

    /// Entries to make room for: those promised, unless the file cannot hold them.
    private var expectedEntries: Int {
        // The shortest line of an entry has four bytes, or two without a column; packed text is some times longer.
        let most = blocks.isCompressed ? storedSizeTimes(2) : blocks.storedSize / 2
        return min(header.lines, most) * (header.isSymmetric ? 2 : 1)
    }

    private func storedSizeTimes(_ factor: Int) -> Int {
        let (product, overflows) = blocks.storedSize.multipliedReportingOverflow(by: factor)
        return overflows ? blocks.storedSize : product
    }

    private func problem(_ fault: MatrixMarketScan.Fault, line: Int) -> FormatError {
        let (code, message, remedy): (String, String, String) =
            switch fault {
            case .form(let text):
                (
                    "MTX_VALUE",
                    "\(header.layout == .array ? "a value" : header.field == .pattern ? "row and column" : "row, column and value") "
                        + "expected, found '\(text)'", "correct the line"
                )
            case .value(let text):
                (
                    "MTX_VALUE",
                    "\(header.field == .integer ? "a whole number" : "a number") within ±3.4e38 expected, found '\(text)'",
                    "correct the value, or the field named in the first line"
                )
            case .nonfinite(let text):
                ("NONFINITE", "a finite number expected, found '\(text)'", "remove the entry or correct its value")
            case .negative(let text):
                (
                    "NEGATIVE", "counts are not negative, found \(text)",
                    "correct the value; if these are no counts, name the field real in the first line"
                )
            case .row(let text):
                (
                    "INDEX_RANGE", "rows are counted from 1 to \(header.rows), found row \(text)",
                    "fetch or write the file again"
                )
            case .column(let text):
                (
                    "INDEX_RANGE", "columns are counted from 1 to \(header.columns), found column \(text)",
                    "fetch or write the file again"
                )
            case .surplus:
                (
                    "MTX_COUNT", "the size line promises \(header.lines) entries, more follow",
                    "correct the size line, or fetch the file again"
                )
            }
        return FormatError(code: code, file: path, element: "line \(line)", message: message, remedy: remedy)
    }
}
