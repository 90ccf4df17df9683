import Foundation

/// The share of the highest learning rate at each step, counted from 0.
public enum Schedule: Codable, Sendable, Equatable {
    case constant
    /// Rises in a line over the first `warmup` steps and then falls along half a cosine to `floor` at `total`.
    case warmupCosine(warmup: Int, total: Int, floor: Double = 0.02)
    /// Rises in a line over the first `warmup` steps, stays, and falls along half a cosine to `floor` over the last `decay`
    /// of `total`: until then no step depends on `total`, and a training can be extended (Hu et al. 2024, "MiniCPM").
    case warmupStableCosine(warmup: Int, total: Int, decay: Int, floor: Double = 0.02)
    /// Rises in a line over the first `warmup` steps and then falls in a line to 0 at `total`.
    case warmupLinear(warmup: Int, total: Int)
    /// Multiplies by `factor` from each of `steps` on.
    case piecewiseConstant(factor: Double, steps: [Int])

    public func scale(at step: Int) -> Double {
        switch self {
        case .constant: return 1
        case .warmupCosine(let warmup, let total, let floor):
            return Self.risen(step, warmup) ?? Self.fallen(Self.progress(step, warmup, total), to: floor)
        case .warmupStableCosine(let warmup, let total, let decay, let floor):
            guard step >= total - decay else { return Self.risen(step, warmup) ?? 1 }
            return Self.risen(step, warmup) ?? Self.fallen(Self.progress(step, total - decay, total), to: floor)
        case .warmupLinear(let warmup, let total):
            return Self.risen(step, warmup) ?? 1 - Self.progress(step, warmup, total)
        case .piecewiseConstant(let factor, let steps):
            return pow(factor, Double(steps.count { $0 <= step }))
        }
    }

    private static func risen(_ step: Int, _ warmup: Int) -> Double? {
        step < warmup ? Double(step + 1) / Double(warmup) : nil
    }

    private static func fallen(_ progress: Double, to floor: Double) -> Double {
        floor + (1 - floor) * 0.5 * (1 + cos(.pi * progress))
    }

    private static func progress(_ step: Int, _ warmup: Int, _ total: Int) -> Double {
        min(1, Double(step - warmup) / Double(max(1, total - warmup)))
    }
}
