import Foundation
import Matrices
import Probability
import Screens
import Testing

@testable import ShiftProcesses

@Suite struct ScaleSpreadTests {
    /// Coordinates × genes of signals with variance r δ and noise of variance 1.
    private static func coordinates(_ variances: [Double], logScales: [Double], seed: UInt64) -> Matrix<Double> {
        var stream = RandomStream(seed: seed)
        return Matrix(
            rows: variances.count, columns: logScales.count,
            values: variances.flatMap { variance in
                logScales.map { (exp($0) * variance + 1).squareRoot() * stream.normal() }
            })
    }

    @Test("Genes of one strength are held together, genes of many are not")
    func found() {
        let variances = (0..<30).map { 8 * exp(-0.3 * Double($0)) }
        let equal = ScaleSpread(
            Self.coordinates(variances, logScales: Array(repeating: 1, count: 200), seed: 1), variances: variances,
            workers: 2)
        // About eight coordinates stand out of the noise, each 200 times: ln r is known to (2/1600)^½ or 0.04, a fraction of
        // the grid's quarter.
        #expect(equal.deviation <= 0.25 && abs(equal.centre - 1) <= 0.25)
        var stream = RandomStream(seed: 2)
        let scales = (0..<200).map { _ in 2 * stream.normal() }
        let different = ScaleSpread(
            Self.coordinates(variances, logScales: scales, seed: 3), variances: variances, workers: 2)
        #expect(different.deviation == SignalScales.mostDeviation)
        // Twice the standard error 2/200^½, and half a step.
        #expect(abs(different.centre) < 0.41)
    }

    @Test("One measurement of each gene tells no strengths apart")
    func alone() {
        // Of the variance of a single normal draw, 5, its square says little: 300 genes of one strength.
        let found = ScaleSpread(
            Self.coordinates([4], logScales: Array(repeating: 0, count: 300), seed: 4), variances: [4], workers: 1)
        #expect(found.deviation <= 0.5)
    }

    @Test("The largest posterior density of the grid by fine quadrature")
    func evidence() {
        let variances = [3.0, 0.5, 0.1]
        let coordinates = Self.coordinates(variances, logScales: [-2, -1, 0, 1, 2, 3, -2, 2], seed: 5)
        let found = ScaleSpread(coordinates, variances: variances, workers: 1)
        func value(_ centre: Double, _ deviation: Double) -> Double {
            var sum = 0.0
            for gene in 0..<coordinates.columns {
                var integral = 0.0
                for x in stride(from: -12.0, through: 12, by: 0.02) {
                    var density = exp(-0.5 * pow((x - centre) / deviation, 2)) / deviation
                    for k in variances.indices {
                        let total = exp(x) * variances[k] + 1
                        density *= exp(-0.5 * pow(coordinates[k, gene], 2) / total) / total.squareRoot()
                    }
                    integral += density
                }
                sum += log(integral)
            }
            return sum + log(0.05) / 1.5 * deviation
        }
        var best = -Double.infinity
        for deviation in ScaleSpread.deviations {
            for centre in stride(from: -4.0, through: 4, by: 0.25) { best = max(best, value(centre, deviation)) }
        }
        // Sums over steps of a quarter instead of integrals: within a hundredth of a nat a gene for likelihoods this wide.
        #expect(best - value(found.centre, found.deviation) < 0.08)
    }

    @Test("Where all treatments share few controls, genes of one strength are shrunk alike")
    func shrinkage() throws {
        let (genes, doses) = (150, [0.1, 0.5, 1, 5, 10, 50.0])
        var stream = RandomStream(seed: 6)
        var shifts = Matrix<Double>(rows: doses.count, columns: genes)
        for gene in 0..<genes {
            let effect = 0.2 * stream.normal()
            let error = stream.normal() / 28.0.squareRoot()
            for row in doses.indices { shifts[row, gene] = effect - error + stream.normal() / 60.0.squareRoot() }
        }
        let table = try ShiftTable(
            contexts: doses.map { Context(perturbation: "drug", dose: $0) }, shifts: shifts,
            variances: Array(repeating: 1, count: genes), cells: Array(repeating: 60, count: doses.count),
            controls: doses.map { _ in [.init(group: 0, share: 1)] }, controlCells: [28])
        let process = try ShiftProcess(table, workers: 2)
        let found = try #require(try process.predict([Context(perturbation: "drug", dose: 2)], workers: 2).first)
        let pooled = (0..<genes).map { gene in shifts.column(gene).reduce(0, +) / Double(doses.count) }
        // Doses tell less than their common mean: what they add bends predictions by a few hundredths.
        #expect(pearsonCorrelation(found.mean, pooled) > 0.98)
    }
}
