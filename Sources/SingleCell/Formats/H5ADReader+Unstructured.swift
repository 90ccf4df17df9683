import AnnotatedData
import HDF5

extension H5ADReader {
    private static let deepest = 64

    /// `uns`. Whatever is wrong in it is noted and left out.
    mutating func unstructured() -> [String: AnnotationValue] {
        guard case .group(let group) = try? root.node("uns") else { return [:] }
        return dictionary(group, above: [root.address], leavingOut: categoryKeys)
    }

    private mutating func dictionary(
        _ group: HDF5Group, above: [Int], leavingOut keys: Set<String> = []
    ) -> [String: AnnotationValue] {
        var result: [String: AnnotationValue] = [:]
        do throws(HDF5Error) {
            for name in try group.names where !keys.contains(name) {
                do throws(HDF5Error) {
                    switch try group.node(name) {
                    case .dataset(let dataset): result[name] = try value(dataset)
                    case .group(let member): result[name] = try value(member, above: above + [group.address])
                    }
                } catch {
                    note(error.code, "\(error.element ?? group.path) is left out: \(error.message)")
                }
            }
        } catch {
            note(error.code, "\(error.element ?? group.path) is left out: \(error.message)")
        }
        return result
    }

    private mutating func value(_ group: HDF5Group, above: [Int]) throws(HDF5Error) -> AnnotationValue? {
        guard !above.contains(group.address) else {
            throw problem("CYCLE", group.path, "this group contains itself")
        }
        guard above.count < Self.deepest else {
            throw problem("LIMIT", group.path, "more than \(Self.deepest) groups inside each other")
        }
        if let encoding = try encoding(group), encoding != "dict" {
            note("NOT_READ", "\(group.path) is left out: it is of the encoding '\(encoding)'")
            return nil
        }
        return .dictionary(dictionary(group, above: above))
    }

    private mutating func value(_ dataset: HDF5Dataset) throws(HDF5Error) -> AnnotationValue? {
        let values = dataset.values
        guard !values.isNull else { return nil }
        let isSingle = values.shape.isEmpty
        switch values.kind {
        case .string where values.shape.count <= 1:
            let texts = try strings(values)
            return isSingle ? .string(texts[0]) : .strings(texts)
        case .integer:
            let numbers = try values.integers()
            return isSingle ? .integer(numbers[0]) : .integers(numbers, shape: values.shape)
        case .float:
            let numbers = try values.doubles()
            return isSingle ? .float(numbers[0]) : .floats(numbers, shape: values.shape)
        case .boolean:
            let truths = try values.booleans()
            return isSingle ? .boolean(truths[0]) : .booleans(truths, shape: values.shape)
        case .string, .compound, .other:
            note("NOT_READ", "\(dataset.path) is left out: it holds \(values.kind.name)")
            return nil
        }
    }
}
