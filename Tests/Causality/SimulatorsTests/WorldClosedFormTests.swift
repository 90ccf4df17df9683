import Foundation
import Graphs
import Matrices
import Probability
import Testing

@testable import Simulators

/// Sampled cells beside closed forms of their distribution.
struct WorldClosedFormTests {
    /// Weights W[i, j] of i → j, biases and noise scales of a linear world.
    private func parameters(_ world: CausalWorld) throws -> (Matrix<Double>, [Double], [Double]) {
        let d = world.graph.nodeCount
        var weights = Matrix<Double>(rows: d, columns: d)
        var (biases, scales): ([Double], [Double]) = ([], [])
        for gene in 0..<d {
            guard case .linear(_, let bias) = world.mechanisms[gene],
                case .constant(let scale) = world.noiseScales[gene]
            else { throw CocoaError(.featureUnsupported) }
            biases.append(Double(bias))
            scales.append(Double(scale))
            for parent in world.graph.parents[gene] {
                weights[parent, gene] = try #require(world.weight(of: Edge(parent, gene)))
            }
        }
        return (weights, biases, scales)
    }

    /// (I − W)⁻¹ = I + W + W² + … of an acyclic graph.
    private func total(_ weights: Matrix<Double>) -> Matrix<Double> {
        var (sum, power) = (Matrix<Double>.identity(weights.rows), Matrix<Double>.identity(weights.rows))
        for _ in 0..<weights.rows {
            power = power.multiplied(by: weights)
            for index in sum.values.indices { sum.values[index] += power.values[index] }
        }
        return sum
    }

    private func linear(_ interventions: InterventionKind) -> CausalWorldOptions {
        var options = CausalWorldOptions.preset(.linear)
        options.genes = 7
        options.mechanisms = [.linear(weights: [0.5...1.5])]
        options.graphs = [.erdosRenyi(edgesPerNode: [2])]
        options.interventions = interventions
        return options
    }

    /// cov(x) = (I − W)⁻ᵀ D (I − W)⁻¹ and E x = (I − W)⁻ᵀ b for row vectors x = x W + b + e. An entry of the covariance of n
    /// Gaussian rows has variance (s_ii s_jj + s_ij²)/n; five standard errors of 20,000 rows.
    @Test func linearGaussianCellsHaveTheirCovariance() throws {
        let n = 20_000
        let world = CausalWorld(options: linear(.hard), stream: RandomStream(seed: 21))
        #expect(world.graph.edgeCount >= 8)
        let (weights, biases, scales) = try parameters(world)
        let path = total(weights)
        let cells = world.sample(observational: n, interventional: 0, stream: RandomStream(seed: 22)).values
        let covariance = cells.covariance()
        let means = cells.columnMeans()
        func expected(_ i: Int, _ j: Int) -> Double {
            (0..<7).reduce(0) { $0 + path[$1, i] * scales[$1] * scales[$1] * path[$1, j] }
        }
        for i in 0..<7 {
            let mean = (0..<7).reduce(0) { $0 + biases[$1] * path[$1, i] }
            #expect(abs(means[i] - mean) < 5 * (expected(i, i) / Double(n)).squareRoot())
            for j in 0...i {
                let variance = expected(i, i) * expected(j, j) + expected(i, j) * expected(i, j)
                #expect(abs(covariance[i, j] - expected(i, j)) < 5 * (variance / Double(n)).squareRoot())
            }
        }
    }

    /// A shift s of gene i moves the mean of gene j by s (I − W)⁻¹[i, j], and nothing else; a hard intervention leaves
    /// genes that are not descendants alone, and makes the gene's own mean 0 and its size uniform on 1…3. Of activity a in
    /// place of gene i with mean m the mean of any other gene j moves by (a − m) (I − W)⁻¹[i, j], and i stays.
    @Test(arguments: InterventionKind.allCases) func interventionsReachDescendants(_ kind: InterventionKind)
        throws
    {
        let (n, each) = (4000, 2000)
        let world = CausalWorld(options: linear(kind), stream: RandomStream(seed: 23))
        let (weights, _, scales) = try parameters(world)
        let path = total(weights)
        let sample = world.sample(
            observational: n, interventional: 7 * each, stream: RandomStream(seed: 24))
        #expect(sample.targets == Array(0..<7) && sample.drawnOnce.count == (kind == .hard ? 0 : 7))
        let control = sample.values.columnMeans(rows: Array(0..<n))
        for target in 0..<7 {
            let rows = (n..<n + 7 * each).filter { sample.interventions[$0, target] == 1 }
            #expect(rows.count == each && rows[0] == n + target)
            let means = sample.values.columnMeans(rows: rows)
            let descendants = world.graph.descendants(of: target)
            for gene in 0..<7 {
                let variance = (0..<7).reduce(0) { $0 + pow(path[$1, gene] * scales[$1], 2) }
                let limit = 5 * (variance / Double(n) + variance / Double(each)).squareRoot()
                switch kind {
                case .shift:
                    let shift = sample.drawnOnce[target] * path[target, gene]
                    #expect((1...3).contains(abs(sample.drawnOnce[target])))
                    #expect(abs(means[gene] - control[gene] - shift) < limit)
                case .activity:
                    // The control mean of the target has an error of its own, which its effects multiply.
                    let spread = (0..<7).reduce(0) { $0 + pow(path[$1, target] * scales[$1], 2) }
                    let own = gene == target ? 0 : path[target, gene]
                    let moved = (sample.drawnOnce[target] - control[target]) * own
                    #expect(
                        abs(means[gene] - control[gene] - moved) < limit + 5 * abs(own)
                            * (spread / Double(n)).squareRoot())
                case .hard where gene == target:
                    // ±U(1, 3) has variance 13/3; the mean size, 2, has standard error 0.577/√2000.
                    #expect(abs(means[gene]) < 5 * (13.0 / 3 / Double(each)).squareRoot())
                    let sizes = rows.map { Double(abs(sample.values[$0, gene])) }
                    #expect(sizes.allSatisfy { (1...3).contains($0) })
                    #expect(abs(sizes.reduce(0, +) / Double(each) - 2) < 0.065)
                case .hard where !descendants.contains(gene):
                    #expect(abs(means[gene] - control[gene]) < limit)
                case .hard: break
                }
            }
        }
    }

    /// The variance of a heteroscedastic gene's noise where it has no parents is log(1 + exp h), h constant: its own Waves at
    /// no input. 20,000 Gaussian cells: five relative standard errors of a standard deviation are 0.025.
    @Test func heteroscedasticRootsHaveTheirScale() throws {
        var options = linear(.hard)
        options.mechanisms[0].noiseScales = [.heteroscedastic]
        let world = CausalWorld(options: options, stream: RandomStream(seed: 25))
        let sample = world.sample(observational: 20_000, interventional: 0, stream: RandomStream(seed: 26))
        let deviations = sample.values.columnMoments().standardDeviations
        let roots = (0..<7).filter { world.graph.parents[$0].isEmpty }
        #expect(!roots.isEmpty)
        for root in roots {
            let waves = try #require(sample.truth.mechanisms[root].noiseWaves)
            let h = zip(waves.phases, waves.amplitudes).reduce(0.0) {
                $0 + Double($1.1) * cos(2 * .pi * Double($1.0))
            }
            #expect(abs(deviations[root] / log1p(exp(h)).squareRoot() - 1) < 0.025)
        }
    }

    /// Cells of a random Fourier world recomputed from the truth as it is written, by Foundation: what is left is the noise,
    /// of the written scale. 4,000 cells: five relative standard errors of a standard deviation are 0.056.
    @Test func theTruthReproducesTheCells() throws {
        var options = CausalWorldOptions.preset(.randomFourier)
        options.genes = 6
        let world = CausalWorld(options: options, stream: RandomStream(seed: 27))
        let sample = world.sample(observational: 4000, interventional: 0, stream: RandomStream(seed: 28))
        let truth = sample.truth
        let place = Dictionary(uniqueKeysWithValues: truth.genes.enumerated().map { ($1, $0) })
        for (gene, mechanism) in truth.mechanisms.enumerated() {
            let waves = try #require(mechanism.waves)
            let parents = mechanism.parents.map { place[$0]! }
            var squares = 0.0
            for row in 0..<4000 {
                var value = Double(mechanism.bias)
                for feature in waves.phases.indices {
                    var turns = Double(waves.phases[feature])
                    for (position, parent) in parents.enumerated() {
                        turns += Double(waves.frequencies[feature][position]) * Double(sample.values[row, parent])
                    }
                    value += Double(waves.amplitudes[feature]) * cos(2 * .pi * turns)
                }
                squares += pow(Double(sample.values[row, gene]) - value, 2)
            }
            let scale = Double(try #require(mechanism.noiseScale))
            #expect(abs((squares / 4000).squareRoot() / scale - 1) < 0.056)
        }
        #expect(truth.edges.count == world.graph.edgeCount && truth.mechanism == "randomFourier")
    }
}
