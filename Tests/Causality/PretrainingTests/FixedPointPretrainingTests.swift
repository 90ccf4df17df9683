import Foundation
import MechanismNetworks
import Networks
import Simulators
import Testing

@testable import Pretraining

@Suite struct FixedPointPretrainingTests {
    private static var tiny: FixedPointPretrainingOptions {
        var options = FixedPointPretrainingOptions()
        options.size.encoder = .init(width: 8, heads: 2, keySize: 4, hidden: 8, layers: 1, dropout: 0)
        options.size.decoder = .init(width: 8, heads: 2, keySize: 4, hidden: 8, layers: 1, dropout: 0.1)
        (options.size.headWidth, options.size.dataLayers) = (8, 1)
        (options.nodes, options.rows) = (3...5, 20...24)
        (options.encoderSteps, options.decoderSteps, options.warmupSteps, options.worldsPerStep) = (4, 4, 1, 3)
        (options.averageInterval, options.validationInterval, options.checkpointInterval) = (1, 2, 2)
        (options.validationWorlds, options.validationNodes, options.validationRows) = (1, 4, 20)
        return options
    }

    private func temporary() -> String {
        FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
    }

    /// Stopped in the encoder's half and in the decoder's.
    @Test(arguments: [3, 6]) func threadsAndInterruptionsDoNotMatter(stop: Int) throws {
        let training = FixedPointPretraining(options: Self.tiny)
        let whole = try #require(try training.run(workers: 1))
        let parallel = try #require(try training.run(workers: 3))
        #expect(whole.tensors.entries == parallel.tensors.entries)

        let checkpoint = temporary()
        defer { try? FileManager.default.removeItem(atPath: checkpoint) }
        var steps = 0
        let stopped = try training.run(
            checkpointFile: checkpoint, workers: 2,
            shouldStop: {
                steps += 1
                return steps > stop
            })
        #expect(stopped == nil)
        let resumed = try #require(try training.run(checkpointFile: checkpoint, resuming: true, workers: 1))
        #expect(resumed.tensors.entries == whole.tensors.entries)
        #expect(resumed.history.map(\.step) == [2, 4, 6, 8])
        #expect(resumed.history.map { $0.validation[0].error == nil } == [true, true, false, false])
        #expect(resumed.card.worldsSeen == 24)
        #expect(resumed.history.table.split(separator: "\n").count == 1 + 4 * MechanismDomain.standard.count)
        var other = Self.tiny
        other.seed = 1
        #expect(throws: WeightsError.self) {
            try FixedPointPretraining(options: other).run(checkpointFile: checkpoint, resuming: true, workers: 1)
        }
    }

    /// The encoder stays to the bit what its half left, while the decoder moves.
    @Test func theDecoderLeavesTheEncoderAlone() throws {
        var options = Self.tiny
        options.decoderSteps = 1
        let short = try #require(try FixedPointPretraining(options: options).run(workers: 1))
        options.decoderSteps = 3
        let long = try #require(try FixedPointPretraining(options: options).run(workers: 1))
        for (a, b) in zip(short.tensors.entries, long.tensors.entries) {
            #expect((a.values == b.values) == a.name.hasPrefix("encoder."), "\(a.name)")
        }
    }

    /// Linear worlds of three nodes: both halves learn within a hundred steps.
    @Test func lossesFall() throws {
        var options = Self.tiny
        options.domains = [MechanismDomain.standard[0]]
        options.nodes = 3...3
        options.size.decoder.dropout = 0
        options.optimiser.learningRate = 3e-3
        (options.encoderSteps, options.decoderSteps, options.worldsPerStep) = (120, 120, 4)
        options.validationInterval = 20
        let result = try #require(try FixedPointPretraining(options: options).run(workers: 2))
        let losses = result.history.map(\.loss)
        #expect(losses.count == 12)
        // Of nothing learned about nodes with parents the loss is about 0.6; a tenth off is far beyond its noise over 80 worlds.
        #expect(losses[5] < 0.9 * losses[0], "\(losses)")
        #expect(losses[11] < 0.9 * losses[6], "\(losses)")
    }

    @Test func weightsAreReadBack() throws {
        let file = temporary()
        let base = URL(fileURLWithPath: file).deletingPathExtension()
        defer {
            for ending in ["safetensors", "card.json", "history.tsv"] {
                try? FileManager.default.removeItem(at: base.appendingPathExtension(ending))
            }
        }
        let result = try #require(try FixedPointPretraining(options: Self.tiny).run(workers: 1))
        try result.write(to: file)
        #expect(try FixedPointModel(file: file).card == result.card)
    }

    @Test func impossibleSettingsAreRefused() {
        for change in [
            { $0.rows = 5...20 }, { $0.warmupSteps = 10_001 }, { $0.size.dataLayers = 0 }, { $0.domains = [] },
            { $0.encoderDecay = -1 }, { $0.averageInterval = 0 },
        ] as [(inout FixedPointPretrainingOptions) -> Void] {
            var options = FixedPointPretrainingOptions()
            change(&options)
            let error = #expect(throws: SimulationError.self) { try options.validate() }
            #expect(error?.code == "OPTION")
        }
    }
}
