import Foundation
import Generators
import Identification
import Matrices
import Probability
import Sampling
import Testing

/// Worlds with known effects of the folder that INTERVENTOME_DATA names, 20,000 rows each.
struct GivenWorldsTests {
    static let folder = ProcessInfo.processInfo.environment["INTERVENTOME_DATA"].map {
        URL(filePath: $0).appending(path: "identification")
    }
    static let isThere = folder.map {
        FileManager.default.fileExists(atPath: $0.appending(path: "numeric_given.json").path)
    }
    static let rows = 20_000

    struct Cases<Case: Decodable>: Decodable { let cases: [Case] }

    struct Question: Decodable {
        let outcomes: [String]
        let treatments: [String]
        let conditions: [String]

        var query: CausalQuery { CausalQuery(outcomes: outcomes, treatments: treatments, conditions: conditions) }
    }

    /// Values over every combination of levels, the last axis fastest.
    struct Levels: Decodable {
        let axes: [String]
        let shape: [Int]
        let p: [Double]

        /// The levels of an entry by the names of the axes.
        func levels(of entry: Int) -> [String: Int] {
            var rest = entry
            var levels: [String: Int] = [:]
            for (name, extent) in zip(axes, shape).reversed() {
                levels[name] = rest % extent
                rest /= extent
            }
            return levels
        }
    }

    struct Discrete: Decodable {
        let id: String
        let graph: DiagramDescription
        let query: Question
        let joint: Levels
        let truth: Levels
        let pluginDistances: [String: Double]
        let naiveDistance: Double

        enum CodingKeys: String, CodingKey {
            case id, graph, query, joint, truth
            case pluginDistances = "plugin_tvd_mean_by_n"
            case naiveDistance = "naive_tvd_mean"
        }
    }

    static func cases<Case: Decodable>(_ file: String) throws -> [Case] {
        let data = try Data(contentsOf: folder!.appending(path: file))
        return try JSONDecoder().decode(Cases<Case>.self, from: data).cases
    }

    /// Rows drawn from the joint distribution.
    static func rows(_ joint: Levels, seed: UInt64) -> NodeTable {
        var stream = RandomStream(seed: seed).stream("rows")
        var sums: [Double] = []
        for p in joint.p { sums.append((sums.last ?? 0) + p) }
        var columns = joint.axes.map { _ in [Float](repeating: 0, count: rows) }
        for row in 0..<rows {
            let u = stream.uniform() * sums.last!
            let entry = sums.firstIndex { u < $0 }!
            let levels = joint.levels(of: entry)
            for (place, name) in joint.axes.enumerated() { columns[place][row] = Float(levels[name]!) }
        }
        var table = NodeTable(rows: rows)
        for (place, name) in joint.axes.enumerated() {
            table[name] = NodeColumn(labels(joint.shape[place]), columns[place])
        }
        return table
    }

    /// At most twice what the formula is off on so many rows, with the frequencies put in, and .01; and a third of what
    /// the observed conditional distribution is off where that is more than .1. The plug-in's error is a mean over data
    /// sets, of which ours is one.
    @Test(.enabled(if: isThere ?? false, "INTERVENTOME_DATA names no folder with identification/numeric_given.json"))
    func discreteEffectsAreNear() throws {
        let cases: [Discrete] = try Self.cases("numeric_given.json")
        for test in cases {
            let diagram = try CausalDiagram(test.graph)
            let kinds = Dictionary(uniqueKeysWithValues: zip(test.joint.axes, test.joint.shape.map(labels)))
            let nodes = diagram.names.map { Node($0, kinds[$0]!) }
            let query = test.query.query
            var distances: [Double] = []
            for seed in 1...2 as ClosedRange<UInt64> {
                let network = try SamplingNetwork.trained(
                    diagram.identify(query).derivation, outcomes: query.outcomes, nodes: nodes,
                    table: Self.rows(test.joint, seed: seed), options: SamplingOptions(),
                    stream: RandomStream(seed: seed))
                distances.append(try Self.distance(network, test, draws: 50_000))
            }
            let mean = distances.reduce(0, +) / Double(distances.count)
            let plugin = test.pluginDistances["20000"]!
            #expect(mean <= 2 * plugin + 0.01, "\(test.id)")
            if test.naiveDistance > 0.1 { #expect(mean <= test.naiveDistance / 3, "\(test.id)") }
        }
    }

    /// The mean over settings of the total variation between draws and truth.
    static func distance(_ network: SamplingNetwork, _ test: Discrete, draws: Int) throws -> Double {
        let set = test.query.treatments + test.query.conditions
        // Entries of the truth by setting: outcomes come first, so that settings vary fastest.
        let count = set.reduce(1) { $0 * test.truth.shape[test.truth.axes.firstIndex(of: $1)!] }
        var settings = NodeTable(rows: count)
        for name in set {
            let extent = test.truth.shape[test.truth.axes.firstIndex(of: name)!]
            settings[name] = NodeColumn(labels(extent), (0..<count).map { Float(test.truth.levels(of: $0)[name]!) })
        }
        let drawn = network.sample(at: settings, draws: draws, stream: RandomStream(seed: 9))
        var frequencies = [Double](repeating: 0, count: test.truth.p.count)
        for row in 0..<drawn.rows {
            var entry = 0
            for (name, extent) in zip(test.truth.axes, test.truth.shape) {
                let value = set.contains(name) ? settings[name].values[row / draws] : drawn[name].values[row]
                entry = entry * extent + Int(value)
            }
            frequencies[entry] += 1 / Double(draws)
        }
        return zip(frequencies, test.truth.p).reduce(0) { $0 + abs($1.0 - $1.1) } / 2 / Double(count)
    }

    struct Gaussian: Decodable {
        struct Moments: Decodable {
            let axes: [String]
            let mean: [Double]
            let covariance: [[Double]]
        }

        struct Truth: Decodable {
            let outcomes: [String]
            let intercepts: [Double]
            let slopes: [[Double]]
            let covariance: [[Double]]

            enum CodingKeys: String, CodingKey {
                case outcomes, covariance
                case intercepts = "mean_intercept"
                case slopes = "mean_coef_treatments"
            }
        }

        let name: String
        let graph: DiagramDescription
        let query: Question
        let observational: Moments
        let truth: Truth
    }

    /// Means within .05 standard deviations and slopes within 5 %, of two data sets on average.
    @Test(.enabled(if: isThere ?? false, "INTERVENTOME_DATA names no folder with identification/numeric_given.json"))
    func gaussianEffectsAreNear() throws {
        let cases: [Gaussian] = try Self.cases("gaussian_given.json")
        for test in cases {
            let diagram = try CausalDiagram(test.graph)
            let nodes = diagram.names.map { Node($0, .scalar) }
            let query = test.query.query
            var options = SamplingOptions()
            options.generators.form = .linearGaussian
            let deviation = test.truth.covariance[0][0].squareRoot()
            for seed in 1...3 as ClosedRange<UInt64> {
                let network = try SamplingNetwork.trained(
                    diagram.identify(query).derivation, outcomes: query.outcomes, nodes: nodes,
                    table: Self.rows(test.observational, seed: seed), options: options,
                    stream: RandomStream(seed: seed))
                let draws = 200_000
                let settings = NodeTable(
                    rows: 2, columns: [query.treatments[0]: NodeColumn(.scalar, [-1, 1])])
                let drawn = network.sample(at: settings, draws: draws, stream: RandomStream(seed: 9))
                let means = (0..<2).map { place in
                    drawn[query.outcomes[0]].values[place * draws..<(place + 1) * draws].reduce(0) { $0 + Double($1) }
                        / Double(draws)
                }
                let slope = (means[1] - means[0]) / 2
                let truth = test.truth.slopes[0][0]
                let middle = (means[0] + means[1]) / 2
                #expect(abs(middle - test.truth.intercepts[0]) < 0.05 * deviation)
                #expect(abs(slope - truth) < 0.05 * abs(truth))
            }
        }
    }

    static func rows(_ moments: Gaussian.Moments, seed: UInt64) -> NodeTable {
        let width = moments.axes.count
        let eigen = SymmetricEigen(Matrix(rows: width, columns: width, values: moments.covariance.flatMap { $0 }))
        var stream = RandomStream(seed: seed).stream("rows")
        let noise = stream.normals(rows * width).map(Double.init)
        var table = NodeTable(rows: rows)
        for (place, name) in moments.axes.enumerated() {
            let factors = (0..<width).map { eigen.eigenvectors[place, $0] * max(0, eigen.eigenvalues[$0]).squareRoot() }
            let values = (0..<rows).map { row in
                (0..<width).reduce(moments.mean[place]) { $0 + factors[$1] * noise[row * width + $1] }
            }
            table[name] = NodeColumn(.scalar, values.map { Float($0) })
        }
        return table
    }
}
