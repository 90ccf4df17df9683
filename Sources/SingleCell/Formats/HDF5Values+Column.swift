import AnnotatedData
import HDF5

extension HDF5Values {
    /// The values as a column of a table; nil for what is neither numbers nor text. The first text that is not UTF-8 is
    /// noted.
    func column(_ notices: inout [Notice]) throws(HDF5Error) -> ColumnValues? {
        switch kind {
        case .integer: return .integers(try integers())
        case .float: return .floats(try doubles())
        case .boolean: return .booleans(try booleans())
        case .compound, .other: return nil
        case .string:
            var firstInvalid: Int?
            let texts = try strings { firstInvalid = min($0, firstInvalid ?? $0) }
            if let firstInvalid {
                notices.append(
                    Notice(
                        code: "BAD_UTF8",
                        message: "\(element)[\(firstInvalid)] is not UTF-8; what cannot be read is shown as �"))
            }
            return .strings(texts)
        }
    }
}

extension [Notice] {
    /// Names that stand more than once are kept, and told of.
    mutating func noteDuplicates(_ names: [String], _ element: String, _ what: String) {
        var seen: Set<String> = []
        let repeated = names.filter { !seen.insert($0).inserted }
        guard let first = repeated.first else { return }
        append(
            Notice(
                code: "DUPLICATE_NAMES",
                message: "\(element): \(repeated.count) \(what) names occur before, the first is '\(first)'"))
    }
}
