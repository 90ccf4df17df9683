import Foundation
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

    private static func card(_ nameOrFile: String) throws -> ModelCard {
        let file = try file(nameOrFile)
        return try reading(file) { try ModelCard(SafeTensors(file: file), file: file) }
    }

    // MARK: In words

    public static func listText() throws -> String {
        try ReferenceFile.weightNames.map { name in
            let card = try card(name)
            let panel = "\(card.genes.lowerBound) to \(card.genes.upperBound) genes"
            return "\(name)  version \(card.version), \(seen(card)), \(panel)"
        }.joined(separator: "\n")
    }

    public static func listJSON() throws -> String {
        String(decoding: CanonicalJSON.encode(try ReferenceFile.weightNames.map(card)), as: UTF8.self)
    }

    public static func cardJSON(_ nameOrFile: String) throws -> String {
        String(decoding: CanonicalJSON.encode(try card(nameOrFile)), as: UTF8.self)
    }

    public static func cardText(_ nameOrFile: String) throws -> String {
        let card = try card(nameOrFile)
        let validation = card.validation.map {
            "  \($0.domain): average precision "
                + String(format: "%.3f, at random %.3f", $0.averagePrecision, $0.prevalence) + " (\($0.worlds) worlds)"
        }
        let calibration = card.calibration.map { calibration in
            String(
                format: "logits times %.3f plus %.3f; expected calibration error on other worlds, before and after:",
                calibration.scaling.slope, calibration.scaling.offset)
                + calibration.domains.map { domain in
                    "\n  \(domain.name): "
                        + String(
                            format: "%.3f, %.3f", domain.before.expectedCalibrationError,
                            domain.after.expectedCalibrationError) + " (\(domain.worlds) worlds)"
                }.joined()
        }
        return """
            name          \(card.name), version \(card.version)
            trained on    \(card.trainingDistribution)
            panel         \(card.genes.lowerBound) to \(card.genes.upperBound) genes, \(card.cells.lowerBound) to \(card.cells.upperBound) cells
            network       \(network(card))
            compute       \(compute(card))
            validation
            \(validation.joined(separator: "\n"))
            calibration   \(calibration ?? "not measured")
            intended use  \(card.intendedUse)
            limits        \(card.limits)
            """
    }

    private static func seen(_ card: ModelCard) -> String {
        card.worldsSeen.map { "\($0) worlds" } ?? "\(card.steps) steps"
    }

    private static func network(_ card: ModelCard) -> String {
        switch card.network {
        case .pairwise(let size): "pairwise, \(size.blocks) blocks of \(size.width) channels"
        case .avici(let size):
            "avici, \(size.layers) double layers of \(size.width) channels, reads "
                + (size.input == .counts ? "counts" : "any values")
        }
    }

    private static func compute(_ card: ModelCard) -> String {
        var parts = [card.worldsSeen.map { "\($0) worlds" }, "\(card.steps) steps"].compactMap { $0 }
        if let seconds = card.trainingSeconds, let cores = card.cores {
            parts.append(String(format: "%.0f s", seconds) + " on \(cores) cores")
        }
        return parts.joined(separator: ", ")
    }
}
