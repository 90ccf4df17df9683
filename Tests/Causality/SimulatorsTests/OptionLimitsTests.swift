import Simulators
import Testing

@Suite struct OptionLimitsTests {
    @Test func theDefaultsAndThePublishedRangesAreAllowed() throws {
        try CausalWorldOptions().validate()
        try CausalWorldOptions.linear.validate()
        try CausalWorldOptions.randomFourier.validate()
        try DrugScreenOptions().validate()
    }

    /// Each of these would overflow, or ask for a draw of nothing.
    @Test func worldsThatCannotBe() {
        let changes: [(String, (inout CausalWorldOptions) -> Void)] = [
            ("genes", { $0.genes = 0 }), ("observationalCells", { $0.observationalCells = -1 }),
            ("observationalCells", { ($0.observationalCells, $0.interventionalCells) = (0, 0) }),
            ("observationalCells", { ($0.genes, $0.observationalCells) = (5000, 10_000_000) }),
            ("graphs", { $0.graphs = [] }), ("edgesPerGene", { $0.edgesPerGene = [-1] }),
            ("attachmentPowers", { $0.attachmentPowers = [1e9] }), ("targetedShares", { $0.targetedShares = [.nan] }),
            ("weights", { $0.weights = 1...1e300 }), ("lengthScales", { $0.lengthScales = 0...1 }),
            ("heteroscedasticShare", { $0.heteroscedasticShare = .nan }),
        ]
        for (element, change) in changes {
            var options = CausalWorldOptions()
            change(&options)
            let error = #expect(throws: SimulationError.self) { try options.validate() }
            #expect(error?.code == "OPTION" && error?.element == element)
        }
    }

    @Test func screensThatCannotBe() {
        let changes: [(String, (inout DrugScreenOptions) -> Void)] = [
            ("causalGenes", { $0.causalGenes = .max }), ("backgroundGenes", { $0.backgroundGenes = -200 }),
            ("drugs", { $0.drugs = -1 }), ("features", { $0.features = -1 }),
            ("controlCells", { $0.controlCells = -5 }),
            ("cellsPerCondition", { $0.cellsPerCondition = 10_000_000 }),
            ("targetsPerClass", { $0.targetsPerClass = 0...Int.max }), ("edgesPerGene", { $0.edgesPerGene = 1e30 }),
            ("librarySize", { $0.librarySize = -5 }), ("doses", { $0.doses = [.infinity] }),
            ("halfMaximalDoses", { $0.halfMaximalDoses = 0...1 }),
        ]
        for (element, change) in changes {
            var options = DrugScreenOptions()
            change(&options)
            let error = #expect(throws: SimulationError.self) { try options.validate() }
            #expect(error?.code == "OPTION" && error?.element == element)
        }
    }
}
