import Testing

@testable import Tensors

/// Layers in one pass against the same layers put together from other operations.
struct LinearTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var rows: [Int]
        var inner: Int
        var outer: Int
        var activation: Nonlinearity?
        var biased = true
        var added = false
        var standardised = false
        var workers = 1

        var testDescription: String {
            "\(rows) × \(inner) → \(outer), \(activation.map { "\($0)" } ?? "linear")\(added ? ", added" : "")"
                + "\(standardised ? ", standardised" : "")\(biased ? "" : ", no bias"), \(workers) workers"
        }
    }

    /// Every combination once at a small size, and some at sizes that need several chunks of rows and blocks of the
    /// inner index, with edges in every direction.
    static let cases: [Case] = {
        var cases = [Case]()
        for activation in [nil] + Nonlinearity.allCases.map(Optional.some) {
            for added in [false, true] {
                for standardised in [false, true] {
                    cases.append(
                        Case(
                            rows: [3, 5], inner: 7, outer: 19, activation: activation, added: added,
                            standardised: standardised))
                    cases.append(
                        Case(
                            rows: [461], inner: 33, outer: 41, activation: activation, added: added,
                            standardised: standardised, workers: 2))
                }
            }
        }
        cases.append(Case(rows: [2, 230], inner: 300, outer: 65, biased: false, standardised: true))
        cases.append(Case(rows: [0], inner: 4, outer: 3))
        return cases
    }()

    private func slopes(
        _ layer: Case, _ operation: (Tensor, Tensor, Tensor?, Tensor?) -> Tensor
    ) -> [[Float]] {
        var generator = Lehmer(state: 11)
        let tape = Tape(workers: layer.workers)
        let out = layer.rows + [layer.outer]
        func variable(_ shape: [Int]) -> Tensor {
            tape.variable(generator.floats(shape.reduce(1, *)), shape: shape)
        }
        let x = variable(layer.rows + [layer.inner])
        let w = variable([layer.inner, layer.outer])
        let b = layer.biased ? variable([layer.outer]) : nil
        let r = layer.added ? variable(out) : nil
        let weights = tape.constant(generator.floats(out.reduce(1, *)), shape: out)
        let y = operation(x, w, b, r)
        tape.backward(from: (y * weights).sum())
        return [y.values] + [x, w, b, r].compactMap { $0 }.map(tape.gradient)
    }

    private func composed(_ layer: Case, _ x: Tensor, _ w: Tensor, _ b: Tensor?, _ r: Tensor?) -> Tensor {
        var x = x
        if layer.standardised {
            x = x.layerNorm(
                scale: x.tape.constant(Array(repeating: 1, count: layer.inner), shape: [layer.inner]),
                shift: x.tape.constant(Array(repeating: 0, count: layer.inner), shape: [layer.inner]))
        }
        var y = Tensor.product(x.reshaped([-1, layer.inner]), w).reshaped(layer.rows + [layer.outer])
        if let b { y = y + b }
        switch layer.activation {
        case .relu: y = y.relu()
        case .silu: y = y.silu()
        case .gelu: y = y.gelu()
        case nil: break
        }
        return r.map { y + $0 } ?? y
    }

    @Test(arguments: cases.filter { $0.rows != [0] }) func layersAreTheirParts(_ layer: Case) {
        let fused = slopes(layer) { x, w, b, r in
            layer.standardised
                ? x.standardisedLinear(weight: w, bias: b, activation: layer.activation, residual: r)
                : x.linear(weight: w, bias: b, activation: layer.activation, residual: r)
        }
        let plain = slopes(layer) { composed(layer, $0, $1, $2, $3) }
        #expect(fused.count == plain.count)
        for (a, b) in zip(fused, plain) {
            // Sums of up to 461 products of order 1 in another order: 1e−6 of the largest value or so.
            let size = max(1, b.map(abs).max() ?? 0)
            #expect(agree(a, b, within: 3e-6 * size))
        }
    }

    @Test func aLayerOfNoRowsIsEmpty() {
        let tape = Tape()
        let (x, w) = (tape.variable([], shape: [0, 4]), tape.variable(Array(repeating: 1, count: 12), shape: [4, 3]))
        let y = x.linear(weight: w)
        #expect(y.shape == [0, 3])
        tape.backward(from: y.sum())
        #expect(tape.gradient(of: w).allSatisfy { $0 == 0 })
    }

    @Test func aLayerOfNoInputsIsItsBias() {
        let tape = Tape()
        let (x, w) = (tape.constant([], shape: [2, 0]), tape.constant([], shape: [0, 3]))
        #expect(x.linear(weight: w, bias: tape.constant([1, 2, 3], shape: [3])).values == [1, 2, 3, 1, 2, 3])
    }

    @Test func slopes() {
        for activation in [nil, .silu, .gelu] as [Nonlinearity?] {
            checkGradients([[2, 3, 4], [4, 5], [5], [2, 3, 5]]) { _, t in
                t[0].linear(weight: t[1], bias: t[2], activation: activation, residual: t[3])
            }
            checkGradients([[6, 8], [8, 5], [5]]) { _, t in
                t[0].standardisedLinear(weight: t[1], bias: t[2], activation: activation)
            }
        }
        checkGradients([[3, 8], [8], [8], [8, 5], [5], [3, 5]]) { _, t in
            t[0].normalisedLinear(scale: t[1], shift: t[2], weight: t[3], bias: t[4], residual: t[5])
        }
    }

    /// A normalised layer is a layer after a layer norm.
    @Test func normalisedLayersAreLayerNormsAndLayers() {
        var generator = Lehmer(state: 5)
        let tape = Tape()
        func constant(_ shape: [Int]) -> Tensor { tape.constant(generator.floats(shape.reduce(1, *)), shape: shape) }
        let (x, scale, shift) = (constant([5, 12]), constant([12]), constant([12]))
        let (w, b) = (constant([12, 7]), constant([7]))
        let fused = x.normalisedLinear(scale: scale, shift: shift, weight: w, bias: b, activation: .relu)
        let plain = x.layerNorm(scale: scale, shift: shift).linear(weight: w, bias: b).relu()
        // A dozen products of order 1, rounded in another order.
        #expect(agree(fused.values, plain.values, within: 3e-6))
    }

    /// The same bytes at any number of workers, forward and back.
    @Test func workersDoNotShow() {
        var layer = Case(rows: [500], inner: 40, outer: 70, activation: .gelu, added: true, standardised: true)
        let results = [1, 2, 3].map { workers in
            layer.workers = workers
            return slopes(layer) { x, w, b, r in
                x.standardisedLinear(weight: w, bias: b, activation: .gelu, residual: r)
            }
        }
        #expect(results[1] == results[0] && results[2] == results[0])
    }
}
