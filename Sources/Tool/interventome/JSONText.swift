import Runs

/// One JSON object from a few values, for the verbs whose answer is no type of its own.
enum JSONText {
    static func of(_ value: some Encodable) -> String { text(value) }

    static func of(_ lists: [String: [String]], _ flags: [String: Bool]) -> String {
        let parts = [text(lists), text(flags)].map { $0.dropFirst().dropLast() }.filter { !$0.isEmpty }
        return "{" + parts.joined(separator: ",") + "}"
    }

    private static func text(_ value: some Encodable) -> String {
        String(decoding: CanonicalJSON.encode(value), as: UTF8.self)
    }
}
