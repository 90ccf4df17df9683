import AnnotatedData
import Foundation
import MechanismNetworks

/// The card of a fixed-point network, for people.
struct FixedPointCardText {
    let card: FixedPointCard

    private var seen: String { counted(card.worldsSeen, "world", "worlds") }

    private var panel: String { "\(card.nodes.lowerBound) to \(card.nodes.upperBound) genes" }

    var line: String { "version \(card.version), mechanisms, \(seen), \(panel)" }

    var page: String {
        let validation = card.validation.map { one in
            "  \(one.domain): " + String(format: "error %.3f", one.error ?? one.encoderError)
                + " standard deviations, \(counted(one.worlds, "world", "worlds"))"
        }
        let compute = [
            seen, counted(card.steps, "step", "steps"),
            String(format: "%.0f s", card.trainingSeconds) + " on \(counted(card.cores, "core", "cores"))",
        ]
        let (encoder, decoder) = (card.network.encoder, card.network.decoder)
        return """
            name          \(card.name), version \(card.version)
            trained on    \(card.trainingDistribution)
            panel         \(panel), \(card.rows.lowerBound) to \(card.rows.upperBound) cells
            network       \(encoder.layers) pairs of blocks of \(encoder.width) channels, \(decoder.layers) adaptive ones of \(decoder.width)
            compute       \(compute.joined(separator: ", "))
            validation
            \((validation.isEmpty ? ["  none"] : validation).joined(separator: "\n"))
            intended use  \(card.intendedUse)
            limits        \(card.limits)
            """
    }
}
