import Foundation
import Networks
import Structure

/// The verb `weights import`: published AVICI checkpoints, exported as safetensors.
public struct WeightsImport {
    private let tensors: SafeTensors
    private let card: ModelCard

    /// - Throws: Where the file holds no card, another network than its card says, or another kind than AVICI's.
    public init(_ file: String) throws {
        (tensors, card) = try reading(file) {
            let tensors = try SafeTensors(file: file)
            return (tensors, try StructurePredictor(tensors, file: file).card)
        }
        guard case .avici = card.network else {
            throw Failure(
                code: "MISMATCH", file: file, element: ModelCard.metadataKey,
                message: "expected the network of AVICI, found one that reads statistics of pairs",
                remedy: "name this file with --weights as it is; only published checkpoints are imported",
                exit: .badData)
        }
    }

    /// Writes `NAME.safetensors` and, beside it, `NAME.card.json`; answers with what `weights show` says of them.
    public func write(to output: String) throws -> String {
        let text = String(decoding: try card.encoded(), as: UTF8.self)
        let checked = SafeTensors(entries: tensors.entries, metadata: [ModelCard.metadataKey: text])
        try reading(output) { try checked.write(to: output) }
        try OutputFile.write(text + "\n", to: OutputFile.beside(output, "card.json"))
        return try Weights.cardText(output)
    }

    /// The same as JSON.
    public func writeJSON(to output: String) throws -> String {
        _ = try write(to: output)
        return try Weights.cardJSON(output)
    }
}
