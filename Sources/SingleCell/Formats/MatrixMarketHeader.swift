import Foundation

/// What a Matrix Market file says about itself: its banner and its size line.
/// (https://math.nist.gov/MatrixMarket/formats.html)
struct MatrixMarketHeader: Equatable {
    enum Layout: String {
        /// One line an entry: row, column, value.
        case coordinate
        /// One line a value, column after column.
        case array
    }

    enum Field: String {
        case integer
        case real
        /// Entries have no values: each counts as 1.
        case pattern
    }

    let layout: Layout
    let field: Field
    /// Only one triangle and the diagonal are in the file.
    let isSymmetric: Bool
    let rows: Int
    let columns: Int
    /// Lines that follow.
    let lines: Int

    /// - Parameters:
    ///   - banner: the first line.
    ///   - size: the first line after the comments, and its number.
    /// - Throws: `MTX_HEADER`, `LIMIT`.
    init(banner: String, size: String, line: Int, path: String) throws(FormatError) {
        func problem(_ message: String, at line: Int) -> FormatError {
            FormatError(
                code: "MTX_HEADER", file: path, element: "line \(line)", message: message,
                remedy: "write the file again as coordinate integer general")
        }
        func found(_ text: String) -> String { "found '\(text.prefix(60))'" }
        let words = banner.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.first == "%%matrixmarket" else {
            throw problem("the first line must begin with %%MatrixMarket, \(found(banner))", at: 1)
        }
        guard words.count == 5, words[1] == "matrix" else {
            throw problem("expected %%MatrixMarket matrix, a layout, a field and a symmetry, \(found(banner))", at: 1)
        }
        guard let layout = Layout(rawValue: words[2]) else {
            throw problem("a layout coordinate or array expected, \(found(words[2]))", at: 1)
        }
        guard let field = Field(rawValue: words[3] == "double" ? "real" : words[3]),
            layout == .coordinate || field != .pattern
        else { throw problem("values of the field integer, real or pattern expected, \(found(words[3]))", at: 1) }
        guard ["general", "symmetric"].contains(words[4]) else {
            throw problem("a symmetry general or symmetric expected, \(found(words[4]))", at: 1)
        }
        let numbers = size.split(whereSeparator: \.isWhitespace).map { Int($0) }
        let expected = layout == .coordinate ? 3 : 2
        guard numbers.count == expected, let rows = numbers[0], let columns = numbers[1], rows >= 0, columns >= 0 else {
            throw problem(
                "\(layout == .coordinate ? "rows, columns and entries" : "rows and columns") expected as whole numbers, "
                    + found(size), at: line)
        }
        guard rows < Int(Int32.max), columns < Int(Int32.max) else {
            throw FormatError(
                code: "LIMIT", file: path, element: "line \(line)",
                message: "\(rows) × \(columns) is more than 2147483646 either way",
                remedy: "check that this is the file you meant")
        }
        isSymmetric = words[4] == "symmetric"
        guard !isSymmetric || rows == columns else {
            throw problem("symmetric storage needs a square matrix, this has \(rows) × \(columns)", at: line)
        }
        if layout == .coordinate {
            guard let entries = numbers[2], entries >= 0 else {
                throw problem("a number of entries of 0 or more expected, \(found(size))", at: line)
            }
            lines = entries
        } else {
            lines = isSymmetric ? rows * (rows + 1) / 2 : rows * columns
        }
        self.layout = layout
        self.field = field
        self.rows = rows
        self.columns = columns
    }
}
