import Testing

@testable import Tensors

/// How far the adjoints of `operation` are from central differences, at inputs drawn from a fixed generator: the largest
/// difference of a slope, in units of the largest slope (or of 1, where all are smaller).
///
/// The objective is Σ wᵢ yᵢ with random w, summed in Double, so the only rounding is that of the forward pass.
func gradientError(
    _ shapes: [[Int]], range: ClosedRange<Float> = -1.5...1.5, step: Float = 1e-2, seed: UInt64 = 1,
    _ operation: (Tape, [Tensor]) -> Tensor
) -> Double {
    var generator = Lehmer(state: seed &* 2 + 1)
    let inputs = shapes.map { shape in
        (0..<shape.reduce(1, *)).map { _ in Float.random(in: range, using: &generator) }
    }
    func evaluate(_ values: [[Float]]) -> [Float] {
        let tape = Tape(recording: false)
        return operation(tape, zip(values, shapes).map { tape.constant($0, shape: $1) }).values
    }
    let weights = evaluate(inputs).map { _ in Float.random(in: -1...1, using: &generator) }
    let tape = Tape()
    let variables = zip(inputs, shapes).map { tape.variable($0, shape: $1) }
    let result = operation(tape, variables)
    tape.backward(from: (result * tape.constant(weights, shape: result.shape)).sum())
    var worst = 0.0
    for (place, variable) in variables.enumerated() {
        let found = tape.gradient(of: variable)
        let expected = inputs[place].indices.map { index in
            var moved = inputs
            let (upper, lower) = (inputs[place][index] + step, inputs[place][index] - step)
            moved[place][index] = upper
            let above = objective(evaluate(moved), weights)
            moved[place][index] = lower
            return (above - objective(evaluate(moved), weights)) / (Double(upper) - Double(lower))
        }
        let scale = max(1, expected.map(abs).max() ?? 0)
        for (slope, difference) in zip(found, expected) {
            let error = abs(Double(slope) - difference) / scale
            // NaN is the worst of errors.
            worst = error <= worst ? worst : error.isNaN ? .infinity : error
        }
    }
    return worst
}

/// Expects the adjoints of `operation` to agree with central differences.
///
/// The forward pass rounds at about 1e−6 of the values. With a step of 1e−2 that is 1e−4 in a slope, and the third
/// derivatives of these functions add as much; 3e−3 of the largest slope leaves room for both and still sees any wrong
/// term.
func checkGradients(
    _ shapes: [[Int]], range: ClosedRange<Float> = -1.5...1.5, step: Float = 1e-2, tolerance: Double = 3e-3,
    seed: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation, _ operation: (Tape, [Tensor]) -> Tensor
) {
    let error = gradientError(shapes, range: range, step: step, seed: seed, operation)
    #expect(error < tolerance, "\(shapes)", sourceLocation: sourceLocation)
}

private func objective(_ values: [Float], _ weights: [Float]) -> Double {
    zip(values, weights).map { Double($0) * Double($1) }.reduce(0, +)
}

/// A small generator for inputs of tests.
struct Lehmer: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) << 32 ^ (state &* 0x9E37_79B9_7F4A_7C15) >> 32
    }

    mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &self) } }
}

/// Whether all values agree within an absolute tolerance.
func agree(_ a: [Float], _ b: [Float], within tolerance: Float) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
}
