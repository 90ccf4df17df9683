import CKernels
import Foundation
import Tensors

/// Settings of an `Optimiser`.
public struct OptimiserOptions: Codable, Sendable, Equatable {
    /// How far to go in the direction of Adam.
    public enum Rule: String, Codable, Sendable {
        /// By the learning rate alone: Adam, and with weight decay AdamW.
        case adam
        /// By the learning rate times the norm of the weights over that of the direction, for each parameter: LAMB.
        case lamb
    }

    public var rule = Rule.adam
    /// At its highest; a schedule scales it.
    public var learningRate = 1e-3
    public var beta1 = 0.9
    public var beta2 = 0.999
    public var epsilon = 1e-8
    /// Per unit of learning rate, on weights of two axes and more; scales and biases do not decay.
    public var weightDecay = 0.0

    public init() {}

    public static func adam(learningRate: Double) -> OptimiserOptions {
        var options = OptimiserOptions()
        options.learningRate = learningRate
        return options
    }

    public static func adamW(learningRate: Double, weightDecay: Double) -> OptimiserOptions {
        var options = adam(learningRate: learningRate)
        options.weightDecay = weightDecay
        return options
    }

    /// With ε = 10⁻⁶ and no decay, as Lorch et al. 2022 use it.
    public static func lamb(learningRate: Double) -> OptimiserOptions {
        var options = adam(learningRate: learningRate)
        options.rule = .lamb
        options.epsilon = 1e-6
        return options
    }
}

/// Adam (Kingma & Ba 2015), with decoupled weight decay AdamW (Loshchilov & Hutter 2019), or LAMB (You et al. 2020).
///
/// m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; r = (m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + ε) + λ w; w ← w − η φ r,
/// with φ = 1 for Adam and φ = ‖w‖/‖r‖ of each parameter for LAMB, 1 where either norm is 0.
public struct Optimiser: Sendable, Equatable {
    public let options: OptimiserOptions
    /// Updates done.
    public internal(set) var step = 0
    public internal(set) var firstMoment: [Float]
    public internal(set) var secondMoment: [Float]

    public init(_ options: OptimiserOptions = OptimiserOptions(), weights: Weights) {
        self.options = options
        firstMoment = Array(repeating: 0, count: weights.count)
        secondMoment = firstMoment
    }

    /// One update with η = `options.learningRate` · `rateScale`.
    ///
    /// The result has the same bytes at any number of workers.
    public mutating func update(
        _ weights: inout Weights, gradient: [Float], rateScale: Double = 1, workers: Workers = Workers()
    ) {
        precondition(
            gradient.count == weights.count && firstMoment.count == weights.count,
            "\(weights.count) weights, \(gradient.count) gradients, \(firstMoment.count) moments")
        step += 1
        let parameters = weights.parameters
        let pieces = parameters.flatMap(Piece.all(of:))
        let (rule, rate) = (options.rule, options.learningRate * rateScale)
        descending(&weights, gradient) { descent in
            let squares = workers.map(pieces.count) { _, index in
                descent.addMoments(pieces[index])
                if rule == .lamb { return descent.squares(pieces[index]) }
                descent.descend(pieces[index], rate: rate)
                return (weights: 0, direction: 0)
            }
            guard rule == .lamb else { return }
            var sums = Array(repeating: (weights: 0.0, direction: 0.0), count: parameters.count)
            for (piece, part) in zip(pieces, squares) {
                sums[piece.parameter].weights += part.weights
                sums[piece.parameter].direction += part.direction
            }
            let rates = sums.map {
                $0.weights > 0 && $0.direction > 0 ? rate * ($0.weights / $0.direction).squareRoot() : rate
            }
            _ = workers.map(pieces.count) { _, index in
                descent.descend(pieces[index], rate: rates[pieces[index].parameter])
            }
        }
    }

    private mutating func descending(_ weights: inout Weights, _ gradient: [Float], _ body: (Descent) -> Void) {
        let step = Double(step)
        let options = options
        weights.values.withUnsafeMutableBufferPointer { w in
            firstMoment.withUnsafeMutableBufferPointer { m in
                secondMoment.withUnsafeMutableBufferPointer { v in
                    gradient.withUnsafeBufferPointer { g in
                        guard let w = w.baseAddress, let m = m.baseAddress, let v = v.baseAddress,
                            let g = g.baseAddress
                        else { return }
                        body(Descent(w: w, m: m, v: v, g: g, options: options, step: step))
                    }
                }
            }
        }
    }
}

/// A stretch of one parameter.
private struct Piece {
    let parameter: Int
    let hasDecay: Bool
    let range: Range<Int>

    static func all(of parameter: Parameter) -> [Piece] {
        Workers.ranges(of: parameter.count).map {
            Piece(
                parameter: parameter.index, hasDecay: parameter.shape.count >= 2,
                range: parameter.offset + $0.lowerBound..<parameter.offset + $0.upperBound)
        }
    }
}

/// What one update does to each piece; pieces do not overlap.
private struct Descent: @unchecked Sendable {
    let w, m, v: UnsafeMutablePointer<Float>
    let g: UnsafePointer<Float>
    let options: OptimiserOptions
    let step: Double

    func addMoments(_ piece: Piece) {
        let at = piece.range.lowerBound
        kernel_moments(
            m + at, v + at, g + at, Float(options.beta1), Float(1 - options.beta1), Float(options.beta2),
            Float(1 - options.beta2), piece.range.count)
    }

    func squares(_ piece: Piece) -> (weights: Double, direction: Double) {
        let at = piece.range.lowerBound
        var squares = (weights: 0.0, direction: 0.0)
        kernel_direction_squares(
            w + at, m + at, v + at, correction1, correction2, Float(options.epsilon), decay(piece), &squares.weights,
            &squares.direction, piece.range.count)
        return squares
    }

    func descend(_ piece: Piece, rate: Double) {
        let at = piece.range.lowerBound
        kernel_descend(
            w + at, m + at, v + at, correction1, correction2, Float(options.epsilon), decay(piece), Float(rate),
            piece.range.count)
    }

    private var correction1: Float { Float(1 / (1 - pow(options.beta1, step))) }
    private var correction2: Float { Float(1 / (1 - pow(options.beta2, step))) }
    private func decay(_ piece: Piece) -> Float { piece.hasDecay ? Float(options.weightDecay) : 0 }
}
