import AnnotatedData
import Formats
import Foundation
import Matrices
import Probability
import Simulators
import Testing

@testable import Runs

/// The preset `gim` beside worlds of the same experiment that others drew (`gim_worlds`), where they are there.
struct PublishedScreensTests {
    private static let worlds: URL? = {
        var data = URL(fileURLWithPath: #filePath)
        for _ in 0..<5 { data.deleteLastPathComponent() }
        data.append(path: "shared/data")
        if let path = ProcessInfo.processInfo.environment["INTERVENTOME_DATA"] { data = URL(fileURLWithPath: path) }
        let folder = data.appending(path: "gim_worlds")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    private struct Cell: Hashable {
        let name: String
        let dose: Double
    }

    private static func treatments(_ cells: AnnotatedMatrix, dose column: String) throws -> [Cell: [Int]] {
        let names = try #require(cells.cells["perturbation"]?.labels)
        guard case .floats(let doses) = try #require(cells.cells[column]) else { return [:] }
        return Dictionary(grouping: names.indices) { Cell(name: names[$0] ?? "", dose: doses[$0]) }
    }

    /// How many treatments there are of each split, dose and number of cells.
    private static func design(_ cells: AnnotatedMatrix, dose column: String) throws -> [String: Int] {
        let splits = try #require(cells.cells["split"]?.labels)
        let contexts = try treatments(cells, dose: column).map { "\(splits[$1[0]]!) \($0.dose) \($1.count)" }
        return Dictionary(contexts.map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// Of one screen: the mean variance of controls and the mean absolute correlation of their genes; over treatments ×
    /// genes the root mean square shift, and the share of shifts beyond one standard deviation of the controls.
    private static func statistics(_ cells: AnnotatedMatrix, dose column: String) throws -> [Double] {
        let values = try #require(cells.x).dense
        let contexts = try treatments(cells, dose: column)
        let rows = try #require(contexts[Cell(name: "control", dose: 0)])
        let control = values.columnMoments(rows: rows)
        var (squares, large, count) = (0.0, 0.0, 0.0)
        for (context, treated) in contexts.sorted(by: { $0.value[0] < $1.value[0] }) where context.name != "control" {
            let moments = values.columnMoments(rows: treated)
            for gene in 0..<values.columns {
                let shift = moments.means[gene] - control.means[gene]
                squares += shift * shift
                large += shift * shift > control.variances[gene] ? 1 : 0
                count += 1
            }
        }
        var correlation = 0.0
        for a in 0..<values.columns {
            for b in 0..<a {
                let covariance = rows.reduce(0.0) { sum, row in
                    sum + (Double(values[row, a]) - control.means[a]) * (Double(values[row, b]) - control.means[b])
                }
                correlation +=
                    abs(covariance) / Double(rows.count - 1)
                    / (control.variances[a] * control.variances[b]).squareRoot()
            }
        }
        let pairs = Double(values.columns * (values.columns - 1) / 2)
        return [
            control.variances.reduce(0, +) / Double(values.columns), correlation / pairs,
            (squares / count).squareRoot(),
            large / count,
        ]
    }

    /// Statistics of one world among those of 16 of ours: within five of their standard deviations of their mean, which
    /// for the 15 degrees of freedom has a probability of 2e-4 to fail by chance, 3e-3 for all four worlds and statistics.
    @Test(
        .enabled(if: worlds != nil, "needs shared/data beside the package"),
        arguments: [
            ("linear_ER", ResponseFamily.linear, "erdosRenyi"), ("linear_SF", .linear, "scaleFreeTransposed"),
            ("nonlinear_ER", .perceptron, "erdosRenyi"), ("nonlinear_SF", .perceptron, "scaleFreeTransposed"),
        ])
    func worldsLookAlike(_ name: String, _ mechanism: ResponseFamily, _ graph: String) throws {
        func world(_ part: String) throws -> AnnotatedMatrix {
            try readAnnotated(Self.worlds!.appending(path: "\(name)_seed0_\(part).h5ad").path).data
        }
        var options = try Simulation.merged(DrugScreenOptions.preset(.gim), nil, ["graph=\(graph)"])
        options.mechanism = mechanism
        let one = SimulatedDrugScreen(options: options, stream: RandomStream(seed: 0))
        let test = try #require(one.test)
        #expect(try Self.design(test, dose: "dose_value") == Self.design(world("test"), dose: "dose"))

        let train = try world("train")
        #expect(
            try Self.treatments(train, dose: "dose").map { "\($0.dose) \($1.count)" }.sorted()
                == Self.treatments(one.cells, dose: "dose_value").map { "\($0.dose) \($1.count)" }.sorted())

        options.heldOutDoses = []
        options.heldOutDrugs = 0
        let ours = try (0..<16).map { seed in
            try Self.statistics(
                SimulatedDrugScreen(options: options, stream: RandomStream(seed: UInt64(seed))).cells,
                dose: "dose_value")
        }
        for (place, found) in try Self.statistics(train, dose: "dose").enumerated() {
            let values = ours.map { $0[place] }
            let mean = values.reduce(0, +) / 16
            let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 15).squareRoot()
            #expect(abs(found - mean) < 5 * deviation, "statistic \(place): \(found), ours \(mean) ± \(deviation)")
        }
    }
}
