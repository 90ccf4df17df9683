import Testing

@testable import Tensors

@Suite struct ProductsTests {
    @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
    func slopesOfProducts(_ a: Bool, _ b: Bool) {
        let (left, right) = (a ? [4, 3] : [3, 4], b ? [5, 4] : [4, 5])
        for (x, y) in [([], []), ([2], [2]), ([2], []), ([], [2]), ([2, 1], [3]), ([1], [2])] as [([Int], [Int])] {
            checkGradients([x + left, y + right]) { _, t in
                Tensor.product(t[0], t[1], transposingA: a, transposingB: b)
            }
        }
    }

    @Test func productsAreSumsOverTheInnerAxis() {
        var generator = Lehmer(state: 2)
        let (a, b) = (generator.floats(2 * 3 * 4), generator.floats(2 * 4 * 5))
        let tape = Tape()
        let (x, y) = (tape.constant(a, shape: [2, 3, 4]), tape.constant(b, shape: [2, 4, 5]))
        let expected = (0..<30).map { place -> Float in
            let (batch, i, j) = (place / 15, place / 5 % 3, place % 5)
            return (0..<4).map { a[(batch * 3 + i) * 4 + $0] * b[(batch * 4 + $0) * 5 + j] }.reduce(0, +)
        }
        #expect(agree(Tensor.product(x, y).values, expected, within: 1e-6))
        #expect(agree(Tensor.product(x.transposed(), y, transposingA: true).values, expected, within: 1e-6))
        #expect(agree(Tensor.product(x, y.transposed(), transposingB: true).values, expected, within: 1e-6))
    }

    @Test func layersAddTheirBias() {
        let tape = Tape()
        let x = tape.constant([1, 2, 3, 4], shape: [2, 2])
        let w = tape.constant([1, 0, 2, 0, 1, 3], shape: [2, 3])
        let y = x.linear(weight: w, bias: tape.constant([10, 20, 30], shape: [3]))
        #expect(y.values == [11, 22, 38, 13, 24, 48])
        checkGradients([[2, 3, 4], [4, 5], [5]]) { _, t in t[0].linear(weight: t[1], bias: t[2]) }
        checkGradients([[3, 4], [4, 2]]) { _, t in t[0].linear(weight: t[1], bias: nil) }
    }

    @Test func trianglesSumOverTheThirdCorner() {
        var generator = Lehmer(state: 3)
        let (a, b) = (generator.floats(3 * 3 * 2), generator.floats(3 * 3 * 2))
        let tape = Tape()
        let y = Tensor.triangleProduct(
            tape.constant(a, shape: [3, 3, 2]), tape.constant(b, shape: [3, 3, 2]), scale: 0.5)
        let expected = (0..<18).map { place -> Float in
            let (i, j, c) = (place / 6, place / 2 % 3, place % 2)
            return 0.5 * (0..<3).map { a[(i * 3 + $0) * 2 + c] * b[($0 * 3 + j) * 2 + c] }.reduce(0, +)
        }
        #expect(agree(y.values, expected, within: 1e-6))
        checkGradients([[3, 3, 2], [3, 3, 2]]) { _, t in Tensor.triangleProduct(t[0], t[1], scale: 0.7) }
    }
}
