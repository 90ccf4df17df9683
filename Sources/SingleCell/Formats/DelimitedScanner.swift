import Foundation

/// Walks through the fields of delimited text (RFC 4180, with tabs, semicolons or spaces as well as commas), a row at a
/// time; memory follows the row.
///
/// Fields in double quotes may hold separators, line ends and doubled quotes. Where spaces separate, several count as one.
/// Blank lines, and lines that begin with `#` before the header, are passed over.
struct DelimitedScanner {
    /// A field's bytes without its quotes.
    struct Field {
        var range: Range<Int>
        var isQuoted: Bool
    }

    let path: String
    private(set) var separator = Self.comma
    /// The line on which the last row began, from 1.
    private(set) var line = 0
    /// The fields of the last row.
    private(set) var fields: [Field] = []
    /// What the line right above the first row says behind its `#`, where it is a comment.
    private(set) var comment: String?
    private let blocks: TextBlocks
    /// Whole lines, of which those before `position` were read.
    private var bytes: [UInt8]
    private var position = 0
    private var nextLine = 1

    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let space = UInt8(ascii: " ")

    /// - Throws: `EMPTY_FILE` for a file of blanks, and what reading any text throws.
    init(_ path: String) throws(FormatError) {
        self.path = path
        blocks = try TextBlocks(path)
        bytes = try blocks.next()
        while true {
            if position == bytes.count {
                (bytes, position) = (try blocks.next(), 0)
                guard !bytes.isEmpty else {
                    throw FormatError(
                        code: "EMPTY_FILE", file: path, message: "the file holds no text",
                        remedy: "fetch or write it again")
                }
            }
            let end = bytes[position...].firstIndex(of: Self.newline) ?? bytes.count - 1
            let text = bytes[position..<end]
            guard text.first == UInt8(ascii: "#") || Self.isBlank(text) else {
                separator = Self.separator(of: text)
                return
            }
            comment = Self.isBlank(text) ? nil : String(decoding: text.drop { $0 == UInt8(ascii: "#") }, as: UTF8.self)
            position = end + 1
            nextLine += 1
        }
    }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
        line.allSatisfy { $0 == space || $0 == carriageReturn }
    }

    private static let comma = UInt8(ascii: ",")

    /// The first of tab, comma, semicolon and space that stands in the header outside quotes.
    private static func separator(of header: ArraySlice<UInt8>) -> UInt8 {
        var found: Set<UInt8> = []
        var isQuoted = false
        for byte in header {
            if byte == quote { isQuoted.toggle() } else if !isQuoted { found.insert(byte) }
        }
        return [UInt8(ascii: "\t"), comma, UInt8(ascii: ";"), space].first(where: found.contains) ?? comma
    }

    /// Reads the next row into `fields`; false after the last one.
    /// - Throws: `CSV_VALUE` for quotes that do not close, or that something follows; and what reading any text throws.
    mutating func nextRow() throws(FormatError) -> Bool {
        while true {
            if position == bytes.count {
                (bytes, position) = (try blocks.next(), 0)
                if bytes.isEmpty { return false }
            }
            let end = bytes[position...].firstIndex { $0 != Self.space && $0 != Self.carriageReturn } ?? bytes.count - 1
            guard bytes[end] == Self.newline else { break }
            position = end + 1
            nextLine += 1
        }
        line = nextLine
        while true {
            switch scan() {
            case .row: return true
            case .textAfterQuote:
                throw FormatError(
                    code: "CSV_VALUE", file: path, element: "line \(nextLine)",
                    message: "a separator expected after a closing quote, found other text",
                    remedy: "double the quotes inside quoted text")
            case .openQuote:
                guard try appendBlocks() else {
                    throw FormatError(
                        code: "CSV_VALUE", file: path, element: "line \(line)",
                        message: "a quote is opened and never closed",
                        remedy: "close the quote, or double it where it belongs to the text")
                }
            }
        }
    }

    /// Doubles what is at hand, for a quote that does not close in it; false at the end, and where no row is that long.
    private mutating func appendBlocks() throws(FormatError) -> Bool {
        bytes.removeSubrange(..<position)
        position = 0
        nextLine = line
        let before = bytes.count
        guard before <= TextBlocks.longestLine else { return false }
        while bytes.count < 2 * before {
            let block = try blocks.next()
            if block.isEmpty { break }
            bytes += block
        }
        return bytes.count > before
    }

    private enum Outcome {
        case row, openQuote, textAfterQuote
    }

    /// Finds the fields from `position` on, which moves behind the row's line end.
    private mutating func scan() -> Outcome {
        fields.removeAll(keepingCapacity: true)
        let separator = separator
        let joins = separator == Self.space
        return bytes.withUnsafeBufferPointer { bytes in
            // A newline ends the bytes and so every loop outside quotes.
            var place = position
            while true {
                if joins {
                    while bytes[place] == Self.space { place += 1 }
                    let hasReturn = bytes[place] == Self.carriageReturn && bytes[place + 1] == Self.newline
                    if !fields.isEmpty, hasReturn || bytes[place] == Self.newline {
                        return end(at: hasReturn ? place + 1 : place)
                    }
                }
                let start = place
                if bytes[start] == Self.quote {
                    place += 1
                    while true {
                        guard place < bytes.count else { return .openQuote }
                        let byte = bytes[place]
                        place += 1
                        if byte == Self.newline { nextLine += 1 }
                        guard byte == Self.quote else { continue }
                        guard place < bytes.count, bytes[place] == Self.quote else { break }
                        place += 1
                    }
                    guard place < bytes.count else { return .openQuote }
                    fields.append(Field(range: start + 1..<place - 1, isQuoted: true))
                    if bytes[place] == Self.carriageReturn { place += 1 }
                    guard place < bytes.count, bytes[place] == separator || bytes[place] == Self.newline else {
                        return .textAfterQuote
                    }
                } else {
                    while bytes[place] != separator, bytes[place] != Self.newline { place += 1 }
                    let hasReturn =
                        bytes[place] == Self.newline && place > start && bytes[place - 1] == Self.carriageReturn
                    fields.append(Field(range: start..<(hasReturn ? place - 1 : place), isQuoted: false))
                }
                if bytes[place] == Self.newline { return end(at: place) }
                place += 1
            }
        }
    }

    private mutating func end(at place: Int) -> Outcome {
        position = place + 1
        nextLine += 1
        return .row
    }

    func text(_ field: Field) -> String {
        let text = String(decoding: bytes[field.range], as: UTF8.self)
        return field.isQuoted && text.contains("\"\"") ? text.replacingOccurrences(of: "\"\"", with: "\"") : text
    }

    /// Numbers to make room for: a number and its separator have two bytes or more, and packed text is some times longer.
    /// The size of a file is no promise of numbers: beyond a gigabyte room is made as they come.
    var expectedNumbers: Int {
        min(1 << 28, blocks.isCompressed ? blocks.storedSize : blocks.storedSize / 2)
    }

    /// The number that the field holds in decimal notation; nil for anything else, infinities and NaN among it.
    func number(_ field: Field) -> Double? {
        bytes.withUnsafeBufferPointer { TextNumber.parse(UnsafeBufferPointer(rebasing: $0[field.range])) }
    }

    /// Calls `body` with the place and the number of every field of the last row but the first; nil where it holds none.
    func forEachNumber(_ body: (Int, Double?) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            for column in fields.indices.dropFirst() {
                body(column, TextNumber.parse(UnsafeBufferPointer(rebasing: bytes[fields[column].range])))
            }
        }
    }
}
