import Graphs
import Simulators
import Testing

struct GeneRegulationOptionsTests {
    /// The published ranges are allowed, where the networks that they name are there.
    @Test func thePublishedRangesAreAllowed() throws {
        let network = try RegulatoryNetwork(table: (0..<40).map { "tf\tgene\($0)\t+\n" }.joined())
        for preset in GeneRegulationPreset.allCases {
            try GeneRegulationOptions.preset(preset).validate(networks: ["ecoli": network, "yeast": network])
        }
        #expect(throws: SimulationError.self) { try GeneRegulationOptions.preset(.ecoli).validate() }
    }

    /// Each of these would overflow, ask for a draw of nothing, or take steps that are too long for the decay.
    @Test func worldsThatCannotBe() {
        let changes: [(String, (inout GeneRegulationOptions) -> Void)] = [
            ("genes", { $0.genes = 0 }), ("genes", { $0.genes = 5001 }),
            ("observationalCells", { $0.observationalCells = -1 }),
            ("interventionalCells", { $0.interventionalCells = -1 }),
            ("observationalCells", { ($0.observationalCells, $0.interventionalCells) = (0, 0) }),
            ("observationalCells", { $0.observationalCells = 1_000_000 }),
            // One cell of each type for each knocked-out gene: 10,000 of 2,000 genes, and 200,000 of 500.
            ("observationalCells", { ($0.genes, $0.interventionalCells, $0.cellTypes) = (2000, 2000, [5]) }),
            ("observationalCells", { ($0.genes, $0.observationalCells, $0.cellTypes) = (500, 1, [1, 1000]) }),
            ("graphs", { ($0.genes, $0.graphs) = (5000, [.erdosRenyi(edgesPerNode: [1000])]) }),
            ("graphs", { $0.graphs = [] }), ("graphs.powers", { $0.graphs[0].powers = [1e9] }),
            ("cellTypes", { $0.cellTypes = [] }), ("cellTypes", { $0.cellTypes = [5, 0] }),
            ("basalRates", { $0.basalRates = [] }), ("basalRates", { $0.basalRates = [-1...2] }),
            ("strengths", { $0.strengths = [1...1e9] }), ("activationShares", { $0.activationShares = [] }),
            ("activationShares", { $0.activationShares[0].beta = 0 }),
            ("hillCoefficients", { $0.hillCoefficients = [.nan] }), ("decays", { $0.decays = [0] }),
            ("decays", { $0.decays = [200] }), ("noiseScales", { $0.noiseScales = [-1] }),
            ("targets", { $0.targets = [] }), ("targets", { $0.targets = [.count(0)] }),
            ("remainingProductions", { $0.remainingProductions = [-0.5] }),
            ("technologies", { $0.technologies = [] }),
        ]
        for (element, change) in changes {
            var options = GeneRegulationOptions()
            change(&options)
            let error = #expect(throws: SimulationError.self, "\(element)") { try options.validate() }
            #expect(error?.code == "OPTION" && error?.element == element, "\(element)")
        }
    }
}
