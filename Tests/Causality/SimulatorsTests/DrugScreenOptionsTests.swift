import Simulators
import Testing

@Suite struct DrugScreenOptionsTests {
    @Test func theDefaultsAreAllowed() throws {
        try DrugScreenOptions().validate()
        for preset in DrugScreenPreset.allCases { try DrugScreenOptions.preset(preset).validate() }
    }

    @Test func screensThatCannotBe() {
        let changes: [(String, (inout DrugScreenOptions) -> Void)] = [
            ("causalGenes", { $0.causalGenes = .max }), ("backgroundGenes", { $0.backgroundGenes = -200 }),
            ("drugs", { $0.drugs = -1 }), ("features", { $0.features = -1 }),
            ("controlCells", { $0.controlCells = -5 }),
            ("cellsPerCondition", { $0.cellsPerCondition = 10_000_000 }),
            ("targetsPerClass", { $0.targetsPerClass = 0...Int.max }), ("edgesPerGene", { $0.edgesPerGene = 1e30 }),
            ("librarySize", { $0.librarySize = -5 }), ("doses", { $0.doses = [.infinity] }),
            ("heldOutDrugs", { $0.heldOutDrugs = -1 }), ("heldOutDoses", { $0.heldOutDoses = [1] }),
            ("heldOutDoses", { $0.heldOutDoses = [.nan] }),
            ("testCellsPerCondition", { $0.testCellsPerCondition = -1 }),
            ("halfMaximalDoses", { $0.halfMaximalDoses = 0...1 }), ("graph", { $0.graph = .geometric }),
        ]
        for (element, change) in changes {
            var options = DrugScreenOptions()
            change(&options)
            let error = #expect(throws: SimulationError.self) { try options.validate() }
            #expect(error?.code == "OPTION" && error?.element == element)
        }
    }
}
