import AnnotatedData
import Graphs
import Matrices
import Probability
import Testing

@testable import Simulators

struct CausalWorldTests {
    /// Residuals of a linear world, recomputed from its weights, have the drawn scale: with 4,000 Gaussian rows the
    /// relative standard error of a standard deviation is 0.0112, five of them 0.056. Intervened cells ignore the parents.
    @Test func linearCellsObeyTheirEquations() throws {
        var options = CausalWorldOptions.preset(.linear)
        options.genes = 8
        options.mechanisms = [.linear(weights: [0.5...1])]
        let world = CausalWorld(options: options, stream: RandomStream(seed: 3))
        let sample = world.sample(observational: 4000, interventional: 80, stream: RandomStream(seed: 4))
        #expect(world.graph.edgeCount > 0)
        for gene in 0..<8 {
            guard case .linear(_, let bias) = world.mechanisms[gene],
                case .constant(let scale) = world.noiseScales[gene]
            else {
                Issue.record("a linear world with constant noise was asked for")
                return
            }
            var squares = 0.0
            for row in 0..<4000 {
                var residual = Double(sample.values[row, gene] - bias)
                for parent in world.graph.parents[gene] {
                    residual -= try #require(world.weight(of: Edge(parent, gene))) * Double(sample.values[row, parent])
                }
                squares += residual * residual
            }
            #expect(abs((squares / 4000).squareRoot() / Double(scale) - 1) < 0.056)
            let intervened = (4000..<4080).filter { sample.interventions[$0, gene] == 1 }
            #expect(intervened.count == 10)
            #expect(intervened.allSatisfy { (1...3).contains(abs(sample.values[$0, gene])) })
        }
    }

    @Test func eachInterventionalCellHasOneTarget() {
        var options = CausalWorldOptions()
        options.targets = [.percent(50)]
        let sample = CausalWorld(options: options, stream: RandomStream(seed: 5)).sample(stream: RandomStream(seed: 6))
        let perRow = (0..<500).map { sample.interventions.row($0).reduce(0, +) }
        #expect(perRow == Array(repeating: 0, count: 400) + Array(repeating: 1, count: 100))
        #expect((0..<20).count { sample.interventions.column($0).contains(1) } == 10)
    }

    @Test func sameSeedSameWorldAndCells() {
        let a = CausalWorld(options: .init(), stream: RandomStream(seed: 7)).sample(stream: RandomStream(seed: 8))
        let b = CausalWorld(options: .init(), stream: RandomStream(seed: 7)).sample(stream: RandomStream(seed: 8))
        let c = CausalWorld(options: .init(), stream: RandomStream(seed: 9)).sample(stream: RandomStream(seed: 8))
        #expect(a.values == b.values && a.truth == b.truth)
        #expect(a.values != c.values)
    }

    /// Forty worlds of every family at 100 genes: strong weights and Cauchy noise stay within a Float.
    @Test func largeWorldsStayFinite() {
        var options = CausalWorldOptions.preset(.broad)
        options.genes = 100
        options.observationalCells = 20
        options.interventionalCells = 20
        for seed in 0..<40 {
            let world = CausalWorld(options: options, stream: RandomStream(seed: UInt64(seed)))
            #expect(world.sample(stream: RandomStream(seed: 1)).values.values.allSatisfy { $0.isFinite })
        }
    }

    @Test func annotatesTargets() throws {
        var options = CausalWorldOptions.preset(.randomFourier)
        options.genes = 3
        options.observationalCells = 1
        options.interventionalCells = 3
        let sample = CausalWorld(options: options, stream: RandomStream(seed: 1)).sample(stream: RandomStream(seed: 2))
        let annotated = sample.annotated
        guard case .categories(let codes, let levels, _) = try #require(annotated.cells["perturbation"]) else {
            Issue.record("perturbation is a column of categories")
            return
        }
        #expect(levels == ["control", "g1", "g2", "g3"])
        #expect(codes[0] == 0)
        for row in 1..<4 { #expect(sample.interventions[row, Int(codes[row]) - 1] == 1) }
        #expect(annotated.layers["interventions"] == .dense(sample.interventions))
        #expect(sample.truth.edges.count == sample.graph.edgeCount)
        #expect(sample.truth.edges.allSatisfy { $0.weight == nil })
        #expect(WorldTruth.names(prefix: "g", count: 10).first == "g01")
    }

    @Test(arguments: MechanismFamily.allCases) func meansAreValuesWithoutNoise(family: MechanismFamily) {
        var options = CausalWorldOptions()
        options.genes = 6
        (options.observationalCells, options.interventionalCells) = (20, 0)
        var choice = MechanismChoice(family)
        choice.noiseScales = [.constant(0...0)]
        options.mechanisms = [choice]
        let world = CausalWorld(options: options, stream: RandomStream(seed: 6))
        let values = world.sample(stream: RandomStream(seed: 7)).values
        for gene in 0..<6 {
            let means = world.means(of: gene, parents: values.selectingColumns(world.graph.parents[gene]))
            #expect(means == values.column(gene))
        }
    }
}
