import AnnotatedData
import Foundation
import KernelMechanisms

/// The card of a reader of mechanisms, for people.
struct MechanismCardText {
    let card: MechanismCard

    private var seen: String { counted(card.worldsSeen, "world", "worlds") }

    private var panel: String { "\(card.nodes.lowerBound) to \(card.nodes.upperBound) genes" }

    var line: String { "version \(card.version), mechanisms, \(seen), \(panel)" }

    var page: String {
        let validation = card.validation.map {
            "  \($0.domain): " + String(format: "error %.3f, least squares %.3f", $0.error, $0.leastSquaresError)
                + " standard deviations, \(counted($0.regressions, "regression", "regressions"))"
        }
        let compute = [
            seen, counted(card.regressionsSeen, "regression", "regressions"), counted(card.steps, "step", "steps"),
            String(format: "%.0f s", card.trainingSeconds) + " on \(counted(card.cores, "core", "cores"))",
        ]
        let size = card.reader
        return """
            name          \(card.name), version \(card.version)
            trained on    \(card.trainingDistribution)
            panel         \(panel), \(card.rows.lowerBound) to \(card.rows.upperBound) cells
            network       \(counted(size.rounds, "round", "rounds")) of \(counted(size.width, "channel", "channels"))
            compute       \(compute.joined(separator: ", "))
            validation
            \((validation.isEmpty ? ["  none"] : validation).joined(separator: "\n"))
            intended use  \(card.intendedUse)
            limits        \(card.limits)
            """
    }
}
