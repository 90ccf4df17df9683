import AnnotatedData

/// Reads a table with a header, one named row a line, from csv or tsv (`.gz` too).
///
/// A column is of integers, floats or booleans where all its values are, and else of strings. Empty fields, `NA`, `NaN` and
/// `nan` are missing. Numbers with leading zeros stay text.
/// - Parameters:
///   - namesColumn: the column that holds the names of the rows; nil: the first one.
///   - isNamed: whether one column names the rows; else all columns are values, and rows go by their number from 1.
///   - textColumns: columns of names, taken as they are written: in them `NA` and `1.50` are names like others.
/// - Throws: `MISSING_ELEMENT` where there is no such column, `DUPLICATE_NAMES` where two columns share a name, `CSV_RAGGED`,
///   `CSV_VALUE`, `EMPTY_FILE`, and what reading any file throws.
public func readTable(
    _ path: String, namesColumn: String? = nil, isNamed: Bool = true, textColumns: Set<String> = []
) throws(FormatError) -> AnnotationTable {
    let format = try FileFormat.recognise(path)
    guard format == .delimitedText else {
        throw FormatError(
            code: "NOT_THIS_FORMAT", file: path, message: "a csv or tsv table expected, this is \(format.name)",
            remedy: "name a csv or tsv file")
    }
    var scanner = try DelimitedScanner(path)
    guard try scanner.nextRow() else {
        throw FormatError(
            code: "EMPTY_FILE", file: path, message: "the table has no header", remedy: "fetch or write it again")
    }
    var header = scanner.fields.map { scanner.text($0) }
    var columns: [[String]] = []
    while try scanner.nextRow() {
        let fields = scanner.fields
        if columns.isEmpty {
            // R writes no header over the names.
            if fields.count == header.count + 1 { header.insert("", at: 0) }
            columns = header.map { _ in [] }
        }
        guard fields.count == header.count else {
            throw FormatError(
                code: "CSV_RAGGED", file: path, element: "line \(scanner.line)",
                message: "\(header.count) fields expected, found \(fields.count)",
                remedy: "check the line for a missing or stray separator; put text with separators in quotes")
        }
        for column in fields.indices { columns[column].append(scanner.text(fields[column])) }
    }
    if columns.isEmpty { columns = header.map { _ in [] } }
    var seen: Set<String> = []
    if let repeated = header.indices.first(where: { !seen.insert(header[$0]).inserted }) {
        throw FormatError(
            code: "DUPLICATE_NAMES", file: path, element: "line 1, column \(repeated + 1)",
            message: "two columns are called '\(header[repeated])'", remedy: "rename one of them")
    }
    let names = namesColumn == nil ? 0 : header.firstIndex(of: namesColumn!)
    guard let names else {
        throw FormatError(
            code: "MISSING_ELEMENT", file: path, element: "line 1",
            message: "there is no column '\(namesColumn!)'; the columns are \(header.joined(separator: ", "))",
            remedy: "check the column's spelling")
    }
    let typed = header.indices.filter { !isNamed || $0 != names }.map { column in
        AnnotationColumn(
            name: header[column],
            values: textColumns.contains(header[column])
                ? .strings(columns[column]) : ColumnValues(inferredFrom: columns[column]))
    }
    let rows = columns.first?.count ?? 0
    return AnnotationTable(names: isNamed ? columns[names] : (0..<rows).map { "\($0 + 1)" }, columns: typed)
}

extension ColumnValues {
    init(inferredFrom texts: [String]) {
        let present = texts.map { ["", "NA", "NaN", "nan"].contains($0) ? nil : $0 }
        let isEmpty = present.allSatisfy { $0 == nil }
        if !isEmpty, let integers = Self.converted(present, Self.integer) {
            self = .integers(integers)
        } else if let floats = Self.converted(present, Self.float) {
            self = .floats(floats.map { $0 ?? .nan })
        } else if let booleans = Self.converted(present, Self.boolean) {
            self = .booleans(booleans)
        } else {
            self = .strings(present)
        }
    }

    /// All values converted; nil where one cannot be.
    private static func converted<Value>(_ texts: [String?], _ convert: (String) -> Value?) -> [Value?]? {
        var result: [Value?] = []
        result.reserveCapacity(texts.count)
        for text in texts {
            guard let text else {
                result.append(nil)
                continue
            }
            guard let value = convert(text) else { return nil }
            result.append(value)
        }
        return result
    }

    private static func integer(_ text: String) -> Int64? { hasLeadingZero(text) ? nil : Int64(text) }

    private static func float(_ text: String) -> Double? {
        guard !hasLeadingZero(text), text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
            let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    private static func boolean(_ text: String) -> Bool? {
        ["True": true, "TRUE": true, "true": true, "False": false, "FALSE": false, "false": false][text]
    }

    private static func hasLeadingZero(_ text: String) -> Bool {
        text.count > 1 && text.hasPrefix("0") && text.dropFirst().first?.isNumber == true
    }
}
