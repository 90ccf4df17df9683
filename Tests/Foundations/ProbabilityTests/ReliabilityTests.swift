import Foundation
import Testing

@testable import Probability

/// Values of scikit-learn, made by Pipelines/Golden/calibration.py.
struct GoldenCalibration: Decodable {
    struct Values: Decodable {
        let counts: [Int]
        /// Of the bins that are not empty.
        let meanProbabilities, frequencies: [Double]
        let expectedCalibrationError, brierScore, logScore: Double
    }

    let logits: [Double]
    let truths: [Int]
    let before, after: Values
    let slope, offset: Double

    static func read() throws -> GoldenCalibration {
        let file = URL(fileURLWithPath: #filePath).appending(path: "../../../../Reference/Golden/Calibration")
            .standardized.appending(path: "calibration.json")
        return try JSONDecoder().decode(GoldenCalibration.self, from: Data(contentsOf: file))
    }
}

@Suite struct ReliabilityTests {
    @Test func agreesWithScikitLearn() throws {
        let golden = try GoldenCalibration.read()
        let truths = golden.truths.map { $0 == 1 }
        expect(Reliability(logits: golden.logits, truths: truths), golden.before)
        let scaling = LogitScaling(slope: golden.slope, offset: golden.offset)
        expect(Reliability(logits: golden.logits.map { scaling($0) }, truths: truths), golden.after)
    }

    /// Sums of 400 doubles in another order: 1e-12.
    private func expect(_ found: Reliability, _ golden: GoldenCalibration.Values) {
        #expect(found.bins.map(\.count) == golden.counts)
        let filled = found.bins.filter { $0.count > 0 }
        for (bin, (mean, frequency)) in zip(filled, zip(golden.meanProbabilities, golden.frequencies)) {
            #expect(abs(bin.meanProbability - mean) < 1e-12 && abs(bin.frequency - frequency) < 1e-12)
        }
        #expect(filled.count == golden.frequencies.count)
        #expect(abs(found.expectedCalibrationError - golden.expectedCalibrationError) < 1e-12)
        #expect(abs(found.brierScore - golden.brierScore) < 1e-12)
        #expect(abs(found.logScore - golden.logScore) < 1e-12)
    }

    @Test func certaintyAndNothingStayFinite() {
        let sure = Reliability(logits: [800, -800, 800], truths: [true, false, false])
        #expect(sure.bins[9].count == 2 && sure.bins[0].count == 1)
        // p = 1 and 0, once wrong: by hand.
        #expect(abs(sure.brierScore - 1 / 3.0) < 1e-12 && abs(sure.logScore - 800 / 3.0) < 1e-9)
        let none = Reliability(logits: [], truths: [])
        #expect(none.count == 0 && none.expectedCalibrationError == 0 && none.brierScore == 0)
    }
}

@Suite struct LogitScalingTests {
    /// Both fits stop where their gradients are about 1e-9 of a curvature of order 10.
    @Test func agreesWithScikitLearn() throws {
        let golden = try GoldenCalibration.read()
        let fitted = LogitScaling(logits: golden.logits, truths: golden.truths.map { $0 == 1 })
        #expect(abs(fitted.slope - golden.slope) < 1e-6 && abs(fitted.offset - golden.offset) < 1e-6)
    }

    /// The likelihood of logits that are right has its maximum near the identity: standard errors of slope and offset are
    /// below 0.03 with 20,000 statements.
    @Test func leavesWhatIsInStepAsItIs() {
        var stream = RandomStream(seed: 1).stream("logits")
        let logits = (0..<20_000).map { _ in 2 * stream.normal() - 1 }
        let truths = logits.map { stream.bernoulli(1 / (1 + exp(-$0))) }
        let fitted = LogitScaling(logits: logits, truths: truths)
        #expect(abs(fitted.slope - 1) < 0.1 && abs(fitted.offset) < 0.1)
    }

    @Test func findsTheWayFromFarOff() {
        var stream = RandomStream(seed: 2).stream("logits")
        let latent = (0..<5000).map { _ in stream.normal() }
        let truths = latent.map { stream.bernoulli(1 / (1 + exp(3 - $0))) }
        // Logits fifty times too large, and by 200 too high: full steps of Newton's method run off from there.
        let fitted = LogitScaling(logits: latent.map { 50 * $0 + 200 }, truths: truths)
        let direct = LogitScaling(logits: latent, truths: truths)
        // The same line in other units; both to the accuracy of a maximum in double precision, √1e-16.
        #expect(abs(fitted.slope * 50 - direct.slope) < 1e-6)
        #expect(abs(fitted.offset + 200 * fitted.slope - direct.offset) < 1e-5)
    }

    @Test func staysTheIdentityWhereNothingCanBeLearned() {
        for truths in [[true, true, true], [false, false, false], [true, false, false]] {
            #expect(LogitScaling(logits: [-1, 0, 1], truths: truths) == .identity)
        }
        #expect(LogitScaling(logits: [2, 2, 2, 2], truths: [true, false, true, false]) == .identity)
        #expect(LogitScaling(logits: [], truths: []) == .identity)
        // Told apart without error: the slope must stay a number.
        let apart = LogitScaling(logits: [-1, -0.5, 0.5, 1], truths: [false, false, true, true])
        #expect(apart.slope.isFinite && apart.offset.isFinite && apart.slope > 1)
    }
}
