import Tensors

extension Weights {
    /// The parameters as tensors of a file, each name behind `prefix`.
    public func entries(prefix: String = "") -> [SafeTensors.Entry] {
        zip(names, parameters).map { SafeTensors.Entry(name: prefix + $0, shape: $1.shape, values: self[$1]) }
    }

    /// Takes the values of a file that has every parameter in its shape, with finite values, and behind `prefix` no
    /// other tensor.
    public mutating func load(_ tensors: SafeTensors, prefix: String = "", file: String? = nil) throws {
        func mismatch(_ element: String, _ message: String) -> WeightsError {
            WeightsError(
                code: "MISMATCH", file: file, element: element, message: message,
                remedy: "use weights of the same kind of network and the same settings")
        }
        let entries = tensors.entries.filter { $0.name.hasPrefix(prefix) }
        let found = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })
        let expected = names.map { prefix + $0 }
        let missing = expected.filter { found[$0] == nil }
        guard missing.isEmpty else {
            throw mismatch(
                missing[0], "expected \(names.count) tensors, \(missing.count) are missing: \(Self.list(missing))")
        }
        let known = Set(expected)
        let unknown = entries.map(\.name).filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw mismatch(
                unknown[0], "expected \(names.count) tensors, found \(unknown.count) others: \(Self.list(unknown))")
        }
        var loaded = values
        for (name, parameter) in zip(expected, parameters) {
            let entry = found[name]!
            guard entry.shape == parameter.shape else {
                throw mismatch(name, "expected the shape \(parameter.shape), found \(entry.shape)")
            }
            try entry.requireFinite(file: file)
            loaded.replaceSubrange(parameter.range, with: entry.values)
        }
        values = loaded
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
    }
}

extension SafeTensors.Entry {
    func requireFinite(file: String?) throws {
        guard let place = values.firstIndex(where: { !$0.isFinite }) else { return }
        throw WeightsError(
            code: "NOT_FINITE", file: file, element: name,
            message: "expected finite values, found \(values[place]) at place \(place)",
            remedy: "use weights of a training that did not diverge")
    }
}
