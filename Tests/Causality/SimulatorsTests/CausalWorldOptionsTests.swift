import Foundation
import Graphs
import Simulators
import Testing

@Suite struct CausalWorldOptionsTests {
    static let networks = ["ecoli": RegulatoryNetwork([.init(regulator: "a", target: "b", effect: .activates)])]

    @Test func theDefaultsAndThePresetsAreAllowed() throws {
        try CausalWorldOptions().validate()
        for preset in WorldPreset.allCases { try CausalWorldOptions.preset(preset).validate() }
    }

    /// Each of these would overflow, or ask for a draw of nothing.
    @Test func worldsThatCannotBe() {
        func graph(_ choice: GraphChoice) -> (inout CausalWorldOptions) -> Void { { $0.graphs = [choice] } }
        let changes: [(String, (inout CausalWorldOptions) -> Void)] = [
            ("genes", { $0.genes = 0 }), ("observationalCells", { $0.observationalCells = -1 }),
            ("interventionalCells", { $0.interventionalCells = -1 }),
            ("observationalCells", { ($0.observationalCells, $0.interventionalCells) = (0, 0) }),
            ("observationalCells", { ($0.genes, $0.observationalCells) = (5000, 10_000_000) }),
            ("graphs", { $0.graphs = [] }),
            // 5 × 10⁶ and 9 × 10⁷ edges; 5⁶ nodes, each near all others; 1.25 × 10⁵ edges of a hundred frequencies each.
            ("graphs", { ($0.genes, $0.graphs) = (5000, [.erdosRenyi(edgesPerNode: [1000])]) }),
            ("graphs", { ($0.genes, $0.graphs) = (5000, [.geometric(radii: [0.4])]) }),
            (
                "graphs",
                { ($0.genes, $0.graphs) = (5000, [.wattsStrogatz(dimensions: [6], reaches: [12], rewirings: [0])]) }
            ),
            ("graphs", { ($0.genes, $0.graphs) = (5000, [.erdosRenyi(edgesPerNode: [25])]) }),
            ("graphs.edgesPerNode", graph(.erdosRenyi(edgesPerNode: [-1]))),
            ("graphs.edgesPerNode", graph(.erdosRenyi(edgesPerNode: []))),
            ("graphs.edgesPerNode", graph(.scaleFree(edgesPerNode: [1.5], powers: [1]))),
            ("graphs.powers", graph(.scaleFree(edgesPerNode: [1], powers: [1e9]))),
            ("graphs.powers", graph(.scaleFree(edgesPerNode: [1], powers: [.nan], transposed: true))),
            ("graphs.dimensions", graph(.wattsStrogatz(dimensions: [0], reaches: [1], rewirings: [0]))),
            ("graphs.reaches", graph(.wattsStrogatz(dimensions: [1], reaches: [-1], rewirings: [0]))),
            ("graphs.rewirings", graph(.wattsStrogatz(dimensions: [1], reaches: [1], rewirings: [1.5]))),
            ("graphs.blocks", graph(.stochasticBlock(edgesPerNode: [1], blocks: [0], dampings: [0]))),
            ("graphs.dampings", graph(.stochasticBlock(edgesPerNode: [1], blocks: [2], dampings: [-0.1]))),
            ("graphs.radii", graph(.geometric(radii: [.infinity]))),
            ("graphs.networks", graph(.geneNetwork(["fly"]))), ("graphs.networks", graph(.geneNetwork([]))),
            ("graphs.topShares", graph(.geneNetwork(["ecoli"], topShares: [2]))),
            ("genes", graph(.geneNetwork(["ecoli"]))),
            ("mechanisms", { $0.mechanisms = [] }),
            ("mechanisms.weights", { $0.mechanisms = [.linear(weights: [1...1e300])] }),
            ("mechanisms.weights", { $0.mechanisms = [.linear(weights: [])] }),
            ("mechanisms.lengthScales", { $0.mechanisms[1].lengthScales = [0...1] }),
            ("mechanisms.outputScales", { $0.mechanisms[1].outputScales = [-1...1] }),
            ("mechanisms.biases", { $0.mechanisms[0].biases = [-.infinity...1] }),
            ("mechanisms.noises", { $0.mechanisms[0].noises = [] }),
            ("mechanisms.noiseScales", { $0.mechanisms[0].noiseScales = [.constant(-1...1)] }),
            ("targets", { $0.targets = [] }), ("targets", { $0.targets = [.count(0)] }),
            ("targets", { $0.targets = [.percent(.nan)] }), ("interventionValues", { $0.interventionValues = [] }),
            ("interventionValues", { $0.interventionValues = [0...1e9] }),
        ]
        for (element, change) in changes {
            var options = CausalWorldOptions()
            change(&options)
            let error = #expect(throws: SimulationError.self) { try options.validate(networks: Self.networks) }
            #expect(error?.code == "OPTION" && error?.element == element)
        }
        // Without frequencies as many edges are no burden.
        var linear = CausalWorldOptions()
        (linear.genes, linear.graphs) = (5000, [.erdosRenyi(edgesPerNode: [25])])
        linear.mechanisms = [.linear(weights: [1...3])]
        #expect(throws: Never.self) { try linear.validate() }
    }

    /// The combinations of the package's configuration `scm-v0`, counted by hand from its lists: graphs 3 + 12 + 12 + 8 + 9 +
    /// 3, mechanisms 2 · 18 linear and 2 · 54 random Fourier, each times the two numbers of targets: the 13,536 that the
    /// package itself counts.
    @Test func scmV0HasThePackagesCombinations() {
        let options = CausalWorldOptions.preset(.broad)
        #expect(options.graphs.map(\.count) == [3, 12, 12, 8, 9, 3])
        #expect(options.mechanisms.map(\.count) == [36, 108])
        #expect(47 * (36 + 108) * options.targets.count == 13_536)
        let heteroscedastic = options.mechanisms[0].noiseScales.count { $0 == .heteroscedastic }
        #expect(heteroscedastic == 1)
    }

    @Test func presetsDifferWhereTheTableSays() {
        let presets = WorldPreset.allCases.map(CausalWorldOptions.preset)
        for (place, preset) in presets.enumerated() {
            #expect(presets.firstIndex(of: preset) == place)
            #expect(preset.graphs.map(\.family).contains(.erdosRenyi) == [0, 4, 8].contains(place))
            #expect((preset.interventionValues == [1...5]) == [3, 7, 8].contains(place))
            #expect((preset.mechanisms[0].noises == [.laplace, .cauchy]) == [3, 7].contains(place))
        }
        #expect(
            WorldPreset.allCases.map(\.rawValue) == [
                "linear", "linear-graphs", "linear-functions", "linear-ood", "rff", "rff-graphs", "rff-functions",
                "rff-ood",
                "scm-v0",
            ])
    }

    @Test func settingsSurviveTheirText() throws {
        for preset in WorldPreset.allCases {
            let options = CausalWorldOptions.preset(preset)
            let data = try JSONEncoder().encode(options)
            #expect(try JSONDecoder().decode(CausalWorldOptions.self, from: data) == options)
        }
        let words = #"["geometric", {"family": "scaleFree", "powers": [2]}]"#
        let choices = try JSONDecoder().decode([GraphChoice].self, from: Data(words.utf8))
        #expect(choices == [GraphChoice(.geometric), .scaleFree(edgesPerNode: [1, 2, 3], powers: [2])])
        let targets = try JSONDecoder().decode([TargetCount].self, from: Data(#"["all", 15, "50%", "2.5%"]"#.utf8))
        #expect(targets == [.all, .count(15), .percent(50), .percent(2.5)])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([TargetCount].self, from: Data(#"["half"]"#.utf8))
        }
    }
}
