import Foundation
import Networks
import Reference
import Structure

/// Trained weights, by the name under which they ship or by file.
public enum Weights {
    /// The weights in use where nothing else is said.
    public static let standard = "pairwise-v0"

    /// The file of the weights.
    static func file(_ nameOrFile: String) throws(Failure) -> String {
        if let path = ReferenceFile.weights(nameOrFile).path { return path }
        guard FileManager.default.fileExists(atPath: nameOrFile) else {
            throw Failure(
                code: "NOT_FOUND", file: nameOrFile,
                message: "expected weights that ship (\(ReferenceFile.weightNames.joined(separator: ", "))) or a file",
                remedy: "interventome weights list", exit: .inputMissing)
        }
        return nameOrFile
    }

    /// The cards of all weights that ship.
    public static func list() throws -> [ModelCard] { try ReferenceFile.weightNames.map(card) }

    public static func card(_ nameOrFile: String) throws -> ModelCard {
        let file = try file(nameOrFile)
        return try ModelCard(SafeTensors(file: file), file: file)
    }
}
