import Foundation
import Matrices
import Networks
import Probability
import Simulators
import Structure
import Testing

@testable import Pretraining

extension TrainingWorld {
    var features: PairFeatures { PairFeatures(values: values, interventions: interventions, areCounts: areCounts) }
}

@Suite struct StructurePretrainingTests {
    static var tiny: StructurePretrainingOptions {
        var size = PairwiseNetworkOptions()
        size.width = 8
        size.blocks = 1
        size.heads = 2
        size.triangleWidth = 4
        var options = StructurePretrainingOptions()
        options.network = .pairwise(size)
        // One of each kind.
        options.domains = PretrainingDomain.standard.filter {
            ["linear, interventional", "counted", "gene regulation, knock-outs", "permuted"].contains($0.name)
        }
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
        options.calibrationWorlds = 24
        return options
    }

    private func temporary() -> String {
        FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
    }

    /// The network of AVICI, in a size that trains in a moment, with a constraint that is felt at once.
    static var tinyCells: StructurePretrainingOptions {
        var size = EdgePredictorOptions()
        (size.layers, size.width, size.heads, size.keySize, size.widening, size.outputs) = (1, 8, 2, 4, 2, 8)
        var options = StructurePretrainingOptions(network: .avici(size))
        let pairwise = tiny
        options.domains = pairwise.domains
        (options.genes, options.cells) = (pairwise.genes, pairwise.cells)
        (options.steps, options.warmupSteps, options.worldsPerStep) = (8, 2, 3)
        (options.validationInterval, options.checkpointInterval, options.validationWorlds) = (4, 4, 2)
        (options.validationGenes, options.validationCells, options.calibrationWorlds) = (4, 40, 24)
        options.acyclicity.rate = 0.5
        (options.acyclicity.interval, options.acyclicity.warmupSteps) = (1, 1)
        return options
    }

    enum Kind: CaseIterable {
        case pairwise, avici

        var options: StructurePretrainingOptions { self == .pairwise ? tiny : tinyCells }
    }

    @Test(arguments: Kind.allCases)
    func aStoppedTrainingGoesOnToTheSameBytes(kind: Kind) throws {
        var options = kind.options
        options.curriculum = [CurriculumStage(untilStep: 3, genes: 3...4, cells: 30...35)]
        let training = StructurePretraining(options: options)
        let file = temporary()
        defer { try? FileManager.default.removeItem(atPath: file) }
        let whole = try #require(try training.run(workers: 1))
        for stop in [1, 5] {
            let stopped = try training.run(checkpointFile: file, workers: 3) { $0 == stop }
            #expect(stopped == nil)
            let resumed = try #require(try training.run(checkpointFile: file, resuming: true, workers: 2))
            #expect(resumed.tensors.entries == whole.tensors.entries)
            #expect(resumed.card.validation == whole.card.validation && resumed.card.worldsSeen == 24)
            // The history is the same but for the clock.
            func timeless(_ history: [TrainingRecord]) -> [[Double]] {
                history.map { [Double($0.step), Double($0.worlds), $0.loss] + $0.validation.map(\.averagePrecision) }
            }
            #expect(timeless(resumed.history) == timeless(whole.history) && whole.history.map(\.step) == [4, 8])
            #expect(zip(resumed.history, resumed.history.dropFirst()).allSatisfy { $0.seconds < $1.seconds })
        }
    }

    @Test func onlyTheSameTrainingGoesOn() throws {
        let file = temporary()
        defer { try? FileManager.default.removeItem(atPath: file) }
        _ = try StructurePretraining(options: Self.tiny).run(checkpointFile: file) { $0 == 5 }
        func refusal(_ change: (inout StructurePretrainingOptions) -> Void) throws -> WeightsError? {
            var other = Self.tiny
            change(&other)
            return #expect(throws: WeightsError.self) {
                try StructurePretraining(options: other).run(checkpointFile: file, resuming: true)
            }
        }
        let seed = try refusal { $0.seed = 1 }
        #expect(seed?.code == "MISMATCH" && seed?.element == "options" && seed?.message.contains("seed") == true)
        // Under a cosine over all steps, more of them change what is done.
        let longer = try refusal { $0.steps = 9 }
        #expect(longer?.code == "MISMATCH" && longer?.element == "steps")
        // A setting that an older version did not have is at its default; what it is for is done at the end.
        var tensors = try SafeTensors(file: file)
        let options = try #require(tensors.metadata["note/options"])
        tensors.metadata["note/options"] = options.replacingOccurrences(of: #""calibrationWorlds":24,"#, with: "")
        #expect(tensors.metadata["note/options"] != options)
        try tensors.write(to: file)
        var same = Self.tiny
        same.checkpointInterval = 7
        #expect(try StructurePretraining(options: same).run(checkpointFile: file, resuming: true) { $0 == 5 } == nil)
        // Of another schema.
        tensors = try SafeTensors(file: file)
        tensors.metadata["note/training schema"] = "0"
        try tensors.write(to: file)
        let schema = try refusal { _ in }
        #expect(schema?.code == "MISMATCH" && schema?.element == "training schema")
    }

    /// A training that was extended while its learning rate stood ends with the bytes of one that was planned so long.
    @Test(arguments: Kind.allCases)
    func aTrainingIsExtended(kind: Kind) throws {
        let file = temporary()
        defer { try? FileManager.default.removeItem(atPath: file) }
        var (first, last) = (kind.options, kind.options)
        (first.steps, first.decaySteps) = (5, 0)
        (last.steps, last.decaySteps) = (9, 3)
        let plateau = try #require(try StructurePretraining(options: first).run(checkpointFile: file))
        #expect(plateau.card.steps == 5)
        let extended = try #require(
            try StructurePretraining(options: last).run(checkpointFile: file, resuming: true))
        let planned = try #require(try StructurePretraining(options: last).run())
        #expect(extended.tensors.entries == planned.tensors.entries && extended.card.worldsSeen == 27)
        // Now the rate has fallen, and the end cannot be moved again.
        last.steps = 12
        let error = #expect(throws: WeightsError.self) {
            try StructurePretraining(options: last).run(checkpointFile: file, resuming: true)
        }
        #expect(error?.element == "steps" && error?.message.contains("decaySteps") == true)
    }

    /// While the learning rate stands nothing of what is done depends on the end, but no training ends before it.
    @Test func aTrainingDoesNotEndBeforeWhatIsDone() throws {
        let file = temporary()
        defer { try? FileManager.default.removeItem(atPath: file) }
        var options = Self.tiny
        options.decaySteps = 0
        _ = try StructurePretraining(options: options).run(checkpointFile: file) { $0 == 4 }
        options.steps = 3
        let error = #expect(throws: WeightsError.self) {
            try StructurePretraining(options: options).run(checkpointFile: file, resuming: true)
        }
        #expect(error?.element == "steps" && error?.message.contains("at most 3 steps") == true)
        options.steps = 4
        #expect(try StructurePretraining(options: options).run(checkpointFile: file, resuming: true)?.card.steps == 4)
    }

    /// Weights near the largest single-precision number: products of two of them are none.
    @Test(arguments: Kind.allCases)
    func aTrainingThatDivergesSaysSo(kind: Kind) throws {
        var options = kind.options
        options.optimiser.learningRate = 1e38
        let error = #expect(throws: WeightsError.self) { try StructurePretraining(options: options).run() }
        #expect(error?.code == "NOT_FINITE" && error?.message.contains("step") == true)
    }

    /// A domain that has not begun can be added to a training under way, one that should have begun cannot.
    @Test func domainsAreAddedToATrainingUnderWay() throws {
        let file = temporary()
        defer { try? FileManager.default.removeItem(atPath: file) }
        var (first, last) = (Kind.pairwise.options, Kind.pairwise.options)
        (first.steps, first.decaySteps, last.steps, last.decaySteps) = (4, 0, 7, 0)
        last.domains.append(
            PretrainingDomain(name: "late", share: 3, worlds: .preset(.linear), isInterventional: false, fromStep: 5))
        _ = try StructurePretraining(options: first).run(checkpointFile: file)
        var early = last
        early.domains[early.domains.count - 1].fromStep = 3
        let error = #expect(throws: WeightsError.self) {
            try StructurePretraining(options: early).run(checkpointFile: file, resuming: true)
        }
        #expect(error?.message.contains("domains") == true)
        let extended = try #require(try StructurePretraining(options: last).run(checkpointFile: file, resuming: true))
        let planned = try #require(try StructurePretraining(options: last).run())
        #expect(extended.tensors.entries == planned.tensors.entries)
    }

    /// The constraint on cycles acts through its multiplier.
    @Test func theConstraintOnCyclesActs() throws {
        var free = Self.tinyCells
        free.acyclicity.rate = 0
        let unbound = try #require(try StructurePretraining(options: free).run())
        let bound = try #require(try StructurePretraining(options: Self.tinyCells).run())
        #expect(unbound.tensors.entries != bound.tensors.entries)
    }

    @Test(arguments: Kind.allCases)
    func theResultIsWhatAPredictorReads(kind: Kind) throws {
        let options = kind.options
        var reported = [Int]()
        var balances = [TrainingBalance]()
        let result = try #require(
            try StructurePretraining(options: options).run(report: { progress in
                reported.append(progress.step)
                balances.append(progress.balance)
                #expect(progress.loss.isFinite && progress.validation.count == options.domains.count)
                #expect(progress.history.map(\.step) == reported && progress.secondsLeft >= 0)
            }))
        for balance in balances + [result.balance] {
            let sum = balance.simulation + balance.features + balance.network + balance.waiting
            // Shares of one sum, but for rounding.
            #expect(abs(sum - 1) < 1e-9 && balance.network > 0)
        }
        #expect(result.balance.simulation > 0 && result.balance.features > 0 && result.balance.waiting >= 0)
        #expect(reported == [4, 8])
        let file = temporary()
        let card = String(file.dropLast("safetensors".count)) + "card.json"
        defer { for path in [file, card] { try? FileManager.default.removeItem(atPath: path) } }
        try result.write(to: file)
        let predictor = try StructurePredictor(weightsFile: file)
        #expect(predictor.card == result.card)
        let calibration = try #require(result.card.calibration)
        #expect(Set(options.domains.map(\.name)).isSuperset(of: calibration.domains.map(\.name)))
        // Half of 24, but for those that are the only ones of their domain.
        #expect((9...12).contains(calibration.domains.map(\.worlds).reduce(0, +)))
        // 24 worlds say nothing of how worlds scatter.
        #expect(!result.tensors.metadata.keys.contains("support"))
        #expect(options.domains.allSatisfy { result.card.trainingDistribution.contains($0.name) })
        #expect(
            try JSONDecoder().decode(ModelCard.self, from: Data(contentsOf: URL(fileURLWithPath: card))) == result.card)
        let prediction = try predictor.predict(
            values: Matrix(rows: 40, columns: 4, values: (0..<160).map { Float($0 * 7 % 11) }),
            genes: ["a", "b", "c", "d"])
        #expect(prediction.beliefs.probabilities.allSatisfy { $0.isFinite })
    }

    /// 150 worlds of one kind are enough to say where they lie: half of them tell the distances of the rest.
    @Test func aTrainingTellsWhereItsWorldsLie() throws {
        var options = Self.tiny
        options.domains = options.domains.filter { $0.name == "linear, interventional" }
        // The support sums up all statistics, whichever the network reads.
        options.features = ["correlation", "shift"]
        options.steps = 4
        options.calibrationWorlds = 150
        let result = try #require(try StructurePretraining(options: options).run())
        let calibration = try #require(result.card.calibration)
        #expect(calibration.domains.map(\.name) == ["linear, interventional"])
        #expect(calibration.domains.map(\.worlds) == [75] && calibration.scaling != .identity)
        #expect(result.tensors.metadata.keys.contains("support") && result.tensors["support.0.distances"] != nil)

        let predictor = try StructurePredictor(SafeTensors(data: result.tensors.encoded()))
        func distance(_ number: Int, isLabelled: Bool = true) throws -> TrainingDistance? {
            let world = TrainingWorld.training(number, options)
            return try predictor.predict(
                values: world.values, interventions: isLabelled ? world.interventions : nil,
                genes: (0..<world.geneCount).map { "g\($0)" }
            ).distance
        }
        // 5 in 100 lie beyond the level that 75 worlds tell. Of 20 fresh ones the share has a standard deviation of
        // √(0.05 · 0.95 · (1/20 + 1/75)) = 0.055; four of them above 0.05 are 5 worlds.
        let fresh = try (1000..<1020).map { try #require(try distance($0)) }
        #expect(fresh.count(where: \.isOutside) <= 5 && fresh.allSatisfy { $0.relative != nil })
        // All worlds of the training had interventions.
        let observed = try #require(try distance(1000, isLabelled: false))
        #expect(observed.isOutside && observed.relative == nil)
    }

    /// A network of a few statistics reads those and no others.
    @Test func statisticsCanBeChosen() throws {
        var options = Self.tiny
        options.features = ["shift", "correlation"]
        let result = try #require(try StructurePretraining(options: options).run())
        #expect(result.card.features == ["shift", "correlation"])
        #expect(result.tensors["input.weight"]?.shape.contains(2) == true)
        _ = try StructurePredictor(result.tensors)
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
        let result = try #require(try StructurePretraining(options: options).run())
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
            let domain = PretrainingDomain(
                name: "d", worlds: worlds, isInterventional: true, ineffectiveShares: [share])
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
