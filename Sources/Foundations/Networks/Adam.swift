import CKernels
import Foundation
import Tensors

/// Settings of `Adam`.
public struct AdamOptions: Codable, Sendable, Equatable {
    /// At its highest; a schedule scales it.
    public var learningRate: Double = 1e-3
    public var beta1: Double = 0.9
    public var beta2: Double = 0.999
    public var epsilon: Double = 1e-8
    /// Per unit of learning rate, on weights of two axes and more; scales and biases do not decay.
    public var weightDecay: Double = 0

    public init() {}
}

/// Adam with decoupled weight decay (Kingma & Ba 2015; Loshchilov & Hutter 2019).
///
/// m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; w ← w − η λ w − η (m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + ε).
public struct Adam: Sendable, Equatable {
    public let options: AdamOptions
    /// Updates done.
    public internal(set) var step = 0
    public internal(set) var firstMoment: [Float]
    public internal(set) var secondMoment: [Float]

    public init(_ options: AdamOptions = AdamOptions(), weights: Weights) {
        self.options = options
        firstMoment = Array(repeating: 0, count: weights.count)
        secondMoment = firstMoment
    }

    /// One update with `options.learningRate` · `rateScale`.
    public mutating func update(_ weights: inout Weights, gradient: [Float], rateScale: Double = 1) {
        precondition(
            gradient.count == weights.count && firstMoment.count == weights.count,
            "\(weights.count) weights, \(gradient.count) gradients, \(firstMoment.count) moments")
        step += 1
        let rate = options.learningRate * rateScale
        let corrected = rate / (1 - pow(options.beta1, Double(step)))
        let inverse = 1 / (1 - pow(options.beta2, Double(step)))
        let decay = rate * options.weightDecay
        let parameters = weights.parameters
        weights.values.withUnsafeMutableBufferPointer { w in
            firstMoment.withUnsafeMutableBufferPointer { m in
                secondMoment.withUnsafeMutableBufferPointer { v in
                    gradient.withUnsafeBufferPointer { g in
                        for parameter in parameters {
                            let at = parameter.offset
                            kernel_adam(
                                w.baseAddress! + at, m.baseAddress! + at, v.baseAddress! + at, g.baseAddress! + at,
                                Float(options.beta1), Float(options.beta2), Float(corrected), Float(inverse),
                                Float(options.epsilon), parameter.shape.count >= 2 ? Float(decay) : 0, parameter.count)
                        }
                    }
                }
            }
        }
    }
}

/// A rate that rises in a line over the first steps and then falls along half a cosine.
public struct WarmupCosine: Sendable, Equatable {
    public let warmup: Int
    public let total: Int
    /// Of the highest rate, at the end.
    public let floor: Double

    public init(warmup: Int, total: Int, floor: Double = 0.02) {
        precondition(warmup >= 0 && total > 0, "a schedule of \(total) steps with \(warmup) to warm up")
        self.warmup = warmup
        self.total = total
        self.floor = floor
    }

    /// The share of the highest rate at a step, counted from 0.
    public func scale(at step: Int) -> Double {
        if step < warmup { return Double(step + 1) / Double(warmup) }
        let progress = min(1, Double(step - warmup) / Double(max(1, total - warmup)))
        return floor + (1 - floor) * 0.5 * (1 + cos(.pi * progress))
    }
}
