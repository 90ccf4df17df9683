import HDF5
import Testing

@testable import Formats

/// A store in memory: a copy of a file that tests can damage entry by entry.
final class MemoryNode: @unchecked Sendable {
    enum Content {
        case group([String: MemoryNode])
        case numbers([Double], HDF5Kind)
        case texts([String])
        case records([(name: String, content: Content)])
        case null
    }

    var content: Content
    var shape: [Int]
    var attributes: [String: MemoryNode]

    init(_ content: Content, shape: [Int] = [], attributes: [String: MemoryNode] = [:]) {
        self.content = content
        self.shape = shape
        self.attributes = attributes
    }

    /// Everything below the group, read.
    convenience init(copying group: any StoreGroup) throws {
        var members: [String: MemoryNode] = [:]
        for name in try group.names {
            switch try group.node(name) {
            case .group(let member): members[name] = try MemoryNode(copying: member)
            case .array(let array):
                members[name] = try MemoryNode(
                    try Self.content(array.values) { try array.field($0) }, shape: array.values.shape,
                    attributes: Self.attributes(array))
            }
        }
        try self.init(.group(members), attributes: Self.attributes(group))
    }

    private static func attributes(_ object: any StoreObject) throws -> [String: MemoryNode] {
        var attributes: [String: MemoryNode] = [:]
        for name in [
            "encoding-type", "encoding-version", "_index", "column-order", "shape", "ordered", "categories",
            "h5sparse_format", "h5sparse_shape",
        ] {
            guard let values = try object.attribute(name) else { continue }
            attributes[name] = MemoryNode(try content(values) { _ in values }, shape: values.shape)
        }
        return attributes
    }

    private static func content(
        _ values: any StoreValues, field: (String) throws -> any StoreValues
    ) throws -> Content {
        if values.isNull { return .null }
        switch values.kind {
        case .string: return .texts(try values.strings { _ in })
        case .compound(let names):
            return .records(try names.map { ($0, try content(try field($0)) { _ in values }) })
        case .integer, .float, .boolean: return .numbers(try values.doubles(), values.kind)
        case .other: return .null
        }
    }

    /// All nodes with their paths, attributes as `path@name`.
    func walk(_ path: String = "", _ body: (String, MemoryNode) -> Void) {
        body(path, self)
        for (name, node) in attributes.sorted(by: { $0.key < $1.key }) { body("\(path)@\(name)", node) }
        if case .group(let members) = content {
            for (name, node) in members.sorted(by: { $0.key < $1.key }) { node.walk("\(path)/\(name)", body) }
        }
    }
}

struct MemoryGroup: StoreGroup {
    let root: MemoryNode
    var path = "/"

    var identity: Int { ObjectIdentifier(root).hashValue }
    private var members: [String: MemoryNode] {
        if case .group(let members) = root.content { members } else { [:] }
    }
    var names: [String] { members.keys.sorted() }

    private func find(_ name: String) -> MemoryNode? {
        name.split(separator: "/").reduce(root as MemoryNode?) { node, component in
            guard case .group(let members)? = node?.content else { return nil }
            return members[String(component)]
        }
    }

    func contains(_ name: String) -> Bool { find(name) != nil }

    func node(_ name: String) throws(FormatError) -> StoreNode {
        guard let found = find(name) else {
            throw FormatError(
                code: "MISSING_ELEMENT", file: nil, element: path(of: name), message: "nothing there", remedy: "none")
        }
        if case .group = found.content { return .group(MemoryGroup(root: found, path: path(of: name))) }
        return .array(MemoryArray(node: found, path: path(of: name)))
    }

    func attribute(_ name: String) -> (any StoreValues)? {
        root.attributes[name].map { MemoryValues(content: $0.content, shape: $0.shape, element: "\(path)@\(name)") }
    }
}

struct MemoryArray: StoreArray {
    let node: MemoryNode
    let path: String

    var values: any StoreValues { MemoryValues(content: node.content, shape: node.shape, element: path) }

    func attribute(_ name: String) -> (any StoreValues)? {
        node.attributes[name].map { MemoryValues(content: $0.content, shape: $0.shape, element: "\(path)@\(name)") }
    }

    func field(_ name: String) throws(FormatError) -> any StoreValues {
        guard case .records(let fields) = node.content, let field = fields.first(where: { $0.name == name }) else {
            throw FormatError(code: "MISSING_ELEMENT", file: nil, message: "no field \(name)", remedy: "none")
        }
        return MemoryValues(content: field.content, shape: node.shape, element: "\(path)[\(name)]")
    }
}

struct MemoryValues: StoreValues, @unchecked Sendable {
    let content: MemoryNode.Content
    let shape: [Int]
    let element: String

    init(content: MemoryNode.Content, shape: [Int], element: String) {
        self.content = content
        self.element = element
        // Nothing has a type in a file, but no shape.
        if case .null = content { self.shape = [] } else { self.shape = shape }
    }

    var isNull: Bool { if case .null = content { true } else { false } }
    var kind: HDF5Kind {
        switch content {
        case .numbers(_, let kind): kind
        case .texts: .string
        case .records(let fields): .compound(fields: fields.map(\.name))
        case .null: .float(bytes: 4)
        case .group: .other("nothing")
        }
    }

    private func numbers() throws(FormatError) -> [Double] {
        if isNull { return [] }
        guard case .numbers(let values, _) = content else {
            throw FormatError(code: "DTYPE", file: nil, element: element, message: "no numbers", remedy: "none")
        }
        // As a file does, an array of another shape has other values.
        return (0..<count).map { values.isEmpty ? 0 : values[$0 % values.count] }
    }

    private func part(_ range: Range<Int>) throws(FormatError) -> [Double] {
        #expect(range.lowerBound >= 0 && range.upperBound <= shape.first ?? 0, "\(element) has no rows \(range)")
        let width = shape.dropFirst().reduce(1, *)
        return Array(try numbers()[range.lowerBound * width..<range.upperBound * width])
    }

    private func whole(_ value: Double) -> Int64 { Int64(exactly: value.rounded()) ?? (value > 0 ? .max : .min) }

    func floats() throws(FormatError) -> [Float] { try numbers().map { Float($0) } }
    func doubles() throws(FormatError) -> [Double] { try numbers() }
    func integers() throws(FormatError) -> [Int64] { try numbers().map(whole) }
    func booleans() throws(FormatError) -> [Bool] { try numbers().map { $0 != 0 } }
    func floats(in range: Range<Int>) throws(FormatError) -> [Float] { try part(range).map { Float($0) } }
    func doubles(in range: Range<Int>) throws(FormatError) -> [Double] { try part(range) }
    func integers(in range: Range<Int>) throws(FormatError) -> [Int64] { try part(range).map(whole) }
    func smallIntegers(in range: Range<Int>) throws(FormatError) -> [Int32] {
        try part(range).map { Int32(clamping: whole($0)) }
    }

    func strings(onInvalid: (Int) -> Void) throws(FormatError) -> [String] {
        guard case .texts(let texts) = content else {
            throw FormatError(code: "DTYPE", file: nil, element: element, message: "no text", remedy: "none")
        }
        return (0..<count).map { texts.isEmpty ? "" : texts[$0 % texts.count] }
    }
}
