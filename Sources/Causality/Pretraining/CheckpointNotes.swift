import Foundation
import Networks

/// What a checkpoint says of the training that it is of, beside weights: the form of these notes, the options, and how far
/// the training has come.
struct CheckpointNotes: Sendable {
    private let notes: [String: String]
    private let file: String

    private static let (schemaName, optionsName, courseName) = ("training schema", "options", "course")

    /// As a checkpoint holds them.
    /// - Parameter schema: The kind of training, and a number that counts the forms its notes have had.
    static func text(schema: String, options: some Encodable, course: some Encodable) throws -> [String: String] {
        [schemaName: schema, optionsName: try text(options), courseName: try text(course)]
    }

    /// Of a checkpoint that was read.
    /// - Throws: `MISMATCH` where it is of another kind of training, or of another version's form.
    init(_ state: Checkpoint, schema: String, file: String) throws {
        (notes, self.file) = (state.notes, file)
        let found = state.notes[Self.schemaName]
        guard found == schema else {
            throw mismatch(
                Self.schemaName, "expected the form \(schema) of checkpoints, found \(found ?? "none")")
        }
    }

    /// - Parameter completed: What is read instead of the text that was found.
    func options<Options: Decodable>(
        _ type: Options.Type, completed: (String) throws -> Data = { Data($0.utf8) }
    ) throws -> Options { try read(type, Self.optionsName, completed) }

    func course<Course: Decodable>(_ type: Course.Type) throws -> Course {
        try read(type, Self.courseName) { Data($0.utf8) }
    }

    func mismatch(_ element: String, _ message: String) -> WeightsError {
        WeightsError(
            code: "MISMATCH", file: file, element: element, message: message,
            remedy: "resume with the options of that training, or start anew")
    }

    private func read<Value: Decodable>(
        _ type: Value.Type, _ name: String, _ completed: (String) throws -> Data
    ) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: completed(notes[name] ?? ""))
        } catch {
            throw mismatch(name, "expected what this version writes, found something else")
        }
    }

    /// The same bytes for the same value.
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
