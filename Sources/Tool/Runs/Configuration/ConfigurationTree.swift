import Foundation
import Yams

/// A configuration as written: mappings, lists and scalars, each with the place where it stands.
indirect enum ConfigurationTree: Sendable {
    /// Where a value was written: `line 12`, or `--set fit.responses.draws`; nil for a default.
    typealias Place = String

    case scalar(String, quoted: Bool, Place?)
    case list([ConfigurationTree], Place?)
    /// Keys in the order of the file.
    case mapping([(key: String, value: ConfigurationTree, place: Place?)], Place?)

    var place: Place? {
        switch self {
        case .scalar(_, _, let place), .list(_, let place), .mapping(_, let place): place
        }
    }

    /// A plain `null`, `~` or nothing at all.
    var isNull: Bool {
        if case .scalar(let text, quoted: false, _) = self { return ["", "~", "null", "Null", "NULL"].contains(text) }
        return false
    }

    /// What stands here, in words, for an error.
    var kind: String {
        switch self {
        case .scalar(let text, let quoted, _): isNull ? "nothing" : quoted ? "the text '\(text)'" : "'\(text)'"
        case .list: "a list"
        case .mapping: "a section of keys"
        }
    }

    subscript(key: String) -> ConfigurationTree? {
        guard case .mapping(let pairs, _) = self else { return nil }
        return pairs.last { $0.key == key }?.value
    }

    // MARK: Reading

    /// Reads YAML; an empty document is an empty mapping.
    init(yaml: String, file: String?, place: Place? = nil) throws(Failure) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw .configuration(
                file: file, element: place ?? Self.line(of: error), message: Self.problem(of: error),
                remedy: "correct the YAML; two spaces indent a section, `key: value` needs its space")
        } catch {
            throw .configuration(file: file, element: place, message: "\(error)", remedy: "correct the YAML")
        }
        var room = Self.largestSize
        self =
            try node.map { node throws(Failure) in try Self(node, file: file, place: place, room: &room) }
            ?? .mapping([], place)
    }

    /// Values of a configuration at most: an alias (`*name`) that repeats another grows without bounds.
    private static let largestSize = 100_000

    private init(_ node: Node, file: String?, place: Place?, room: inout Int) throws(Failure) {
        let here = place ?? node.mark.map { "line \($0.line)" }
        room -= 1
        guard room >= 0 else {
            throw .configuration(
                file: file, element: here, message: "expected at most \(Self.largestSize) values, found more",
                remedy: "write the values out instead of repeating them by aliases (*name)")
        }
        switch node {
        case .scalar(let scalar):
            self = .scalar(scalar.string, quoted: scalar.style != .plain && scalar.style != .any, here)
        case .sequence(let sequence):
            var items: [ConfigurationTree] = []
            for item in sequence { items.append(try Self(item, file: file, place: place, room: &room)) }
            self = .list(items, here)
        case .mapping(let mapping):
            var pairs: [(key: String, value: ConfigurationTree, place: Place?)] = []
            for (key, value) in mapping {
                let keyPlace = place ?? key.mark.map { "line \($0.line)" }
                guard let name = key.string else {
                    throw .configuration(
                        file: file, element: keyPlace, message: "a key must be a word", remedy: "write `key: value`")
                }
                pairs.append((name, try Self(value, file: file, place: place, room: &room), keyPlace))
            }
            self = .mapping(pairs, here)
        case .alias:
            throw .configuration(
                file: file, element: here, message: "aliases (*name) are not read", remedy: "write the value out")
        }
    }

    /// Defaults, over them a YAML file, over both the settings `key=value`.
    init(defaults: some Encodable, file: String?, settings: [String]) throws(Failure) {
        var tree = ConfigurationTree(encoding: defaults)
        if let file {
            guard let data = FileManager.default.contents(atPath: file) else { throw .unreadable(file) }
            guard let text = String(data: data, encoding: .utf8) else {
                throw .configuration(
                    file: file, element: nil, message: "expected UTF-8 text", remedy: "save the file as UTF-8")
            }
            tree = tree.overlaid(with: try ConfigurationTree(yaml: text, file: file))
        }
        for setting in settings { tree = tree.overlaid(with: try ConfigurationTree(setting: setting)) }
        self = tree
    }

    /// The tree of an encodable value, without places: the defaults that a user's tree is laid over.
    init(encoding value: some Encodable) {
        do {
            let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value), options: .fragmentsAllowed)
            self = Self(json: object)
        } catch {
            preconditionFailure("defaults must be encodable: \(error)")
        }
    }

    private init(json: Any) {
        switch json {
        case let dictionary as [String: Any]:
            self = .mapping(
                dictionary.sorted { $0.key < $1.key }.map { ($0.key, Self(json: $0.value), nil) }, nil)
        case let array as [Any]:
            self = .list(array.map(Self.init(json:)), nil)
        case let string as String:
            self = .scalar(string, quoted: true, nil)
        case let number as NSNumber:
            // JSONSerialization gives Booleans as NSNumbers whose Objective-C type is a char.
            let isBoolean = String(cString: number.objCType) == "c"
            self = .scalar(isBoolean ? (number.boolValue ? "true" : "false") : "\(number)", quoted: false, nil)
        default:
            self = .scalar("null", quoted: false, nil)
        }
    }

    private static func line(of error: YamlError) -> Place? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): "line \(mark.line)"
        default: nil
        }
    }

    private static func problem(of error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
        default: "\(error)".split(separator: "\n").first.map(String.init) ?? "not YAML"
        }
    }

    /// The tree as YAML.
    var yaml: String {
        switch self {
        case .scalar(let text, let quoted, _): quoted ? "\"\(text)\"\n" : text + "\n"
        case .list(let items, _):
            items.isEmpty ? "[]\n" : "\n" + items.map { "- " + $0.yaml.indented }.joined()
        case .mapping(let pairs, _):
            pairs.isEmpty
                ? "{}\n"
                : pairs.map { key, value, _ in
                    if case .mapping(let inner, _) = value, !inner.isEmpty {
                        return "\(key):\n  \(value.yaml.indented)"
                    }
                    return "\(key): \(value.yaml.indented)"
                }.joined()
        }
    }

    // MARK: Laying over

    /// This tree with `other` laid over it: sections are merged key by key, everything else is replaced.
    func overlaid(with other: ConfigurationTree) -> ConfigurationTree {
        guard case .mapping(var pairs, let place) = self, case .mapping(let others, let otherPlace) = other else {
            return other
        }
        for new in others {
            if let index = pairs.firstIndex(where: { $0.key == new.key }) {
                pairs[index] = (new.key, pairs[index].value.overlaid(with: new.value), new.place ?? pairs[index].place)
            } else {
                pairs.append(new)
            }
        }
        return .mapping(pairs, otherPlace ?? place)
    }

    /// The tree that says only `path = value`, as `--set fit.responses.draws=3` does.
    init(setting assignment: String) throws(Failure) {
        let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw .configuration(
                file: nil, element: "--set \(assignment)", message: "expected key=value, found no '='",
                remedy: "write for example --set fit.responses.draws=3")
        }
        let place = "--set \(parts[0])"
        var tree = try ConfigurationTree(yaml: String(parts[1]), file: nil, place: place)
        for key in parts[0].split(separator: ".").reversed() { tree = .mapping([(String(key), tree, place)], place) }
        self = tree
    }
}

extension String {
    /// Every line but the first moved right by two spaces.
    fileprivate var indented: String {
        let lines = split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().map { $0 == 0 || $1.isEmpty ? String($1) : "  " + $1 }.joined(separator: "\n")
    }
}
