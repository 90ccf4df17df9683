import Foundation
import Graphs
import Matrices
import Probability
import Testing

@testable import Simulators

/// Data beside those of the package `avici`: `Reference/Golden/Simulators/data.tsv`, made by
/// `Pipelines/Golden/simulators.py`.
///
/// 400 datasets of each of seven kinds are drawn with a fixed seed, as many as the package drew. Each of 70 statistics is
/// tested by its mean and its distribution function; all together are wrongly found different with probability 0.001. Power:
/// a difference of means of 4.5 + 2.3 standard errors, 0.48 standard deviations of the statistic over datasets, is found with
/// 99 %, as is one of 0.22 between the distribution functions.
struct PackageWorldsTests {
    static let genes = 20
    static let (observed, intervened) = (300, 120)

    static func options(_ kind: String) throws -> CausalWorldOptions {
        var options = CausalWorldOptions()
        switch kind {
        case "linear": options = .preset(.linear)
        case "rff": options = .preset(.randomFourier)
        case "scm-v0": options = .preset(.broad)
        default:
            options.graphs = [.erdosRenyi(edgesPerNode: [2])]
            options.targets = [.percent(50)]
            options.interventionValues = [1...5]
            func linear(_ noise: NoiseFamily, _ scale: NoiseScaleChoice) -> MechanismChoice {
                .linear(weights: [0.5...2], noises: [noise], noiseScales: [scale])
            }
            func waves(_ noise: NoiseFamily, _ scale: NoiseScaleChoice) -> MechanismChoice {
                .randomFourier(
                    lengthScales: [5...8], outputScales: [8...12], noises: [noise], noiseScales: [scale])
            }
            switch kind {
            case "linear/laplace": options.mechanisms = [linear(.laplace, .constant(0.2...2))]
            case "linear/cauchy, heteroscedastic": options.mechanisms = [linear(.cauchy, .heteroscedastic)]
            case "rff/gaussian, heteroscedastic": options.mechanisms = [waves(.gaussian, .heteroscedastic)]
            case "rff/cauchy": options.mechanisms = [waves(.cauchy, .constant(0.2...2))]
            default: throw CocoaError(.fileReadCorruptFile)
            }
        }
        options.genes = genes
        return options
    }

    static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    static func statistics(_ sample: WorldSample) -> [String: Double] {
        let d = genes
        let cells = Array(0..<observed)
        let columns = (0..<d).map { sample.values.column($0).map(Double.init) }
        var (logVariances, kurtoses, spreads, values): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        for (gene, column) in columns.enumerated() {
            let own = Array(column[..<observed])
            let mean = Self.mean(own)
            let variance = Self.mean(own.map { ($0 - mean) * ($0 - mean) })
            logVariances.append(log(variance))
            kurtoses.append(Self.mean(own.map { pow($0 - mean, 4) }) / (variance * variance))
            let middle = median(own)
            let rest = observed..<observed + intervened
            spreads.append(
                log(median(rest.filter { sample.interventions[$0, gene] == 0 }.map { abs(column[$0] - middle) })))
            values += rest.filter { sample.interventions[$0, gene] == 1 }.map { abs(column[$0]) }
        }
        let correlation = sample.values.correlation(rows: cells)
        var explained: [Double] = []
        for gene in 0..<d where !sample.graph.parents[gene].isEmpty {
            let parents = sample.graph.parents[gene]
            var block = Matrix<Double>(rows: parents.count, columns: parents.count)
            for (i, a) in parents.enumerated() {
                for (j, b) in parents.enumerated() { block[i, j] = correlation[a, b] }
                block[i, i] += 1e-9
            }
            let right = parents.map { correlation[$0, gene] }
            let weights = CholeskyFactor(block)!.solve(right)
            explained.append(zip(weights, right).reduce(0) { $0 + $1.0 * $1.1 })
        }
        let meanLog = mean(logVariances)
        let edges = sample.graph.edges
        return [
            "meanLogVariance": meanLog,
            "spreadOfLogVariances": mean(logVariances.map { ($0 - meanLog) * ($0 - meanLog) }).squareRoot(),
            "meanAbsoluteCorrelation": mean(
                (0..<d).flatMap { i in (i + 1..<d).map { abs(correlation[i, $0]) } }),
            "medianKurtosis": median(kurtoses), "largestKurtosis": kurtoses.max()!,
            "varianceRises": edges.isEmpty
                ? 0.5
                : Double(edges.count { logVariances[$0.source] < logVariances[$0.target] }) / Double(edges.count),
            "explainedByParents": explained.isEmpty ? 0 : mean(explained),
            "meanAbsoluteIntervention": mean(values), "targets": Double(sample.targets.count),
            "spreadUnderInterventions": mean(spreads),
        ]
    }

    @Test func worldsAreDistributedAsThePackages() throws {
        let file = PackageGraphsTests.root.appending(path: "Reference/Golden/Simulators/data.tsv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: "\t").map(String.init)
        }
        let names = Array(lines[0].dropFirst())
        let golden = Dictionary(grouping: lines.dropFirst(), by: { $0[0] })
        let tests = golden.count * names.count
        #expect(tests == 70)
        for (kind, rows) in golden {
            let options = try Self.options(kind)
            try options.validate()
            let stream = RandomStream(seed: 6).stream(kind)
            let drawn = rows.indices.map { number in
                let own = stream.stream(number)
                let world = CausalWorld(options: options, stream: own.stream("world"))
                return Self.statistics(
                    world.sample(
                        observational: Self.observed, interventional: Self.intervened, stream: own.stream("cells")))
            }
            for (place, name) in names.enumerated() {
                // The file has four digits; values that cannot differ by more are one.
                let ours = drawn.map { Double(String(format: "%.4g", $0[name]!))! }
                let test = TwoSampleTest(ours, rows.map { Double($0[place + 1])! })
                #expect(
                    test.p > 1e-3 / Double(tests),
                    "\(kind), \(name): ours \(test.means.0), the package's \(test.means.1), p \(test.p)")
            }
        }
    }
}
