import Foundation
import Graphs
import Matrices
import Probability
import Testing

@testable import Simulators

struct GeneRegulationWorldTests {
    /// A world around a given network: all edges with their strengths.
    static func world(
        genes: Int, _ strengths: [Edge: Double], types: Int = 1, basal: ClosedRange<Double> = 2...2,
        noise: Double = 0.3, remaining: Double = 0
    ) -> GeneRegulationWorld {
        let graph = DirectedGraph(nodeCount: genes, edges: strengths.keys)
        var rates = RandomStream(seed: 21)
        return GeneRegulationWorld(
            options: .init(), graph: graph,
            strengths: (0..<genes).map { gene in graph.parents[gene].map { strengths[Edge($0, gene)]! } },
            basalRates: (0..<genes).map { _ in
                (0..<types).map { _ in rates.uniform(basal.lowerBound, basal.upperBound) }
            }, hillCoefficient: 2, decay: 0.8, noiseScale: noise, remainingProduction: remaining)
    }

    /// Of 400 genes that all regulate each other along one path, all courses wait for the last gene: 400 · (15 + 10 · 200)
    /// values for each cell type, 8 · 10⁸ for a thousand.
    @Test func memoryIsCountedBeforeItIsTaken() throws {
        let d = 400
        let edges = (0..<d).flatMap { i in (i + 1..<d).map { Edge(i, $0) } }
        let graph = DirectedGraph(nodeCount: d, edges: edges)
        for types in [5, 1000] {
            var options = GeneRegulationOptions()
            (options.observationalCells, options.interventionalCells) = (types, 0)
            let world = GeneRegulationWorld(
                options: options, graph: graph, strengths: graph.parents.map { $0.map { _ in 1 } },
                basalRates: (0..<d).map { _ in Array(repeating: 1, count: types) }, hillCoefficient: 2, decay: 1,
                noiseScale: 1)
            if types == 5 {
                try world.validate()
            } else {
                #expect(throws: SimulationError.self) { try world.validate() }
            }
        }
    }

    static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    /// The algorithm once more, in double precision and as it is told: lists that grow by one value a step, level by
    /// level, cells counted from the end. Only the random numbers are shared. Rounding in single precision is damped by
    /// the decay, so paths stay within 1e-4 of each other, where one step (of time or of the stream) too many or too few
    /// moves values by 0.1.
    @Test(arguments: [nil, 0, 2] as [Int?]) func followsThePublishedScheme(target: Int?) {
        let strengths = [Edge(0, 1): 3.0, Edge(0, 2): -2, Edge(1, 3): 1.5, Edge(2, 3): -4, Edge(1, 2): 2]
        let (types, perType) = (3, 4)
        let world = Self.world(genes: 5, strengths, types: types, basal: 1...3, noise: 1)
        let stream = RandomStream(seed: 5)
        let found = world.expression(targets: [target], cellsPerType: perType, stream: stream)[0]

        let own = stream.stream(0)
        var draws = own.stream("steps")
        let steps = (0..<perType).map { _ in 1 + draws.index(below: 15 * perType) }
        let levels = [3, 2, 1, 0, 0]
        var courses: [[[Double]]] = Array(repeating: [], count: 5)
        var means: [[Double]] = Array(repeating: [], count: 5)
        for gene in [0, 1, 2, 3, 4] {
            let length = 15 * perType + 10 * levels[gene]
            var noiseStream = own.stream("noise").stream(gene)
            let noise = noiseStream.normals(2 * (length - 1) * types)
            let regulators = strengths.filter { $0.key.target == gene }
            func production(_ type: Int, _ level: (Int) -> Double) -> Double {
                let full =
                    regulators.isEmpty
                    ? world.basalRates[gene][type]
                    : regulators.reduce(0) { sum, regulator in
                        let half = Self.mean(means[regulator.key.source])
                        let x = level(regulator.key.source)
                        let hill = x == 0 ? 0 : x * x / (half * half + x * x)
                        return sum + abs(regulator.value) * (regulator.value > 0 ? hill : 1 - hill)
                    }
                return gene == target ? 0 : full
            }
            courses[gene] = (0..<types).map { type in [production(type) { means[$0][type] } / 0.8] }
            for step in 0..<length - 1 {
                for type in 0..<types {
                    let x = courses[gene][type][step]
                    let p = production(type) { courses[$0][type][step] }
                    let place = step * types + type
                    let first = Double(noise[place]) * p.squareRoot()
                    let second = Double(noise[(length - 1) * types + place]) * (0.8 * x).squareRoot()
                    courses[gene][type].append(max(0, x + 0.01 * (p - 0.8 * x) + 0.1 * (first + second)))
                }
            }
            means[gene] = courses[gene].map { course in Self.mean(steps.map { course[length - $0] }) }
            for type in 0..<types {
                for (number, step) in steps.enumerated() {
                    let expected = courses[gene][type][length - step]
                    #expect(abs(Double(found[type * perType + number, gene]) - expected) < 1e-4, "gene \(gene)")
                }
            }
        }
    }

    /// An activator and its target at the steady state: E[x₁] = K E[H(x₀)] / λ. The expectation is taken by quadrature over
    /// the stationary density of the regulator, ∝ exp(∫ (P − λx)/D) / D with D = ζ² (P + λx)/2 (Fokker & Planck). 1,000
    /// cell types that are all alike are independent repeats but for the half response, whose own error is far smaller;
    /// their spread gives the standard error, of which five are allowed. That tells E[H] from H(E) = 1/2.
    @Test func meanOfATarget() {
        let (strength, p, decay, noise) = (3.0, 2.0, 0.8, 0.5)
        let world = Self.world(genes: 2, [Edge(0, 1): strength], types: 1000, noise: noise)
        let cells = world.expression(targets: [nil], cellsPerType: 60, stream: RandomStream(seed: 6))[0]
        func typeMeans(_ gene: Int) -> [Double] {
            (0..<1000).map { type in Self.mean((type * 60..<(type + 1) * 60).map { Double(cells[$0, gene]) }) }
        }
        let half = Self.mean(typeMeans(0))
        #expect(abs(half - p / decay) < 0.1)

        let h = 1e-3
        var (potential, mass, response) = (0.0, 0.0, 0.0)
        for number in 0..<6000 {
            let x = (Double(number) + 0.5) * h
            let diffusion = noise * noise * (p + decay * x) / 2
            // Midpoints: half of a cell before and half behind.
            potential += 0.5 * h * (p - decay * x) / diffusion
            let density = exp(potential) / diffusion
            potential += 0.5 * h * (p - decay * x) / diffusion
            mass += density
            response += density * x * x / (half * half + x * x)
        }
        let expected = strength * response / mass / decay
        let found = typeMeans(1)
        let average = Self.mean(found)
        let deviation = (found.reduce(0) { $0 + ($1 - average) * ($1 - average) } / 999).squareRoot()
        let error = deviation / 1000.0.squareRoot()
        #expect(abs(strength * 0.5 / decay - expected) > 5 * error)
        #expect(abs(average - expected) < 5 * error, "\(average), expected \(expected)")
    }

    /// A knocked-out gene is absent; what it alone activated is, too; what it repressed gets to full production; what it
    /// does not reach stays. A knock-down halves.
    @Test func knockOutsReachDescendantsOnly() {
        let strengths = [Edge(0, 1): 3.0, Edge(0, 2): -2, Edge(1, 3): -4]
        let world = Self.world(genes: 5, strengths, types: 100)
        func means(_ target: Int?, _ world: GeneRegulationWorld) -> [Double] {
            let cells = world.expression(targets: [target], cellsPerType: 10, stream: RandomStream(seed: 7))[0]
            return (0..<5).map { gene in Self.mean(cells.column(gene).map(Double.init)) }
        }
        let (wild, knockedOut) = (means(nil, world), means(0, world))
        #expect(knockedOut[0] == 0 && knockedOut[1] == 0)
        // Productions 2 and 4 unhindered; types vary by ζ √(P/λ) around them, a hundred of them by a tenth of that.
        #expect(abs(knockedOut[2] - 2 / 0.8) < 5 * 0.03 * (2 / 0.8).squareRoot())
        #expect(abs(knockedOut[3] - 4 / 0.8) < 5 * 0.03 * (4 / 0.8).squareRoot())
        #expect(knockedOut[4] == wild[4])
        #expect(wild[2] < 1.5 && wild[3] < 3)

        let weakened = Self.world(genes: 5, strengths, types: 100, remaining: 0.5)
        let knockedDown = means(0, weakened)
        // The start is half of the steady state; then production is half: 1.25 with types varying by 0.3 · √1.25.
        #expect(abs(knockedDown[0] - 1.25) < 5 * 0.03 * 1.25.squareRoot())
        #expect(knockedDown[1] > 0)
    }

    /// Populations side by side are the same as each by itself would be, as far as they share no random numbers: the
    /// wild type of a block is not moved by the knock-out beside it.
    @Test func populationsDoNotTouch() {
        let world = Self.world(genes: 3, [Edge(0, 1): 3, Edge(1, 2): 2], types: 4)
        let plain = world.expression(targets: [nil, nil], cellsPerType: 3, stream: RandomStream(seed: 8))
        let mixed = world.expression(targets: [nil, 1], cellsPerType: 3, stream: RandomStream(seed: 8))
        #expect(plain[0] == mixed[0])
        #expect(plain[1].column(0) == mixed[1].column(0) && plain[1].column(1) != mixed[1].column(1))
    }

    @Test func rowsAreOrderedByTurns() {
        var options = GeneRegulationOptions()
        options.genes = 7
        options.technologies = [.none]
        options.cellTypes = [3]
        let world = GeneRegulationWorld(options: options, stream: RandomStream(seed: 9))
        let sample = world.sample(observational: 20, interventional: 45, stream: RandomStream(seed: 10))
        #expect(sample.values.rows == 65 && sample.cellTypes.count == 65)
        for row in 0..<20 { #expect(!sample.interventions.row(row).contains(1)) }
        for row in 20..<65 {
            let target = (row - 20) % 7
            #expect(sample.interventions.row(row).reduce(0, +) == 1 && sample.interventions[row, target] == 1)
            #expect(sample.values[row, target] == 0)
        }
        // 45 cells of 3 × 7 types and targets: 3 of each are made, in random order.
        #expect(Set(sample.cellTypes.prefix(20)) == [0, 1, 2])
        #expect((0..<20).map { sample.cellTypes[$0] } != (0..<20).map { $0 / 7 })
    }

    /// Fewer cells than genes: the first targets have one each.
    @Test func moreTargetsThanCells() {
        var options = GeneRegulationOptions()
        options.genes = 12
        let sample = GeneRegulationWorld(options: options, stream: RandomStream(seed: 1)).sample(
            observational: 0, interventional: 5, stream: RandomStream(seed: 2))
        #expect((0..<5).allSatisfy { sample.interventions[$0, $0] == 1 })
        #expect(sample.cleanMeans.isEmpty)
    }

    @Test func sameSeedSameCells() async {
        @Sendable func sample(_ seed: UInt64) -> GeneRegulationSample {
            var options = GeneRegulationOptions()
            (options.genes, options.observationalCells, options.interventionalCells) = (10, 50, 40)
            return GeneRegulationWorld(options: options, stream: RandomStream(seed: seed)).sample(
                stream: RandomStream(seed: 3))
        }
        let first = sample(1)
        // Beside seven others, on whatever threads there are.
        let others = await withTaskGroup(of: GeneRegulationSample.self) { group in
            for _ in 0..<7 { group.addTask { sample(1) } }
            var samples: [GeneRegulationSample] = []
            for await sample in group { samples.append(sample) }
            return samples
        }
        #expect(others.allSatisfy { $0.values == first.values && $0.truth == first.truth })
        #expect(sample(2).values != first.values)
    }

    /// Kinetics of 400 worlds lie in the ranges of their preset and take all values of its lists; strengths are positive in
    /// half of the edges (beta distributions with equal shapes), five standard errors of a share of regulators apart.
    @Test(arguments: GeneRegulationPreset.allCases) func presetsAreDrawnFrom(preset: GeneRegulationPreset) throws {
        var options = GeneRegulationOptions.preset(preset)
        options.genes = 10
        options.graphs = [.erdosRenyi(edgesPerNode: [2])]
        try options.validate()
        let worlds = (0..<400).map { GeneRegulationWorld(options: options, stream: RandomStream(seed: $0)) }
        #expect(Set(worlds.map(\.hillCoefficient)) == Set(options.hillCoefficients))
        #expect(Set(worlds.map(\.decay)) == Set(options.decays))
        #expect(Set(worlds.map(\.noiseScale)) == Set(options.noiseScales))
        #expect(Set(worlds.map(\.technology)) == Set(options.technologies))
        #expect(Set(worlds.map(\.cellTypes)) == Set(options.cellTypes))
        var positive: [Double] = []
        for world in worlds {
            let sizes = world.strengths.flatMap { $0 }
            #expect(options.strengths.contains { range in sizes.allSatisfy { range.contains(abs($0)) } })
            #expect(options.basalRates.contains { range in world.basalRates.joined().allSatisfy(range.contains) })
            if !sizes.isEmpty { positive.append(Double(sizes.count { $0 > 0 }) / Double(sizes.count)) }
        }
        let mean = Self.mean(positive)
        let variance = positive.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(positive.count)
        #expect(abs(mean - 0.5) < 5 * (variance / Double(positive.count)).squareRoot() + 0.01)
    }

    /// Genes and known effects of a given network are kept, the others drawn.
    @Test func knownEffectsAreKept() throws {
        let network = try RegulatoryNetwork(table: "a\tb\t-\na\tc\t+\nb\tc\t?\n")
        var last: Set<Bool> = []
        for seed in 0..<20 {
            let world = GeneRegulationWorld(
                options: .init(), network: network, stream: RandomStream(seed: UInt64(seed)))
            #expect(world.geneNames == ["a", "b", "c"])
            #expect((-5 ... -1).contains(try #require(world.strength(of: Edge(0, 1)))))
            #expect((1...5).contains(try #require(world.strength(of: Edge(0, 2)))))
            last.insert(try #require(world.strength(of: Edge(1, 2))) > 0)
            #expect(world.strength(of: Edge(2, 1)) == nil)
        }
        #expect(last == [true, false])
    }

    @Test func annotatesTypesAndTargets() throws {
        var options = GeneRegulationOptions()
        (options.genes, options.observationalCells, options.interventionalCells) = (4, 10, 8)
        let sample = GeneRegulationWorld(options: options, stream: RandomStream(seed: 1)).sample(
            stream: RandomStream(seed: 2))
        let annotated = sample.annotated
        guard case .categories(let codes, let levels, _) = try #require(annotated.cells["perturbation"]),
            case .categories(let types, let typeNames, _) = try #require(annotated.cells["cell_type"]),
            case .booleans(let controls) = try #require(annotated.cells["is_control"])
        else {
            Issue.record("columns of categories, categories and Booleans were expected")
            return
        }
        #expect(levels == ["control", "g1", "g2", "g3", "g4"] && typeNames.count == 5)
        #expect(codes == Array(repeating: 0, count: 10) + [1, 2, 3, 4, 1, 2, 3, 4])
        #expect(types.map(Int.init) == sample.cellTypes)
        #expect(controls == codes.map { $0 == 0 })
        #expect(annotated.layers["interventions"] == .dense(sample.interventions))
        #expect(sample.values.values.allSatisfy { $0 >= 0 && $0 == $0.rounded() })
        let truth = sample.truth
        #expect(truth.edges.count == sample.graph.edgeCount && truth.edges.allSatisfy { $0.weight != nil })
        #expect(truth.basalRates.count == sample.graph.parents.count { $0.isEmpty })
        #expect(truth.cleanMeans.count == 4 && truth.cleanMeans.allSatisfy { $0.count == 5 })
    }
}
