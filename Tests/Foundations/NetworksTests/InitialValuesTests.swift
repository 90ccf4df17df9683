import Probability
import Tensors
import Testing

@testable import Networks

@Suite struct InitialValuesTests {
    private static let inputs = 50
    private static let count = 100_000

    private func draws(_ initial: InitialValues) -> [Double] {
        initial.drawn(Self.count, inputs: Self.inputs, stream: RandomStream(seed: 4)).map(Double.init)
    }

    /// Of 100,000 draws the mean has a standard error of σ/316 and the variance one of σ²√((κ − 1)/100,000), with
    /// kurtosis κ = 1.8 of the uniform (0.0028) and 2.37 of the cut normal (0.0037) distribution. Five of them are
    /// allowed, so a right sampler passes all but always, and a deviation of 4 % in the variance is found; without
    /// its correction the cut normal would be off by 23 %.
    @Test(arguments: [
        (InitialValues.lecunUniform, 1.0, 3.0.squareRoot()), (.heUniform, 2, 6.0.squareRoot()),
        (.truncatedNormal(gain: 2), 2, 2 * 2.0.squareRoot() / 0.8796256610342398),
        // Haiku: the deviation before the cut is 1, the variance after it 1 − 4 φ(2)/(2 Φ(2) − 1).
        (.haikuLinear, 0.7737413035760218, 2),
    ])
    func momentsAreThoseStated(_ initial: InitialValues, _ gain: Double, _ bound: Double) {
        let values = draws(initial)
        let n = Double(Self.count)
        let variance = gain / Double(Self.inputs)
        let mean = values.reduce(0, +) / n
        #expect(abs(mean) < 5 * (variance / n).squareRoot())
        let found = values.map { $0 * $0 }.reduce(0, +) / n
        #expect(abs(found / variance - 1) < 0.0185)
        // The largest draw comes as near to the bound as 100,000 draws do, and no nearer than rounding allows.
        let largest = values.map(abs).max()! * Double(Self.inputs).squareRoot()
        #expect(largest <= bound * (1 + 1e-7) && largest > 0.995 * bound)
    }

    @Test func drawsRepeatByNameAlone() {
        let stream = RandomStream(seed: 3)
        for initial in [InitialValues.heUniform, .truncatedNormal(gain: 2)] {
            var (one, other) = (Weights(), Weights())
            let a = one.add("l", shape: [20, 30], inputs: 20, initial, stream: stream)
            _ = other.add("before", shape: [3, 3], inputs: 3, initial, stream: stream)
            let b = other.add("l", shape: [20, 30], inputs: 20, initial, stream: stream)
            #expect(one[a] == other[b])
            let c = other.add("m", shape: [20, 30], inputs: 20, initial, stream: stream)
            #expect(other[b] != other[c])
        }
        #expect(InitialValues.uniform(gain: 0).drawn(2, inputs: 4, stream: stream) == [0, 0])
    }

    /// The inner width of an attention need not be its model's.
    @Test func attentionMayBeWiderInside() {
        var weights = Weights()
        let layer = AttentionLayer(
            "a", width: 6, heads: 2, innerWidth: 8, initially: .truncatedNormal(gain: 2), weights: &weights,
            stream: RandomStream(seed: 1))
        #expect(weights["a.projection.weight"]?.shape == [6, 24] && weights["a.output.weight"]?.shape == [8, 6])
        let tape = Tape(weights: weights)
        let y = layer(tape.constant((0..<60).map { Float($0 % 7) }, shape: [2, 5, 6]), axis: 1)
        #expect(y.shape == [2, 5, 6] && y.values.allSatisfy(\.isFinite))
    }

    @Test func layersStartAtUnitVariance() {
        var weights = Weights()
        let stream = RandomStream(seed: 3)
        let layer = Linear("l", inputs: 200, outputs: 300, weights: &weights, stream: stream)
        var draws = stream.stream("x")
        let tape = Tape(weights: weights, recording: false)
        let y = layer(tape.constant((0..<2000).map { _ in Float(draws.normal()) }, shape: [10, 200]))
        let variance = y.values.map { Double($0) * Double($0) }.reduce(0, +) / Double(y.count)
        // 3,000 values, ten of which share each weight: the standard error is about 0.03.
        #expect(abs(variance - 1) < 0.15)
    }
}
