import Foundation
import Graphs
import Matrices
import Probability
import Testing

@testable import Simulators

/// Statistics over many repeats beside those of the package `avici` (`Pipelines/Golden/sergio.py`): z tests of the means
/// of two samples, 1 % over all statistics of a test (Bonferroni; seeds are fixed, so a test passes or not for good). A
/// shift of a statistic by 0.35 of its standard deviation over repeats would be found with a probability above 90 % at
/// 600 repeats a side (critical value 3.5; √(2/600) · (3.5 + 1.3) = 0.28).
struct GeneRegulationGoldenTests {
    struct Statistic: Decodable {
        var name: String
        /// Absent where the statistic is not defined in any repeat.
        var mean: Double
        var variance: Double
    }

    struct Fixture: Decodable {
        struct Network: Decodable {
            var edges: [[Int]]
            var strengths: [Double]
            var basalRates: [[Double]]
            var decay, noise, hill: Double
            var cellTypes: Int
        }
        struct Expression: Decodable {
            var target: Int?
            var cellsPerType, repeats: Int
            var statistics: [Statistic]
        }
        struct Technical: Decodable {
            var technology: SequencingTechnology
            var repeats: Int
            var statistics: [Statistic]
        }
        struct Worlds: Decodable {
            var genes, observational, interventional, repeats: Int
            var statistics: [Statistic]
        }
        var network: Network
        var expression: [Expression]
        var technical: [Technical]
        var worlds: Worlds
    }

    static func fixture() throws -> Fixture {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return try JSONDecoder().decode(
            Fixture.self,
            from: Data(
                contentsOf: folder.appendingPathComponent("Reference/Golden/Simulators/gene_regulation.json")))
    }

    /// Two-sided z tests of `found`, one list of statistics a repeat (NaN where undefined), at 1 % in all.
    static func compare(_ found: [[Double]], _ expected: [Statistic], repeats: Int, _ comment: String) {
        for (place, statistic) in expected.enumerated() {
            let ours = SampleMean(found.map { $0[place] }.filter { !$0.isNaN })
            let p = ours.pOfEquality(
                SampleMean(mean: statistic.mean, variance: statistic.variance, count: repeats))
            #expect(
                p >= 0.01 / Double(expected.count),
                "\(comment), \(statistic.name): \(ours.mean), by the package \(statistic.mean), p \(p)")
        }
    }

    static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot())
    }

    static func share<Values: Sequence>(_ values: Values, where test: (Values.Element) -> Bool) -> Double {
        var (count, hits) = (0.0, 0.0)
        for value in values {
            count += 1
            if test(value) { hits += 1 }
        }
        return hits / count
    }

    /// Expression without technical noise on a fixed network: wild type and two knock-outs.
    @Test func expressionIsThatOfThePackage() throws {
        let fixture = try Self.fixture()
        let network = fixture.network
        let edges = network.edges.map { Edge($0[0], $0[1]) }
        let graph = DirectedGraph(nodeCount: network.basalRates.count, edges: edges)
        let strength = Dictionary(uniqueKeysWithValues: zip(edges, network.strengths))
        let world = GeneRegulationWorld(
            options: .init(), graph: graph,
            strengths: graph.parents.enumerated().map { gene, parents in parents.map { strength[Edge($0, gene)]! } },
            basalRates: network.basalRates, hillCoefficient: network.hill, decay: network.decay,
            noiseScale: network.noise)
        for run in fixture.expression {
            let stream = RandomStream(seed: 31).stream(run.target ?? -1)
            let found = world.expression(
                targets: Array(repeating: run.target, count: run.repeats), cellsPerType: run.cellsPerType,
                stream: stream
            ).map { cells in
                let genes = (0..<cells.columns).map { cells.column($0).map(Double.init) }
                let moments = genes.map(Self.moments)
                let zeros = genes.map { Self.share($0) { $0 == 0 } }
                let correlations =
                    run.target == nil ? edges.map { pearsonCorrelation(genes[$0.source], genes[$0.target]) } : []
                return moments.map(\.mean) + moments.map(\.deviation) + zeros + correlations
            }
            Self.compare(found, run.statistics, repeats: run.repeats, "target \(run.target.map(String.init) ?? "none")")
        }
    }

    /// The technical chain on one fixed matrix, for every technology.
    @Test func technicalNoiseIsThatOfThePackage() throws {
        let (types, genes, perType) = (3, 12, 20)
        var fixed = Matrix<Float>(rows: types * perType, columns: genes)
        for cell in 0..<fixed.rows {
            for gene in 0..<genes {
                fixed[cell, gene] = 0.5 + Float((7 * (cell % perType) + 13 * gene + 5 * (cell / perType)) % 31) / 5
            }
        }
        for run in try Self.fixture().technical {
            let found = (0..<run.repeats).map { number in
                var stream = RandomStream(seed: 32).stream(run.technology.rawValue).stream(number)
                let noise = run.technology.noise(stream.stream("settings"))!
                var cells = fixed
                let factors = noise.multiplyOutliers(&cells, &stream)
                noise.scaleLibraries(&cells, &stream)
                let totals = Self.moments((0..<cells.rows).map { log(cells.row($0).reduce(0.0) { $0 + Double($1) }) })
                noise.dropOut(&cells, &stream)
                let dropped = Self.share(cells.values) { $0 == 0 }
                TechnicalNoise.countMolecules(&cells, &stream)
                let logs = Self.moments(cells.values.map { log1p(Double($0)) })
                let countTotals = (0..<cells.rows).map { log1p(cells.row($0).reduce(0.0) { $0 + Double($1) }) }
                return [
                    Self.share(factors) { $0 != 1 }, totals.mean, totals.deviation, dropped,
                    Self.share(cells.values) { $0 == 0 }, logs.mean, Self.moments(countTotals).mean, logs.deviation,
                ]
            }
            Self.compare(found, run.statistics, repeats: run.repeats, run.technology.rawValue)
        }
    }

    /// Whole datasets of the training distribution: networks, kinetics, noise and knock-outs together.
    @Test func worldsAreThoseOfThePackage() throws {
        let run = try Self.fixture().worlds
        var options = GeneRegulationOptions.preset(.train)
        options.genes = run.genes
        options.observationalCells = run.observational
        options.interventionalCells = run.interventional
        let found = (0..<run.repeats).map { number in
            let stream = RandomStream(seed: 33).stream(number)
            let world = GeneRegulationWorld(options: options, stream: stream.stream("world"))
            let sample = world.sample(stream: stream.stream("cells"))
            let (d, n) = (run.genes, run.observational)
            let observed = sample.values.values[..<(n * d)]
            let treated = sample.values.values[(n * d)...]
            let totals = Self.moments((0..<n).map { log1p(sample.values.row($0).reduce(0.0) { $0 + Double($1) }) })
            let logs = Self.moments(observed.map { log1p(Double($0)) })
            let genes = (0..<d).map { gene in (0..<n).map { log1p(Double(sample.values[$0, gene])) } }
            let related = world.graph.edges.map { pearsonCorrelation(genes[$0.source], genes[$0.target]) }
                .filter { !$0.isNaN }
            let hit = zip(sample.values.values, sample.interventions.values).filter { $0.1 == 1 }
            return [
                Double(world.graph.edgeCount), Self.share(world.graph.children) { $0.isEmpty },
                Double(world.graph.parents.map(\.count).max()!), Self.share(observed) { $0 == 0 },
                Self.share(treated) { $0 == 0 }, totals.mean, totals.deviation, logs.mean, logs.deviation,
                related.isEmpty ? .nan : Self.moments(related).mean, Self.share(hit) { $0.0 == 0 },
            ]
        }
        Self.compare(found, run.statistics, repeats: run.repeats, "worlds")
    }
}
