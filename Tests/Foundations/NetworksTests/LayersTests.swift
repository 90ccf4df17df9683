import Foundation
import Probability
import Tensors
import Testing

@testable import Networks

@Suite struct LayersTests {
    /// Written out in Double: f(x W + b) + r.
    @Test(arguments: [Nonlinearity?.none, .relu, .silu, .gelu])
    func aLinearLayerFollowsItsEquation(_ activation: Nonlinearity?) {
        var weights = Weights()
        var draws = RandomStream(seed: 2)
        let layer = Linear("l", inputs: 3, outputs: 2, weights: &weights, stream: draws.stream("weights"))
        weights[layer.bias!] = [0.5, -0.25]
        let x = (0..<12).map { _ in draws.normal() }
        let r = (0..<8).map { _ in draws.normal() }
        let tape = Tape(weights: weights)
        let y = layer(
            tape.constant(x.map { Float($0) }, shape: [2, 2, 3]), activation: activation,
            residual: tape.constant(r.map { Float($0) }, shape: [2, 2, 2]))
        #expect(y.shape == [2, 2, 2])
        func f(_ s: Double) -> Double {
            switch activation {
            case nil: s
            case .relu: max(s, 0)
            case .silu: s / (1 + exp(-s))
            case .gelu: s * 0.5 * erfc(-s / 2.0.squareRoot())
            }
        }
        let (w, b) = (weights[layer.weight].map(Double.init), weights[layer.bias!].map(Double.init))
        for row in 0..<4 {
            for column in 0..<2 {
                let sum = (0..<3).map { x[3 * row + $0] * w[2 * $0 + column] }.reduce(b[column], +)
                let expected = f(sum) + r[2 * row + column]
                // Single precision in inputs and half a dozen operations on values of up to 4.
                #expect(abs(Double(y.values[2 * row + column]) - expected) < 2e-6)
            }
        }
    }

    /// A perceptron is its layers in turn, and a residual is added to what comes out.
    @Test func perceptronsAreTheirLayersInTurn() {
        var weights = Weights()
        let stream = RandomStream(seed: 5)
        let network = Perceptron("p", widths: [2, 5, 4, 3], activation: .silu, weights: &weights, stream: stream)
        let attention = AttentionLayer("a", width: 4, heads: 2, weights: &weights, stream: stream)
        let tape = Tape(weights: weights)
        let x = tape.constant([0.3, -1, 2, 0.5], shape: [2, 2])
        let layers = network.layers
        let expected = layers[2](layers[1](layers[0](x).silu()).silu())
        #expect(network(x).values == expected.values)
        let r = tape.constant([1, 2, 3, 4, 5, 6], shape: [2, 3])
        // Rounding of one sum, should the layer add before it rounds.
        for (found, sum) in zip(network(x, residual: r).values, (expected + r).values) {
            #expect(abs(found - sum) < 1e-6)
        }
        let tokens = tape.constant((0..<12).map { Float($0) / 6 - 1 }, shape: [3, 4])
        for (found, sum) in zip(
            attention(tokens, axis: 0, residual: tokens).values, (attention(tokens, axis: 0) + tokens).values)
        {
            #expect(abs(found - sum) < 1e-6)
        }
    }
}
