import AnnotatedData
import HDF5

extension AnnDataReader {
    private static let deepest = 64
    /// Links can lead to a group by many ways, and to the groups below it by many times more.
    private static let mostEntries = 1 << 16

    /// `uns`. Whatever is wrong in it is noted and left out.
    mutating func unstructured() -> [String: AnnotationValue] {
        guard case .group(let group) = try? root.node("uns") else { return [:] }
        return dictionary(group, above: [root.identity], leavingOut: categoryKeys)
    }

    private mutating func dictionary(
        _ group: any StoreGroup, above: [Int], leavingOut keys: Set<String> = []
    ) -> [String: AnnotationValue] {
        var result: [String: AnnotationValue] = [:]
        do throws(FormatError) {
            for name in try group.names where !keys.contains(name) && name != "__categories" {
                entriesSeen += 1
                guard entriesSeen <= Self.mostEntries else {
                    throw problem("LIMIT", group.path, "more than \(Self.mostEntries) entries in uns")
                }
                do throws(FormatError) {
                    switch try group.node(name) {
                    case .array(let array): result[name] = try value(array, name, in: group)
                    case .group(let member): result[name] = try value(member, name, above: above + [group.identity])
                    }
                } catch {
                    noteLeftOut(error, group.path)
                }
            }
        } catch {
            noteLeftOut(error, group.path)
        }
        return result
    }

    private mutating func value(
        _ group: any StoreGroup, _ name: String, above: [Int]
    ) throws(FormatError) -> AnnotationValue? {
        guard !above.contains(group.identity) else {
            throw problem("CYCLE", group.path, "this group contains itself")
        }
        guard above.count < Self.deepest else {
            throw problem("LIMIT", group.path, "more than \(Self.deepest) groups inside each other")
        }
        let encoding = try encoding(group)
        switch encoding {
        case "dataframe": return .table(try table(group))
        case "csr_matrix", "csc_matrix": return .sparse(try compressedNumbers(group))
        case nil where try group.attribute("h5sparse_format") != nil: return .sparse(try compressedNumbers(group))
        case nil, "dict": return .dictionary(dictionary(group, above: above))
        default:
            if let column = try encodedColumn(group, name) {
                return .column(column.values, storage: column.storage)
            }
            note("NOT_READ", "\(group.path) is left out: it is of the encoding '\(encoding ?? "")'")
            return nil
        }
    }

    private mutating func value(
        _ array: any StoreArray, _ name: String, in group: any StoreGroup
    ) throws(FormatError) -> AnnotationValue? {
        let values = array.values
        guard !values.isNull else { return .null }
        if try array.attribute("categories") != nil, group.contains("__categories/\(name)") {
            let column = try categoriesBeside(array, name, in: group)
            return .column(column.values, storage: column.storage)
        }
        let isSingle = values.shape.isEmpty
        switch values.kind {
        case .string:
            let texts = try strings(values)
            guard values.shape.count <= 1 else { return .texts(texts, shape: values.shape) }
            return isSingle ? .string(texts[0]) : .strings(texts)
        case .integer where isSingle: return .integer(try values.integers()[0])
        case .float where isSingle: return .float(try values.doubles()[0])
        case .boolean where isSingle: return .boolean(try values.booleans()[0])
        case .integer, .float, .boolean: return .numbers(try numbers(values))
        case .compound(let fields) where values.shape.count == 1:
            var records: [AnnotationColumn] = []
            for field in fields {
                guard let column = try plain(try array.field(field), field) else {
                    throw problem("DTYPE", "\(array.path)[\(field)]", "texts, numbers or truth values expected")
                }
                records.append(column)
            }
            return .records(records)
        case .compound, .other:
            note("NOT_READ", "\(array.path) is left out: it holds \(values.kind.name)")
            return nil
        }
    }

    mutating func noteLeftOut(_ error: FormatError, _ element: String) {
        note(error.code, "\(error.element ?? element) is left out: \(error.message)")
    }
}
