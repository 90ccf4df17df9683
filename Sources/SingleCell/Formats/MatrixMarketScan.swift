import AnnotatedData
import Matrices

/// Reads the lines after the header of a Matrix Market file, block by block.
struct MatrixMarketScan {
    /// What is wrong with a line.
    enum Fault: Equatable {
        /// Not the fields that a line has.
        case form(String)
        case value(String)
        case nonfinite(String)
        case negative(String)
        case row(String)
        case column(String)
        /// More lines than promised.
        case surplus
    }

    private let header: MatrixMarketHeader
    private let rowsAreCells: Bool
    private var entries: MatrixMarketEntries
    /// The values of the array layout, in the order of the file.
    private var values: [Float] = []
    /// Lines read, the faulty one last.
    private(set) var lines = 0
    /// Entries found.
    private(set) var found = 0
    private(set) var fault: Fault?
    /// A whole number that `Float` does not hold.
    private(set) var rounded: Double?

    init(header: MatrixMarketHeader, rowsAreCells: Bool, expected: Int) {
        self.header = header
        self.rowsAreCells = rowsAreCells
        let isArray = header.layout == .array
        let (cells, genes) = rowsAreCells ? (header.rows, header.columns) : (header.columns, header.rows)
        entries = MatrixMarketEntries(cells: isArray ? 0 : cells, genes: genes, expected: isArray ? 0 : expected)
        if isArray { values.reserveCapacity(expected) }
    }

    /// Reads whole lines; stops at the first fault.
    mutating func read(_ block: [UInt8]) {
        block.withUnsafeBufferPointer { bytes in
            guard var place = bytes.baseAddress, bytes.last == UInt8(ascii: "\n") else { return }
            let end = place + bytes.count
            while place < end, fault == nil {
                lines += 1
                if header.layout == .array {
                    readValue(&place)
                } else {
                    readEntry(&place)
                }
            }
        }
    }

    /// One line of the coordinate layout; `place` moves behind it. The newline that ends every block ends every loop.
    @inline(__always)
    private mutating func readEntry(_ place: inout UnsafePointer<UInt8>) {
        let line = place
        Self.skipSpaces(&place)
        let row = Self.index(&place)
        Self.skipSpaces(&place)
        let column = Self.index(&place)
        Self.skipSpaces(&place)
        guard row >= 0, column >= 0 else { return readOddLine(line, &place) }
        var value: Float = 1
        if header.field != .pattern {
            let number = Self.index(&place)
            if number >= 0, Self.endsField(place.pointee) {
                value = Float(number)
                if number > 1 << 24, Int(exactly: value) != number { rounded = Double(number) }
            } else {
                place = line
                guard let number = oddValue(&place) else { return }
                value = Float(number)
            }
        }
        Self.skipSpaces(&place)
        guard place.pointee == UInt8(ascii: "\n") else { return readOddLine(line, &place) }
        place += 1
        guard row >= 1, row <= header.rows else { return fault = .row("\(row)") }
        guard column >= 1, column <= header.columns else { return fault = .column("\(column)") }
        guard found < header.lines else { return fault = .surplus }
        found += 1
        let (first, second) = (Int32(truncatingIfNeeded: row - 1), Int32(truncatingIfNeeded: column - 1))
        if rowsAreCells {
            entries.append(cell: first, gene: second, value: value)
        } else {
            entries.append(cell: second, gene: first, value: value)
        }
        if header.isSymmetric, first != second {
            if rowsAreCells {
                entries.append(cell: second, gene: first, value: value)
            } else {
                entries.append(cell: first, gene: second, value: value)
            }
        }
    }

    /// One line of the array layout.
    private mutating func readValue(_ place: inout UnsafePointer<UInt8>) {
        let line = place
        if Self.isBlankOrComment(line) { return Self.skipLine(&place) }
        guard let number = number(&place) else { return }
        Self.skipSpaces(&place)
        guard place.pointee == UInt8(ascii: "\n") else {
            return fault = .form(Self.text(line))
        }
        place += 1
        guard found < header.lines else { return fault = .surplus }
        found += 1
        values.append(Float(number))
    }

    /// A line that is blank or a comment, or a fault.
    private mutating func readOddLine(_ line: UnsafePointer<UInt8>, _ place: inout UnsafePointer<UInt8>) {
        place = line
        guard Self.isBlankOrComment(line) else {
            let fields = Self.text(line).split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            for (field, fault) in [(0, Fault.row), (1, Fault.column)] as [(Int, (String) -> Fault)]
            where fields.count > field && Self.isWhole(fields[field]) && Int(fields[field]).map({ $0 < 1 }) ?? true {
                return self.fault = fault(fields[field])
            }
            return fault = .form(Self.text(line))
        }
        Self.skipLine(&place)
    }

    private static func isWhole(_ text: String) -> Bool {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        return !digits.isEmpty && digits.utf8.allSatisfy { $0 &- 0x30 <= 9 }
    }

    /// The third field of the line, where it is not plain digits; `place` moves behind it.
    private mutating func oddValue(_ place: inout UnsafePointer<UInt8>) -> Double? {
        Self.skipSpaces(&place)
        for _ in 0..<2 {
            while !Self.endsField(place.pointee) { place += 1 }
            Self.skipSpaces(&place)
        }
        guard place.pointee != UInt8(ascii: "\n") else {
            fault = .form("a line without a value")
            return nil
        }
        return number(&place)
    }

    /// The number at `place`, which moves behind it; nil and a fault where there is none that is allowed.
    private mutating func number(_ place: inout UnsafePointer<UInt8>) -> Double? {
        Self.skipSpaces(&place)
        let start = place
        while !Self.endsField(place.pointee) { place += 1 }
        let text = UnsafeBufferPointer(start: start, count: place - start)
        let shown = { String(decoding: text.prefix(40), as: UTF8.self) }
        guard let value = TextNumber.parse(text) else {
            let word = shown().lowercased().drop { $0 == "-" || $0 == "+" }
            fault = ["nan", "inf", "infinity"].contains(word) ? .nonfinite(shown()) : .value(shown())
            return nil
        }
        guard Float(value).isFinite, header.field == .real || value.rounded() == value && abs(value) < 0x1p63 else {
            fault = .value(shown())
            return nil
        }
        if header.field == .integer, value < 0 {
            fault = .negative(shown())
            return nil
        }
        if value.rounded() == value, Double(Float(value)) != value { rounded = value }
        return value
    }

    /// The matrix, and how many entries were given more than once; nothing is kept here.
    mutating func takeMatrix() -> (CellMatrix, repeated: Int) {
        guard header.layout == .array else {
            let (matrix, repeated) = entries.takeMatrix()
            return (.sparse(matrix), repeated)
        }
        let (rows, columns) = (header.rows, header.columns)
        if !header.isSymmetric, !rowsAreCells {
            // Column after column is cell after cell.
            return (.dense(Matrix(rows: columns, columns: rows, values: values)), 0)
        }
        var matrix = Matrix<Float>(rows: rowsAreCells ? rows : columns, columns: rowsAreCells ? columns : rows)
        var next = 0
        for column in 0..<columns {
            for row in (header.isSymmetric ? column : 0)..<rows {
                matrix[row, column] = values[next]
                if header.isSymmetric { matrix[column, row] = values[next] }
                next += 1
            }
        }
        return (.dense(matrix), 0)
    }
}

extension MatrixMarketScan {
    /// The digits at `place`, which moves behind them; −1 where there are none or more than 18.
    @inline(__always)
    private static func index(_ place: inout UnsafePointer<UInt8>) -> Int {
        let start = place
        var value = 0
        while place.pointee &- 0x30 <= 9 {
            value = value &* 10 &+ Int(place.pointee &- 0x30)
            place += 1
        }
        let digits = place - start
        return digits > 0 && digits <= 18 ? value : -1
    }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    @inline(__always)
    private static func endsField(_ byte: UInt8) -> Bool { isSpace(byte) || byte == UInt8(ascii: "\n") }

    @inline(__always)
    private static func skipSpaces(_ place: inout UnsafePointer<UInt8>) {
        while isSpace(place.pointee) { place += 1 }
    }

    private static func skipLine(_ place: inout UnsafePointer<UInt8>) {
        while place.pointee != UInt8(ascii: "\n") { place += 1 }
        place += 1
    }

    private static func isBlankOrComment(_ line: UnsafePointer<UInt8>) -> Bool {
        var place = line
        skipSpaces(&place)
        return place.pointee == UInt8(ascii: "\n") || place.pointee == UInt8(ascii: "%")
    }

    /// The beginning of the line, for a message.
    private static func text(_ line: UnsafePointer<UInt8>) -> String {
        var end = line
        while end.pointee != UInt8(ascii: "\n"), end.pointee != 0x0D, end - line < 60 { end += 1 }
        return String(decoding: UnsafeBufferPointer(start: line, count: end - line), as: UTF8.self)
    }
}
