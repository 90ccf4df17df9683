import Testing

@testable import Tensors

@Suite struct RowsTests {
    private let ln3: Float = 1.0986123
    private let ln4: Float = 1.3862944
    private let ln5: Float = 1.6094379

    @Test func softmaxOfKnownOdds() {
        let tape = Tape()
        let x = tape.constant([0, ln3, 500, 500 + ln4], shape: [2, 2])
        // The second row would overflow without the shift by its maximum; at 500 the spacing of Float is 3e−5.
        #expect(agree(x.softmax().values, [0.25, 0.75, 0.2, 0.8], within: 1e-5))
        #expect(agree(x.logSumExp().values, [ln4, 500 + ln5], within: 4e-5))
        #expect(agree(x.transposed().softmax(axis: 0).values, [0.25, 0.2, 0.75, 0.8], within: 1e-5))
        #expect(x.maximum(axis: 0).values == [500, 500 + ln4])
    }

    @Test func layerNormStandardises() {
        let tape = Tape()
        let x = tape.constant([1, 2, 3, 4, 10, 10, 10, 14], shape: [2, 4])
        let y = x.layerNorm(
            scale: tape.constant([1, 1, 1, 2], shape: [4]), shift: tape.constant([0, 0, 0, 1], shape: [4]), epsilon: 0)
        // Row 1: mean 2.5, variance 1.25; row 2: mean 11, variance 3.
        let (s, t) = (Float(1.25).squareRoot(), Float(3).squareRoot())
        #expect(
            agree(
                y.values, [-1.5 / s, -0.5 / s, 0.5 / s, 3 / s + 1, -1 / t, -1 / t, -1 / t, 6 / t + 1], within: 1e-6))
    }
}
