import Foundation
import Matrices
import Networks
import Probability
import Simulators
import Structure
import Testing

@testable import Pretraining

@Suite struct StructurePretrainingTests {
    static var tiny: StructurePretrainingOptions {
        var options = StructurePretrainingOptions()
        options.network.width = 8
        options.network.blocks = 1
        options.network.heads = 2
        options.network.triangleWidth = 4
        options.genes = 3...5
        options.cells = 30...50
        options.steps = 8
        options.warmupSteps = 2
        options.worldsPerStep = 3
        options.validationInterval = 4
        options.checkpointInterval = 4
        options.validationWorlds = 2
        options.validationGenes = 4
        options.validationCells = 40
        return options
    }

    private func temporary() -> String {
        FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
    }

    @Test func aStoppedTrainingGoesOnToTheSameBytes() throws {
        let training = StructurePretraining(options: Self.tiny)
        let file = temporary()
        defer { try? FileManager.default.removeItem(atPath: file) }
        let whole = try training.run(workers: 1)
        _ = try training.run(checkpointFile: file, lastStep: 5, workers: 3)
        let resumed = try training.run(checkpointFile: file, resuming: true, workers: 2)
        #expect(resumed.tensors.entries == whole.tensors.entries)
        #expect(resumed.card.validation == whole.card.validation && resumed.card.worldsSeen == 24)
        var other = Self.tiny
        other.steps = 9
        let error = #expect(throws: WeightsError.self) {
            try StructurePretraining(options: other).run(checkpointFile: file, resuming: true)
        }
        #expect(error?.code == "MISMATCH" && error?.element == "options")
    }

    @Test func theResultIsWhatAPredictorReads() throws {
        var reported = [Int]()
        let result = try StructurePretraining(options: Self.tiny).run { progress in
            reported.append(progress.step)
            #expect(progress.loss.isFinite && progress.validation.count == Self.tiny.domains.count)
        }
        #expect(reported == [4, 8])
        let file = temporary()
        let card = String(file.dropLast("safetensors".count)) + "card.json"
        defer { for path in [file, card] { try? FileManager.default.removeItem(atPath: path) } }
        try result.write(to: file)
        let predictor = try StructurePredictor(weightsFile: file)
        #expect(predictor.card == result.card)
        #expect(
            try JSONDecoder().decode(ModelCard.self, from: Data(contentsOf: URL(fileURLWithPath: card))) == result.card)
        let prediction = try predictor.predict(
            values: Matrix(rows: 40, columns: 4, values: (0..<160).map { Float($0 * 7 % 11) }),
            genes: ["a", "b", "c", "d"])
        #expect(prediction.beliefs.probabilities.allSatisfy { $0.isFinite })
    }

    /// Learning at all: with interventions on every gene of three, a small network soon ranks edges better than chance.
    @Test func trainingRaisesPrecision() throws {
        var options = Self.tiny
        options.domains = [PretrainingDomain(name: "linear", worlds: .preset(.linear), isInterventional: true)]
        options.optimiser.learningRate = 5e-3
        options.averageDecay = 0.9
        options.steps = 60
        options.worldsPerStep = 8
        options.cells = 60...60
        options.genes = 3...3
        options.validationWorlds = 20
        options.validationInterval = 60
        options.validationGenes = 3
        let result = try StructurePretraining(options: options).run()
        let validation = result.card.validation[0]
        #expect(validation.averagePrecision > validation.prevalence + 0.2)
    }

    @Test func worldsFollowTheirOptions() {
        var options = Self.tiny
        options.domains = [
            PretrainingDomain(name: "counted", worlds: .preset(.linear), isInterventional: true, isCounted: true)
        ]
        for number in 0..<20 {
            let world = TrainingWorld.training(number, options)
            #expect(options.genes.contains(world.features.geneCount))
            #expect(world.features[0, 0, .counts] == 1 && world.features[0, 1, .intervenedShare] > 0)
            #expect(world.graph.nodeCount == world.features.geneCount)
            #expect(world.features == TrainingWorld.training(number, options).features)
        }
        let sizes = Set((0..<20).map { TrainingWorld.training($0, options).features.geneCount })
        #expect(sizes == [3, 4, 5])
    }

    /// Counts of gene regulation, beside expression that nobody sequenced.
    @Test func geneRegulationIsSeenAsSequenced() throws {
        var options = Self.tiny
        var regulation = GeneRegulationOptions.preset(.train)
        for technology in [SequencingTechnology.tenXChromium, .none] {
            regulation.technologies = [technology]
            options.domains = [PretrainingDomain(name: "grn", geneRegulation: regulation, isInterventional: true)]
            try options.validate()
            for number in 0..<5 {
                let world = TrainingWorld.training(number, options)
                #expect(options.genes.contains(world.features.geneCount))
                #expect(world.graph.nodeCount == world.features.geneCount && world.graph.isAcyclic)
                #expect(world.features[0, 0, .counts] == (technology == .none ? 0 : 1))
                #expect(world.features[0, 1, .intervenedShare] > 0)
                #expect(world.features == TrainingWorld.training(number, options).features)
            }
        }
    }

    /// One gene of five is a target; with a share of 1 all of them are labelled, and the cells stay what they are.
    @Test func ineffectiveInterventionsAreLabelsOnly() {
        var worlds = CausalWorldOptions.preset(.linear)
        worlds.targets = [.percent(20)]
        func world(_ share: Double) -> TrainingWorld {
            let domain = PretrainingDomain(name: "d", worlds: worlds, isInterventional: true, ineffectiveShare: share)
            return TrainingWorld(
                domain: domain, genes: 5, cells: 400, interventionalShare: 0.1, stream: RandomStream(seed: 3))
        }
        func labelled(_ world: TrainingWorld) -> Int {
            (0..<5).count { world.features[$0, $0, .sourceIntervened] > 0 }
        }
        #expect(labelled(world(0)) == 1 && labelled(world(1)) == 5)
        #expect(world(0).graph == world(1).graph)
        let (i, j) = (0, 1)
        #expect(world(0).features[i, j, .correlation] == world(1).features[i, j, .correlation])
    }
}
