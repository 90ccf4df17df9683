/// Decodes a configuration tree strictly: a key that no type asks for is an error with its line and the known keys, and
/// so is a value of the wrong kind.
///
/// `Decodable` types ask for each of their keys, also for those that may be absent, so the keys asked for are the
/// known ones.
struct ConfigurationDecoder: Decoder {
    let tree: ConfigurationTree
    let file: String?
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    /// The keys asked for at this level.
    private let asked = AskedKeys()
    /// The paths of all keys, at any level, that were asked for and are not there.
    private let absent: AbsentPaths

    private init(
        tree: ConfigurationTree, file: String?, codingPath: [any CodingKey] = [], absent: AbsentPaths = .init()
    ) {
        self.tree = tree
        self.file = file
        self.codingPath = codingPath
        self.absent = absent
    }

    /// The tree of an encodable value with every key that its type knows: those without a value are null.
    static func completeTree<Value: Codable>(of value: Value) throws(Failure) -> ConfigurationTree {
        let tree = ConfigurationTree(encoding: value)
        let decoder = ConfigurationDecoder(tree: tree, file: nil)
        _ = try decoder.checked(Value.self)
        return decoder.absent.paths.reduce(tree) { tree, path in
            let leaf = ConfigurationTree.scalar("null", quoted: false, nil)
            return tree.overlaid(with: path.reversed().reduce(leaf) { .mapping([($1, $0, nil)], nil) })
        }
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from tree: ConfigurationTree, file: String?
    ) throws(Failure) -> Value {
        try ConfigurationDecoder(tree: tree, file: file).checked(type)
    }

    private func checked<Value: Decodable>(_ type: Value.Type) throws(Failure) -> Value {
        do {
            return try value(type)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .configuration(
                file: file, element: nil, message: "\(error)", remedy: "compare with the documented configuration")
        }
    }

    /// Decodes and then checks that every key given was asked for.
    fileprivate func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let result: Value
        do {
            result = try Value(from: self)
        } catch DecodingError.dataCorrupted(let context) {
            if type is any RangeExpression.Type { throw wrong(expected: "a range, the smaller number first") }
            let words = (type as? any CaseIterable.Type).map { Self.words($0) } ?? []
            throw wrong(expected: words.isEmpty ? context.debugDescription : "one of " + words.joined(separator: ", "))
        }
        if case .mapping(let pairs, _) = tree, asked.isKeyed {
            for pair in pairs where !asked.keys.contains(pair.key) {
                throw Failure.configuration(
                    file: file, element: pair.place, message: "unknown key '\(path(to: pair.key))'",
                    remedy: "known keys here: \(asked.keys.sorted().joined(separator: ", "))")
            }
        }
        return result
    }

    /// The words that an enumeration takes.
    private static func words<Value: CaseIterable>(_ type: Value.Type) -> [String] {
        type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    }

    private func path(to key: String) -> String { (codingPath.map(\.stringValue) + [key]).joined(separator: ".") }

    fileprivate func wrong(expected: String) -> Failure {
        .configuration(
            file: file, element: tree.place,
            message:
                "\(codingPath.map(\.stringValue).joined(separator: ".")): expected \(expected), found \(tree.kind)",
            remedy: "correct the value")
    }

    private final class AskedKeys {
        var isKeyed = false
        var keys: Set<String> = []
    }

    private final class AbsentPaths {
        var paths: [[String]] = []
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .mapping = tree else { throw wrong(expected: "a section of keys") }
        asked.isKeyed = true
        return KeyedDecodingContainer(Keyed(decoder: self, asked: asked))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .list(let items, _) = tree else { throw wrong(expected: "a list") }
        return Items(decoder: self, items: items)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(decoder: self) }

    // MARK: Containers

    private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let decoder: ConfigurationDecoder
        let asked: AskedKeys
        var codingPath: [any CodingKey] { decoder.codingPath }
        var allKeys: [Key] {
            guard case .mapping(let pairs, _) = decoder.tree else { return [] }
            // A dictionary takes whatever keys there are.
            asked.keys.formUnion(pairs.map(\.key))
            return pairs.compactMap { Key(stringValue: $0.key) }
        }

        private func child(_ key: Key) -> ConfigurationDecoder? {
            let isNew = asked.keys.insert(key.stringValue).inserted
            guard let tree = decoder.tree[key.stringValue] else {
                if isNew { decoder.absent.paths.append((codingPath + [key]).map(\.stringValue)) }
                return nil
            }
            return ConfigurationDecoder(
                tree: tree, file: decoder.file, codingPath: codingPath + [key], absent: decoder.absent)
        }

        func contains(_ key: Key) -> Bool { child(key) != nil }

        func decodeNil(forKey key: Key) throws -> Bool { child(key)?.tree.isNull ?? true }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            guard let child = child(key) else {
                throw Failure.configuration(
                    file: decoder.file, element: decoder.tree.place,
                    message: "'\(decoder.path(to: key.stringValue))' is needed and missing",
                    remedy: "add `\(key.stringValue): …`")
            }
            return try child.value(type)
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            try superDecoder(forKey: key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try superDecoder(forKey: key).unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder { decoder }

        func superDecoder(forKey key: Key) throws -> any Decoder {
            child(key)
                ?? ConfigurationDecoder(
                    tree: .mapping([], nil), file: decoder.file, codingPath: codingPath + [key])
        }
    }

    private struct Items: UnkeyedDecodingContainer {
        let decoder: ConfigurationDecoder
        let items: [ConfigurationTree]
        var currentIndex = 0
        var codingPath: [any CodingKey] { decoder.codingPath }
        var count: Int? { items.count }
        var isAtEnd: Bool { currentIndex == items.count }

        private mutating func next() throws -> ConfigurationDecoder {
            guard !isAtEnd else { throw decoder.wrong(expected: "a list of more than \(items.count) values") }
            defer { currentIndex += 1 }
            return ConfigurationDecoder(
                tree: items[currentIndex], file: decoder.file, codingPath: codingPath, absent: decoder.absent)
        }

        mutating func decodeNil() throws -> Bool {
            guard !isAtEnd, items[currentIndex].isNull else { return false }
            currentIndex += 1
            return true
        }

        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().value(type) }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> { try next().container(keyedBy: type) }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try next().unkeyedContainer()
        }

        mutating func superDecoder() throws -> any Decoder { try next() }
    }

    private struct Single: SingleValueDecodingContainer {
        let decoder: ConfigurationDecoder
        var codingPath: [any CodingKey] { decoder.codingPath }

        private func text(_ expected: String) throws -> String {
            guard case .scalar(let text, _, _) = decoder.tree, !decoder.tree.isNull else {
                throw decoder.wrong(expected: expected)
            }
            return text
        }

        private func number<Value: LosslessStringConvertible>(_ type: Value.Type, _ expected: String) throws -> Value {
            guard let value = Value(try text(expected)) else { throw decoder.wrong(expected: expected) }
            return value
        }

        func decodeNil() -> Bool { decoder.tree.isNull }
        func decode(_ type: Bool.Type) throws -> Bool {
            switch try text("true or false") {
            case "true", "True", "TRUE", "yes", "on": true
            case "false", "False", "FALSE", "no", "off": false
            default: throw decoder.wrong(expected: "true or false")
            }
        }
        func decode(_ type: String.Type) throws -> String { try text("a text") }
        func decode(_ type: Double.Type) throws -> Double { try number(type, "a number") }
        func decode(_ type: Float.Type) throws -> Float { try number(type, "a number") }
        func decode(_ type: Int.Type) throws -> Int { try number(type, "a whole number") }
        func decode(_ type: Int8.Type) throws -> Int8 { try number(type, "a whole number") }
        func decode(_ type: Int16.Type) throws -> Int16 { try number(type, "a whole number") }
        func decode(_ type: Int32.Type) throws -> Int32 { try number(type, "a whole number") }
        func decode(_ type: Int64.Type) throws -> Int64 { try number(type, "a whole number") }
        func decode(_ type: UInt.Type) throws -> UInt { try number(type, "a whole number, at least 0") }
        func decode(_ type: UInt8.Type) throws -> UInt8 { try number(type, "a whole number, at least 0") }
        func decode(_ type: UInt16.Type) throws -> UInt16 { try number(type, "a whole number, at least 0") }
        func decode(_ type: UInt32.Type) throws -> UInt32 { try number(type, "a whole number, at least 0") }
        func decode(_ type: UInt64.Type) throws -> UInt64 { try number(type, "a whole number, at least 0") }
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.value(type) }
    }
}
