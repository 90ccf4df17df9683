import Foundation
import Networks

extension PerturbationModel {
    /// Writes the four files of a model.
    /// - Parameter description: What `model.json` holds.
    /// - Throws: `InterventionError` (`CANNOT_WRITE`).
    public func write(_ description: some Encodable, _ tensors: SafeTensors, to directory: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let files: [(String, () throws -> Data)] = [
            ("model.safetensors", { tensors.encoded() }), ("model.json", { try encoder.encode(description) }),
            ("edges.tsv", { Data(edgeTable.utf8) }), ("targets.tsv", { Data(targetTable.utf8) }),
        ]
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            for (name, data) in files {
                try data().write(to: directory.appendingPathComponent(name), options: .atomic)
            }
        } catch {
            throw InterventionError(
                code: "CANNOT_WRITE", file: directory.path,
                message: "a model could not be written: \(error.localizedDescription)",
                remedy: "choose a folder that you may write to, on a disk with room")
        }
    }
}
