import Testing

@testable import Tensors

@Suite struct ShapesTests {
    private let tape = Tape()
    private var x: Tensor { tape.constant((0..<24).map(Float.init), shape: [2, 3, 4]) }

    @Test func permutationsMoveCoordinates() {
        let y = x.permuted([2, 0, 1])
        #expect(y.shape == [4, 2, 3])
        for i in 0..<2 {
            for j in 0..<3 { for k in 0..<4 { #expect(y.values[(k * 2 + i) * 3 + j] == Float((i * 3 + j) * 4 + k)) } }
        }
        #expect(tape.constant([1, 2, 3, 4, 5, 6], shape: [2, 3]).transposed().values == [1, 4, 2, 5, 3, 6])
    }

    @Test func partsAndWholes() {
        #expect(x.sliced(1..<3, axis: 1).values == [4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23])
        #expect(x.sliced(3..<4, axis: -1).values == [3, 7, 11, 15, 19, 23])
        let whole = Tensor.concatenated([x.sliced(0..<1, axis: 2), x.sliced(1..<4, axis: 2)], axis: 2)
        #expect(whole.values == x.values && whole.shape == x.shape)
        #expect(x.reshaped([6, -1]).shape == [6, 4])
        #expect(x.gathered([1, 1]).shape == [2, 3, 4])
        #expect(tape.constant([1, 2, 3, 4], shape: [2, 2]).diagonal().values == [1, 4])
    }
}
