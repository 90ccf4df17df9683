import Foundation
import Testing

@testable import FeatureModels

struct QuasiNewtonTests {
    @Test func theBananaValley() {
        let minimum = QuasiNewton(tolerance: 1e-8).minimise(from: [-1.2, 1]) { x in
            let (a, b) = (x[1] - x[0] * x[0], 1 - x[0])
            return (100 * a * a + b * b, [-400 * a * x[0] - 2 * b, 200 * a])
        }
        #expect(minimum.isConverged)
        // The gradient's tolerance over the least curvature, 0.4.
        #expect(zip(minimum.point, [1, 1]).allSatisfy { abs($0 - $1) < 1e-7 })
    }

    @Test func undefinedPlacesAreSteppedShortOf() {
        let minimum = QuasiNewton(tolerance: 1e-8).minimise(from: [3]) { x in
            x[0] > 0 ? (x[0] - log(x[0]), [1 - 1 / x[0]]) : nil
        }
        #expect(minimum.isConverged && abs(minimum.point[0] - 1) < 1e-7)
    }
}
