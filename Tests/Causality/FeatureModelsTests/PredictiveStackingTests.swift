import Foundation
import Testing

@testable import FeatureModels

struct PredictiveStackingTests {
    /// Two models that are each right on their own perturbations: the score with pseudo-counts is highest at
    /// (30 + 1)/(40 + 2).
    @Test func weightsFollowWhoIsRight() throws {
        let densities = (0..<40).map { $0 < 30 ? [0.0, -1000] : [-1000.0, 0] }
        let stacking = try PredictiveStacking(models: ["a", "b"], logDensities: densities)
        // The tolerance of the iteration.
        #expect(abs(stacking.weights[0] - 31.0 / 42) < 1e-8)
        #expect(stacking.logScores == [-10_000, -30_000])
        #expect(stacking.logScore > -40)
    }

    @Test func oneModelHasAllTheWeight() throws {
        #expect(try PredictiveStacking(models: ["a"], logDensities: [[-3]]).weights == [1])
    }

    @Test func scoresThatAreNoneAreRefused() {
        #expect(throws: FeatureModelError.self) { try PredictiveStacking(models: ["a"], logDensities: []) }
        #expect(throws: FeatureModelError.self) { try PredictiveStacking(models: ["a"], logDensities: [[.nan]]) }
        #expect(throws: FeatureModelError.self) { try PredictiveStacking(models: ["a", "b"], logDensities: [[1]]) }
    }
}
