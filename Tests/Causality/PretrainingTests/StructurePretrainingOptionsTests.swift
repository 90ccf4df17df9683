import Pretraining
import Simulators
import Testing

@Suite struct StructurePretrainingOptionsTests {
    @Test func theDefaultsAreAllowed() throws { try StructurePretrainingOptions().validate() }

    @Test func trainingsThatCannotBe() {
        let changes: [(String, (inout StructurePretrainingOptions) -> Void)] = [
            ("steps", { $0.steps = 0 }), ("domains", { $0.domains = [] }),
            ("validationInterval", { $0.validationInterval = 0 }), ("network.width", { $0.network.width = 63 }),
            ("genes", { $0.genes = 1...2 }), ("cells", { $0.cells = 100...Int.max }),
            ("domains.share", { for i in $0.domains.indices { $0.domains[i].share = 0 } }),
            ("mechanisms.weights", { $0.domains[0].worlds.mechanisms[0].weights = [1...1e300] }),
        ]
        for (element, change) in changes {
            var options = StructurePretrainingOptions()
            change(&options)
            let error = #expect(throws: SimulationError.self) { try options.validate() }
            #expect(error?.code == "OPTION" && error?.element == element)
        }
    }
}
