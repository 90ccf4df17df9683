import Foundation

/// Minimises a smooth function of a few variables: BFGS with a backtracking line search (Nocedal & Wright 2006,
/// algorithm 6.1 with condition 3.6a).
public struct QuasiNewton {
    /// Stops when no component of the gradient is larger.
    public var tolerance: Double
    public var mostSteps: Int
    /// The largest change of a variable in one step: variables are logarithms here, where 1 is a factor of e.
    public var longestStep: Double

    public init(tolerance: Double = 1e-4, mostSteps: Int = 100, longestStep: Double = 1) {
        self.tolerance = tolerance
        self.mostSteps = mostSteps
        self.longestStep = longestStep
    }

    public struct Minimum {
        public var point: [Double]
        public var value: Double
        /// Whether the gradient vanished.
        public var isConverged: Bool
        /// The largest component of the gradient.
        public var steepness: Double

        init(_ point: [Double], _ value: Double, _ gradient: [Double], isConverged: Bool) {
            self.point = point
            self.value = value
            self.isConverged = isConverged
            steepness = gradient.reduce(0) { max($0, abs($1)) }
        }
    }

    /// - Parameter function: Value and gradient; nil where the function is not defined, which ends a step there.
    public func minimise(from start: [Double], _ function: ([Double]) -> (value: Double, gradient: [Double])?)
        -> Minimum
    {
        let n = start.count
        guard var here = function(start) else { return Minimum(start, .infinity, [.infinity], isConverged: false) }
        var point = start
        var inverse = Self.identity(n)
        for step in 0..<mostSteps {
            if here.gradient.allSatisfy({ abs($0) < tolerance }) {
                return Minimum(point, here.value, here.gradient, isConverged: true)
            }
            var direction = (0..<n).map { i in -(0..<n).reduce(0) { $0 + inverse[i * n + $1] * here.gradient[$1] } }
            var slope = zip(direction, here.gradient).reduce(0) { $0 + $1.0 * $1.1 }
            if slope >= 0 {
                inverse = Self.identity(n)
                direction = here.gradient.map { -$0 }
                slope = -here.gradient.reduce(0) { $0 + $1 * $1 }
            }
            let longest = direction.reduce(0) { max($0, abs($1)) }
            var length = min(1, longestStep / longest)
            var next: (value: Double, gradient: [Double])?
            var candidate = point
            for _ in 0..<30 {
                candidate = zip(point, direction).map { $0 + length * $1 }
                next = function(candidate)
                if let next, next.value <= here.value + 1e-4 * length * slope { break }
                next = nil
                length *= 0.4
            }
            guard let next else { return Minimum(point, here.value, here.gradient, isConverged: false) }
            Self.update(
                &inverse, step: zip(candidate, point).map { $0 - $1 },
                change: zip(next.gradient, here.gradient).map { $0 - $1 }, isFirst: step == 0)
            (point, here) = (candidate, next)
        }
        return Minimum(point, here.value, here.gradient, isConverged: false)
    }

    private static func identity(_ n: Int) -> [Double] {
        (0..<n * n).map { $0 % (n + 1) == 0 ? 1 : 0 }
    }

    /// Nocedal & Wright, equation 6.17; left as it is where the curvature along the step is not positive.
    private static func update(_ inverse: inout [Double], step: [Double], change: [Double], isFirst: Bool) {
        let n = step.count
        let curvature = zip(step, change).reduce(0) { $0 + $1.0 * $1.1 }
        guard curvature > 1e-12 else { return }
        if isFirst {
            let scale = curvature / change.reduce(0) { $0 + $1 * $1 }
            for i in 0..<n { inverse[i * n + i] = scale }
        }
        let moved = (0..<n).map { i in (0..<n).reduce(0) { $0 + inverse[i * n + $1] * change[$1] } }
        let size = zip(moved, change).reduce(0) { $0 + $1.0 * $1.1 }
        for i in 0..<n {
            for j in 0..<n {
                inverse[i * n + j] +=
                    (curvature + size) * step[i] * step[j] / (curvature * curvature)
                    - (moved[i] * step[j] + step[i] * moved[j]) / curvature
            }
        }
    }
}
