import Foundation
import KernelMechanisms
import Networks
import Probability
import Simulators
import Testing

@testable import Pretraining

@Suite struct MechanismPretrainingTests {
    private static var tiny: MechanismPretrainingOptions {
        var options = MechanismPretrainingOptions()
        (options.reader.rounds, options.reader.width) = (2, 6)
        options.nodes = 4...6
        options.rows = 20...30
        (options.steps, options.warmupSteps, options.decaySteps, options.worldsPerStep) = (6, 1, 2, 3)
        (options.validationInterval, options.checkpointInterval) = (3, 2)
        (options.validationWorlds, options.validationNodes, options.validationRows) = (1, 4, 20)
        return options
    }

    private func temporary() -> String {
        FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
    }

    @Test func threadsAndInterruptionsDoNotMatter() throws {
        let training = MechanismPretraining(options: Self.tiny)
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
                return steps > 3
            })
        #expect(stopped == nil)
        let resumed = try #require(try training.run(checkpointFile: checkpoint, resuming: true, workers: 1))
        #expect(resumed.tensors.entries == whole.tensors.entries)
        #expect(resumed.history.map(\.step) == [3, 6])
        #expect(resumed.card.regressionsSeen == whole.card.regressionsSeen)
        #expect(resumed.card.worldsSeen == 18)
        #expect(resumed.history.table.split(separator: "\n").count == 1 + 2 * MechanismDomain.standard.count)
    }

    @Test func aTrainingOfOtherOptionsIsNotResumed() throws {
        let checkpoint = temporary()
        defer { try? FileManager.default.removeItem(atPath: checkpoint) }
        var options = Self.tiny
        options.steps = 2
        options.decaySteps = 0
        _ = try MechanismPretraining(options: options).run(checkpointFile: checkpoint, workers: 1)
        // More steps are no other options while the learning rate has not fallen.
        options.steps = 3
        let extended = try MechanismPretraining(options: options).run(
            checkpointFile: checkpoint, resuming: true, workers: 1)
        #expect(extended?.card.steps == 3)
        options.seed = 1
        #expect(throws: WeightsError.self) {
            try MechanismPretraining(options: options).run(checkpointFile: checkpoint, resuming: true, workers: 1)
        }
        // Half of the three steps would have had a falling rate.
        options.seed = 0
        options.decaySteps = 2
        #expect(throws: WeightsError.self) {
            try MechanismPretraining(options: options).run(checkpointFile: checkpoint, resuming: true, workers: 1)
        }
    }

    @Test func weightsAreReadBack() throws {
        let file = temporary()
        let base = URL(fileURLWithPath: file).deletingPathExtension()
        defer {
            for ending in ["safetensors", "card.json", "history.tsv"] {
                try? FileManager.default.removeItem(at: base.appendingPathExtension(ending))
            }
        }
        let result = try #require(try MechanismPretraining(options: Self.tiny).run(workers: 1))
        try result.write(to: file)
        #expect(try AmortisedKernelModel(file: file).card == result.card)
    }

    @Test func lessonsHaveOneOfEachDomain() {
        for (place, domain) in MechanismDomain.standard.enumerated() {
            let world = MechanismLessons(
                domain: domain, nodes: 8, rows: 30, most: 3, stream: RandomStream(seed: UInt64(place)))
            #expect((1...3).contains(world.lessons.count), "\(domain.name)")
        }
    }

    @Test func impossibleSettingsAreRefused() {
        for change in [
            { $0.rows = 5...20 }, { $0.decaySteps = 38_000 }, { $0.reader.rounds = 0 }, { $0.domains = [] },
            { $0.domains[0].mechanisms = [] },
        ] as [(inout MechanismPretrainingOptions) -> Void] {
            var options = MechanismPretrainingOptions()
            change(&options)
            let error = #expect(throws: SimulationError.self) { try options.validate() }
            #expect(error?.code == "OPTION")
        }
    }
}
