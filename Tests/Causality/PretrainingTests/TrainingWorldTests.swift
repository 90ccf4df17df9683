import Graphs
import Probability
import Simulators
import Structure
import Testing

@testable import Pretraining

@Suite struct TrainingWorldTests {
    private func world(_ domain: PretrainingDomain, genes: Int = 8, cells: Int = 60, seed: UInt64 = 3) -> TrainingWorld
    {
        TrainingWorld(
            domain: domain, genes: genes, cells: cells, interventionalShare: 0.4, stream: RandomStream(seed: seed))
    }

    /// Each of the domains, at the smallest panel and a larger one, gives finite values and an acyclic truth.
    @Test(arguments: PretrainingDomain.standard.indices)
    func standardDomainsAreWorlds(place: Int) throws {
        let domain = PretrainingDomain.standard[place]
        for genes in [2, 5, 23] {
            let world = world(domain, genes: genes)
            #expect(world.values.rows == 60 && world.geneCount == genes && world.graph.nodeCount == genes)
            #expect(world.values.values.allSatisfy(\.isFinite) && world.graph.isAcyclic)
            #expect((world.interventions != nil) == domain.isInterventional)
        }
    }

    /// Linear, nonlinear and gene-like worlds have about a third each.
    @Test func standardSharesAreThirds() {
        func share(_ part: (PretrainingDomain) -> Bool) -> Double {
            PretrainingDomain.standard.filter(part).map(\.share).reduce(0, +)
        }
        let regulation = share {
            $0.name.contains("gene regulation") && !$0.isPermuted
        }
        // The shares are decimal fractions, whose sums are off by rounding; what joins later comes on top.
        #expect(abs(share { $0.fromStep == 0 } - 1) < 1e-9 && abs(regulation - 0.305) < 1e-9)
        let linear = share { $0.name.contains("linear") }
        #expect(abs(linear - share { $0.name.contains("random Fourier") }) < 1e-9)
        #expect(Set(PretrainingDomain.standard.map(\.name)).count == PretrainingDomain.standard.count)
    }

    /// The networks that accuracy is tested on are not among those trained on.
    @Test func realNetworksAreNotTrainedOn() {
        for domain in PretrainingDomain.standard {
            let graphs =
                switch domain.worlds {
                case .causal(let options): options.graphs
                case .geneRegulation(let options): options.graphs
                }
            #expect(graphs.allSatisfy { $0.family != .geneNetwork })
        }
    }

    /// A chain of which genes were left out: an edge stands for what runs through them.
    @Test func hiddenGenesLeaveTheirPaths() throws {
        var options = CausalWorldOptions.preset(.linear)
        options.graphs = [.erdosRenyi(edgesPerNode: [2])]
        var domain = PretrainingDomain(name: "a", worlds: options, isInterventional: true)
        domain.hiddenShare = 0.5
        for seed in 0..<20 as Range<UInt64> {
            let seen = world(domain, seed: seed)
            #expect(seen.geneCount == 8 && seen.values.columns == 8 && seen.interventions?.columns == 8)
            // Cells with an intervention on a hidden gene have no label, and are no controls either: 36 of 60 are.
            let isControl = seen.isControl ?? []
            #expect(isControl.count { $0 } == 36)
            let labels = try #require(seen.interventions)
            #expect((0..<60).contains { cell in !isControl[cell] && labels.row(cell).allSatisfy { $0 == 0 } })
            // The whole world of 16 genes, and the eight that were measured.
            options.genes = 16
            let whole = CausalWorld(options: options, stream: RandomStream(seed: seed).stream("world")).graph
            var stream = RandomStream(seed: seed).stream("hidden")
            let genes = stream.choice(8, of: 16).sorted()
            for (i, source) in genes.enumerated() {
                // Genes reached from the source by way of hidden ones alone: leave out what the others lead to.
                let kept = whole.edges.filter { $0.source == source || !genes.contains($0.source) }
                let reached = DirectedGraph(nodeCount: 16, edges: kept).descendants(of: source)
                for (j, target) in genes.enumerated() where i != j {
                    #expect(seen.graph[i, j] == reached.contains(target))
                }
            }
        }
    }

    /// A domain has no worlds before its step, and the others have the same as without it.
    @Test func domainsJoin() {
        var options = StructurePretrainingOptions()
        options.genes = 4...6
        options.cells = 20...30
        options.domains = [
            PretrainingDomain(name: "a", worlds: .preset(.linear), isInterventional: false),
            PretrainingDomain(name: "b", worlds: .preset(.linear), isInterventional: true),
        ]
        var joined = options
        joined.domains.append(
            PretrainingDomain(name: "c", share: 2, worlds: .preset(.linear), isInterventional: false, fromStep: 5))
        let worlds = (0..<80).map { TrainingWorld.training($0, joined) }
        for number in 0..<40 {
            let world = TrainingWorld.training(number, options)
            #expect(world.values == worlds[number].values && world.domain == worlds[number].domain)
        }
        // Half of the worlds are of it; none of 40 would be with a chance of 1e-12.
        #expect(worlds[40...].contains { $0.domain == "c" })
    }

    /// Shuffling keeps each gene's values and leaves no edge.
    @Test func permutedWorldsHaveNoEdges() {
        let plain = PretrainingDomain(name: "a", worlds: .preset(.linear), isInterventional: true)
        var permuted = plain
        permuted.isPermuted = true
        let (before, after) = (world(plain), world(permuted))
        #expect(before.graph.edgeCount > 0 && after.graph.edgeCount == 0)
        #expect(before.interventions == after.interventions && before.values != after.values)
        for gene in 0..<8 { #expect(before.values.column(gene).sorted() == after.values.column(gene).sorted()) }
    }

    /// Copies equal another gene, labels included, and have no edges; every other edge stays.
    @Test func duplicatedGenesHaveOneOwner() {
        let plain = PretrainingDomain(name: "a", worlds: .preset(.linear), isInterventional: true)
        var duplicated = plain
        duplicated.duplicatedShare = 0.25
        for seed in 0..<5 as Range<UInt64> {
            let (before, after) = (world(plain, seed: seed), world(duplicated, seed: seed))
            let changed = (0..<8).filter { before.values.column($0) != after.values.column($0) }
            #expect((1...2).contains(changed.count))
            for gene in changed {
                let twins = (0..<8).filter { $0 != gene && after.values.column($0) == after.values.column(gene) }
                #expect(!twins.isEmpty)
                #expect(twins.contains { after.interventions!.column($0) == after.interventions!.column(gene) })
                #expect(after.graph.parents[gene].isEmpty && after.graph.children[gene].isEmpty)
            }
            #expect(after.graph.edges == before.graph.edges.filter { !changed.contains($0.target) })
        }
    }

    /// With power 1 as many panels of 4 to 7 genes as of 8 to 15; with power 2 twice as many: the share of a doubling
    /// falls as its size to the power of 1 − p.
    @Test(arguments: [(1.0, 0.5), (2.0, 2.0 / 3)])
    func largePanelsAreAsRareAsAsked(power: Double, expected: Double) {
        var options = StructurePretrainingOptions()
        options.genes = 4...15
        options.genesPower = power
        options.cells = 10...10
        options.domains = [PretrainingDomain(name: "a", worlds: .preset(.linear), isInterventional: false)]
        let small = (0..<2000).count { TrainingWorld.training($0, options).geneCount < 8 }
        // Four standard errors of a share of 2,000.
        #expect(abs(Double(small) / 2000 - expected) < 0.045)
    }

    @Test func theCurriculumSetsTheSizes() {
        var options = StructurePretrainingOptions()
        options.domains = [PretrainingDomain(name: "a", worlds: .preset(.linear), isInterventional: false)]
        options.worldsPerStep = 4
        options.curriculum = [
            CurriculumStage(untilStep: 2, genes: 3...4, cells: 10...12),
            CurriculumStage(untilStep: 5, genes: 5...6, cells: 20...22),
        ]
        (options.genes, options.cells) = (7...8, 30...32)
        for number in 0..<28 {
            let world = TrainingWorld.training(number, options)
            let (genes, cells) = number < 8 ? (3...4, 10...12) : number < 20 ? (5...6, 20...22) : (7...8, 30...32)
            #expect(genes.contains(world.geneCount) && cells.contains(world.values.rows))
        }
    }

    /// The same world from its number alone.
    @Test func worldsRepeat() {
        var options = StructurePretrainingOptions()
        (options.genes, options.cells) = (5...9, 40...60)
        for number in [0, 7, 1_000_003] {
            let (one, other) = (TrainingWorld.training(number, options), TrainingWorld.training(number, options))
            #expect(one.values == other.values && one.interventions == other.interventions)
            #expect(one.graph == other.graph)
        }
    }
}
