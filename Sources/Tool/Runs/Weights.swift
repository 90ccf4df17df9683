import AnnotatedData
import Foundation
import KernelMechanisms
import MechanismNetworks
import Networks
import Reference
import Structure

/// Trained weights, by the name under which they ship or by file.
public enum Weights {
    /// The weights in use where nothing else is said.
    public static let standard = "pairwise"

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

    /// What weights are for.
    private enum Card {
        case structure(ModelCard)
        case mechanisms(MechanismCard)
        case fixedPoints(FixedPointCard)

        var value: any Encodable {
            switch self {
            case .structure(let card): card
            case .mechanisms(let card): card
            case .fixedPoints(let card): card
            }
        }
    }

    private static func card(_ nameOrFile: String) throws -> Card {
        let file = try ReferenceFile.mechanisms(nameOrFile).path ?? file(nameOrFile)
        return try reading(file) {
            let tensors = try SafeTensors(file: file)
            if FixedPointCard.describes(tensors) { return .fixedPoints(try FixedPointCard(tensors, file: file)) }
            if let card = try? MechanismCard(tensors, file: file) { return .mechanisms(card) }
            return .structure(try ModelCard(tensors, file: file))
        }
    }

    private static var names: [String] { ReferenceFile.weightNames + ReferenceFile.mechanismNames }

    // MARK: In words

    public static func listText() throws -> String {
        try names.map { name in
            switch try card(name) {
            case .structure(let card):
                let panel = "\(card.genes.lowerBound) to \(card.genes.upperBound) genes"
                return "\(name)  version \(card.version), \(seen(card)), \(panel)"
            case .mechanisms(let card): return "\(name)  \(MechanismCardText(card: card).line)"
            case .fixedPoints(let card): return "\(name)  \(FixedPointCardText(card: card).line)"
            }
        }.joined(separator: "\n")
    }

    public static func listJSON() throws -> String {
        "["
            + (try names.map { String(decoding: CanonicalJSON.encode(try card($0).value), as: UTF8.self) })
            .joined(separator: ",") + "]"
    }

    public static func cardJSON(_ nameOrFile: String) throws -> String {
        String(decoding: CanonicalJSON.encode(try card(nameOrFile).value), as: UTF8.self)
    }

    public static func cardText(_ nameOrFile: String) throws -> String {
        switch try card(nameOrFile) {
        case .structure(let card): text(card)
        case .mechanisms(let card): MechanismCardText(card: card).page
        case .fixedPoints(let card): FixedPointCardText(card: card).page
        }
    }

    private static func text(_ card: ModelCard) -> String {
        let validation = card.validation.map(words) + (card.validation.isEmpty ? ["  none"] : [])
        return """
            name          \(card.name), version \(card.version)
            trained on    \(card.trainingDistribution)
            panel         \(card.genes.lowerBound) to \(card.genes.upperBound) genes, \(card.cells.lowerBound) to \(card.cells.upperBound) cells
            network       \(network(card))
            compute       \(compute(card))
            validation
            \(validation.joined(separator: "\n"))
            calibration   \(calibration(card))
            intended use  \(card.intendedUse)
            limits        \(card.limits)
            """
    }

    private static func words(_ validation: ModelCard.Validation) -> String {
        // There is nothing to rank where there are no edges.
        let precision =
            validation.prevalence > 0
            ? [
                String(
                    format: "average precision %.3f, at random %.3f", validation.averagePrecision, validation.prevalence
                )
            ]
            : ["no edges"]
        let entropy = validation.crossEntropy.map { String(format: "cross-entropy %.3f", $0) }
        let parts = precision + [entropy].compactMap { $0 } + [counted(validation.worlds, "world", "worlds")]
        return "  \(validation.domain): \(parts.joined(separator: ", "))"
    }

    private static func calibration(_ card: ModelCard) -> String {
        guard let calibration = card.calibration else { return "not measured" }
        let line = String(
            format: "logits are scaled by %.3f and moved by %.3f; expected calibration error by domain:",
            calibration.scaling.slope, calibration.scaling.offset)
        let domains = calibration.domains.map {
            "  \($0.name): "
                + String(
                    format: "%.4f, unscaled %.4f", $0.after.expectedCalibrationError, $0.before.expectedCalibrationError
                )
                + " (\(counted($0.worlds, "world", "worlds")))"
        }
        return ([line] + domains).joined(separator: "\n")
    }

    private static func seen(_ card: ModelCard) -> String {
        card.worldsSeen.map { counted($0, "world", "worlds") } ?? counted(card.steps, "step", "steps")
    }

    private static func network(_ card: ModelCard) -> String {
        switch card.network {
        case .pairwise(let size):
            "pairwise, \(counted(size.blocks, "block", "blocks")) of \(counted(size.width, "channel", "channels"))"
        case .avici(let size):
            "avici, \(counted(size.layers, "double layer", "double layers")) of "
                + "\(counted(size.width, "channel", "channels")), reads "
                + (size.input == .counts ? "counts" : "any values")
        }
    }

    private static func compute(_ card: ModelCard) -> String {
        var parts = [card.worldsSeen.map { counted($0, "world", "worlds") }, counted(card.steps, "step", "steps")]
            .compactMap { $0 }
        if let seconds = card.trainingSeconds, let cores = card.cores {
            parts.append(String(format: "%.0f s", seconds) + " on \(counted(cores, "core", "cores"))")
        }
        return parts.joined(separator: ", ")
    }
}
