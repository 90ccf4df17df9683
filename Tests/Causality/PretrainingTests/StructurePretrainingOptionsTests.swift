import Foundation
import Networks
import Pretraining
import Simulators
import Structure
import Testing

@Suite struct StructurePretrainingOptionsTests {
    private typealias Options = StructurePretrainingOptions

    @Test func theDefaultsAreAllowed() throws { try StructurePretrainingOptions().validate() }

    /// Worlds of both kinds come back from their text; those of structural causal models are their settings, as they were
    /// before there were others.
    @Test func worldsSurviveTheirText() throws {
        let domains = [
            PretrainingDomain.standard[0],
            PretrainingDomain(name: "grn", geneRegulation: .preset(.ood), isInterventional: true),
        ]
        let data = try JSONEncoder().encode(domains)
        #expect(try JSONDecoder().decode([PretrainingDomain].self, from: data) == domains)
        let brief = #"{"name": "a", "worlds": {"geneRegulation": WORLDS}, "isInterventional": true}"#
            .replacingOccurrences(
                of: "WORLDS", with: String(decoding: try JSONEncoder().encode(GeneRegulationOptions()), as: UTF8.self))
        #expect(
            try JSONDecoder().decode(PretrainingDomain.self, from: Data(brief.utf8))
                == PretrainingDomain(name: "a", geneRegulation: GeneRegulationOptions(), isInterventional: true))
        let causal = try JSONEncoder().encode(CausalWorldOptions())
        #expect(try JSONDecoder().decode(TrainingWorldOptions.self, from: causal) == .causal(CausalWorldOptions()))
    }

    @Test func trainingsThatCannotBe() {
        var steep = CausalWorldOptions()
        steep.mechanisms[0].weights = [1...1e300]
        var odd = PairwiseNetworkOptions()
        odd.width = 63
        var (flat, empty) = (EdgePredictorOptions(), EdgePredictorOptions())
        flat.keySize = 0
        empty.dropout = 1
        var idle = GeneRegulationOptions()
        idle.basalRates = []
        func stage(
            _ step: Int, genes: ClosedRange<Int> = 5...6, cells: ClosedRange<Int> = 30...40
        ) -> CurriculumStage {
            CurriculumStage(untilStep: step, genes: genes, cells: cells)
        }
        let changes: [(String, (inout StructurePretrainingOptions) -> Void)] = [
            ("steps", { $0.steps = 0 }), ("domains", { $0.domains = [] }),
            ("validationInterval", { $0.validationInterval = 0 }), ("network.width", { $0.network = .pairwise(odd) }),
            ("network.keySize", { $0.network = .avici(flat) }), ("network.dropout", { $0.network = .avici(empty) }),
            ("decaySteps", { $0.decaySteps = 6801 }), ("averageDecay", { $0.averageDecay = 1 }),
            ("acyclicity.rate", { $0.acyclicity.rate = -1 }), ("acyclicity.interval", { $0.acyclicity.interval = 0 }),
            ("genes", { $0.genes = 1...2 }), ("cells", { $0.cells = 100...Int.max }),
            ("domains.share", { for i in $0.domains.indices { $0.domains[i].share = 0 } }),
            ("domains.share", { ($0.domains[1].share, $0.domains[1].fromStep) = (-1, 9) }),
            ("mechanisms.weights", { $0.domains[0].worlds = .causal(steep) }),
            ("basalRates", { $0.domains[0].worlds = .geneRegulation(idle) }),
            (
                "domains.isCounted",
                { ($0.domains[0].worlds, $0.domains[0].isCounted) = (.geneRegulation(.init()), true) }
            ),
            ("domains.ineffectiveShares", { $0.domains[0].ineffectiveShares = [0, 1.5] }),
            ("features", { $0.features = ["colour"] }), ("features", { $0.features = [] }),
            ("features", { $0.features = ["shift", "shift"] }),
            ("calibrationWorlds", { $0.calibrationWorlds = -1 }),
            ("domains.duplicatedShare", { $0.domains[0].duplicatedShare = 1.5 }),
            ("domains.name", { $0.domains[0].name = "" }), ("domains.name", { $0.domains[0].name = "a\tb" }),
            ("domains.name", { $0.domains[0].name = "a\nb" }), ("domains.name", { $0.domains[0].name = "a\u{2028}b" }),
            ("domains.name", { $0.domains[1].name = $0.domains[0].name }),
            ("genesPower", { $0.genesPower = -1 }),
            ("curriculum.untilStep", { $0.curriculum = [stage(5), stage(5)] }),
            ("curriculum.genes", { $0.curriculum = [stage(5, genes: 1...3)] }),
            ("curriculum.cells", { $0.curriculum = [stage(5, cells: 3...30)] }),
            ("observationalCells", { ($0.genes, $0.cells) = (5...1000, 100...1_000_000) }),
        ]
        let odds = [0, -1e-3, 1.5, 1e300, .nan, .infinity]
        let rates: [(String, WritableKeyPath<OptimiserOptions, Double>, [Double])] = [
            ("learningRate", \.learningRate, odds), ("epsilon", \.epsilon, odds + [1e-50]),
            // Just below 1 is 1 in single precision.
            ("beta1", \.beta1, odds.filter { $0 != 0 } + [1, 1 - 1e-12]),
            ("beta2", \.beta2, odds.filter { $0 != 0 } + [1, 1 - 1e-12]),
            ("weightDecay", \.weightDecay, [-1e-3, 11, .nan, .infinity]),
        ]
        let steps = rates.flatMap { name, path, values in
            values.map { value in ("optimiser.\(name)", { (o: inout Options) in o.optimiser[keyPath: path] = value }) }
        }
        for (element, change) in changes + steps {
            var options = StructurePretrainingOptions()
            change(&options)
            let error = #expect(throws: SimulationError.self) { try options.validate() }
            #expect(error?.code == "OPTION" && error?.element == element)
        }
    }
}
