import Foundation
import Networks
import Tensors

/// How the last layer of a network is read as a distribution of one node.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | a | `hurdle` | rows × 2 | logits of 0 and of more; counts only |
/// | π | `logits` | rows × K | logits of the components |
/// | μ, σ | `means`, `logDeviations` | rows × K | of the components, ln σ = ln σ₀ + ln(1 + eˢ), never below ln σ₀ |
///
/// −ln p(y) = ln Σₖ eᵖᵏ − ln Σₖ exp(πₖ − ln σₖ − ½ (y − μₖ)²/σₖ²) + ½ ln 2π (Bishop 1994, "Mixture density networks"). A
/// category has the logits of its labels in place of the components.
enum MixtureHead: Sendable, Equatable {
    case category(labels: Int)
    /// With the hurdle of counts, or without.
    case mixture(components: Int, smallestDeviation: Float, hasHurdle: Bool)

    /// Numbers that the last layer gives.
    var width: Int {
        switch self {
        case .category(let labels): labels
        case .mixture(let components, _, let hasHurdle): 3 * components + (hasHurdle ? 2 : 0)
        }
    }

    /// Numbers that describe an outcome to `negativeLogLikelihood`.
    var targetWidth: Int {
        switch self {
        case .category(let labels): labels
        case .mixture(_, _, let hasHurdle): hasHurdle ? 3 : 1
        }
    }

    /// Biases that make the first density a broad one: means spread over ±1, deviations near ½.
    var firstBiases: [Float] {
        guard case .mixture(let components, let smallest, let hasHurdle) = self else {
            return Array(repeating: 0, count: width)
        }
        let means = (0..<components).map { components == 1 ? 0 : 2 * Float($0) / Float(components - 1) - 1 }
        // ln(1 + eˢ) = ln(½/σ₀)
        let argument = Foundation.log(expm1(Foundation.log(0.5 / Double(smallest))))
        return Array(repeating: 0, count: components) + means
            + Array(repeating: Float(argument), count: components) + (hasHurdle ? [0, 0] : [])
    }

    /// −ln p of each row: [rows].
    /// - Parameters:
    ///   - output: rows × `width`.
    ///   - targets: rows × `targetWidth`: one-hot labels, or the value, followed where there is a hurdle by one-hot
    ///     {0, more}.
    func negativeLogLikelihood(_ output: Tensor, targets: Tensor) -> Tensor {
        switch self {
        case .category:
            return output.logSumExp() - (output * targets).sum([1])
        case .mixture(let components, _, let hasHurdle):
            let logits = output.sliced(0..<components, axis: 1)
            let scaled = parts(output)
            let value = targets.sliced(0..<1, axis: 1)
            let distance = (value - scaled.means) * (-scaled.logDeviations).exp()
            let terms = logits - scaled.logDeviations - 0.5 * distance.square()
            let density = logits.logSumExp() - terms.logSumExp() + Float(0.5 * Foundation.log(2 * Double.pi))
            guard hasHurdle else { return density }
            let hurdle = output.sliced(3 * components..<3 * components + 2, axis: 1)
            let sides = targets.sliced(1..<3, axis: 1)
            let crossing = hurdle.logSumExp() - (hurdle * sides).sum([1])
            return crossing + density * sides.sliced(1..<2, axis: 1).reshaped([-1])
        }
    }

    private func parts(_ output: Tensor) -> (means: Tensor, logDeviations: Tensor) {
        guard case .mixture(let k, let smallest, _) = self else { preconditionFailure("a category has no components") }
        return (
            output.sliced(k..<2 * k, axis: 1),
            output.sliced(2 * k..<3 * k, axis: 1).softplus() + Foundation.log(smallest)
        )
    }

    /// One draw of each row, by two uniform numbers and a normal one a row: a label, or a value of the mixture, which is
    /// −∞ where a hurdle is not crossed.
    func draw(_ output: Tensor, uniforms: [Float], normals: [Float]) -> [Float] {
        let rows = output.shape[0]
        switch self {
        case .category(let labels):
            let probabilities = output.softmax()
            return (0..<rows).map { Float(Self.place(uniforms[2 * $0], probabilities.buffer, $0 * labels, labels)) }
        case .mixture(let components, _, let hasHurdle):
            let probabilities = output.sliced(0..<components, axis: 1).softmax()
            let (means, logDeviations) = parts(output)
            let deviations = logDeviations.exp()
            let crossing =
                hasHurdle ? output.sliced(3 * components..<3 * components + 2, axis: 1).softmax() : nil
            return (0..<rows).map { row in
                if let crossing, uniforms[2 * row + 1] < crossing.buffer[2 * row] { return -.infinity }
                let start = row * components
                let at = start + Self.place(uniforms[2 * row], probabilities.buffer, start, components)
                return means.buffer[at] + deviations.buffer[at] * normals[row]
            }
        }
    }

    /// The first place at which the probabilities add up to more than `uniform`.
    private static func place(
        _ uniform: Float, _ probabilities: UnsafeBufferPointer<Float>, _ start: Int, _ count: Int
    ) -> Int {
        var remaining = uniform
        var place = 0
        while place < count - 1, remaining >= probabilities[start + place] {
            remaining -= probabilities[start + place]
            place += 1
        }
        return place
    }
}
