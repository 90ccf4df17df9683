import Testing

@testable import Tensors

/// Every operation of the engine, as the tests of all of them need it.
struct Operation: Sendable, CustomTestStringConvertible {
    /// That of the function, then what is special about this use of it.
    let name: String
    /// Shapes of the inputs, several times.
    let shapes: [[[Int]]]
    var range: ClosedRange<Float> = -1.5...1.5
    let body: @Sendable (Tape, [Tensor]) -> Tensor

    var testDescription: String { name }

    /// The name of the function in `Tensor`.
    var function: String { String(name.prefix { $0 != "," }) }

    init(
        _ name: String, _ shapes: [[Int]]..., range: ClosedRange<Float> = -1.5...1.5,
        body: @escaping @Sendable (Tape, [Tensor]) -> Tensor
    ) {
        self.name = name
        self.shapes = shapes
        self.range = range
        self.body = body
    }

    /// Shapes of two operands that broadcast.
    private static let pairs: [[[Int]]] = [
        [[3, 4], [3, 4]], [[3, 4], [4]], [[3, 1], [1, 4]], [[2, 3, 4], [3, 1]], [[2, 1, 4], [2, 3, 1]], [[], [2, 3]],
        [[2, 3, 2, 5], [3, 1, 5]], [[1, 1], [1]],
    ]

    private init(
        binary name: String, range: ClosedRange<Float> = -1.5...1.5,
        body: @escaping @Sendable (Tape, [Tensor]) -> Tensor
    ) {
        self.name = name
        shapes = Self.pairs
        self.range = range
        self.body = body
    }

    private init(
        each name: String, range: ClosedRange<Float> = -1.5...1.5, body: @escaping @Sendable (Tensor) -> Tensor
    ) {
        self.name = name
        shapes = [[[2, 9]], [[33]], [[]]]
        self.range = range
        self.body = { body($1[0]) }
    }

    static let arithmetic: [Operation] = [
        Operation(binary: "+") { $1[0] + $1[1] },
        Operation(binary: "-") { $1[0] - $1[1] },
        Operation(binary: "*") { $1[0] * $1[1] },
        Operation(binary: "/", range: 0.8...2) { $1[0] / $1[1] },
        Operation(each: "+, a number") { 2 + ($0 + 0.5) },
        Operation(each: "-, a number") { 2 - (-$0 - 0.5) },
        Operation(each: "*, a number") { 2 * ($0 * 0.3) },
        Operation(each: "/, a number") { $0 / 4 },
        Operation(each: "affine") { $0.affine(scale: 3, shift: -2) },
        Operation("broadcast", [[3, 1]], [[1, 3, 1]]) { $1[0].broadcast(to: [2, 3, 4]) },
        Operation("sum", [[2, 3, 4]], [[1, 5, 2]]) { $1[0].sum([1]) },
        Operation("sum, all", [[2, 3]], [[7]]) { $1[0].sum() },
        Operation("mean", [[2, 3, 4]], [[5, 1, 2]]) { $1[0].mean([0, 2], keepingAxes: true) },
        Operation("mean, all", [[2, 3]], [[]]) { $1[0].mean() },
    ]

    static let elementwise: [Operation] = [
        Operation(each: "exp") { $0.exp() },
        Operation(each: "log", range: 0.5...3) { $0.log() },
        Operation(each: "tanh") { $0.tanh() },
        Operation(each: "sigmoid") { $0.sigmoid() },
        Operation(each: "softplus") { $0.softplus() },
        Operation(each: "logSigmoid") { $0.logSigmoid() },
        // On either side of the corner at 0.
        Operation(each: "relu", range: 0.1...2) { $0.relu() },
        Operation(each: "relu, below 0", range: -2 ... -0.1) { $0.relu() },
        Operation(each: "silu", range: -4...4) { $0.silu() },
        Operation(each: "gelu", range: -4...4) { $0.gelu() },
        Operation(each: "squareRoot", range: 0.5...3) { $0.squareRoot() },
        Operation(each: "square") { $0.square() },
        Operation("binaryCrossEntropy", [[6]], range: -4...4) { tape, x in
            x[0].binaryCrossEntropy(targets: tape.constant([0, 0.5, 1, 0.25, 1, 0], shape: [6]))
        },
    ]

    static let rows: [Operation] = [
        Operation("softmax", [[3, 17]], [[2, 3]], [[40]]) { $1[0].softmax() },
        Operation("softmax, along a middle axis", [[2, 3, 4]]) { $1[0].softmax(axis: 1) },
        Operation("logSumExp", [[2, 3, 4]], [[5, 2]]) { $1[0].logSumExp(axis: 0) },
        Operation("logSumExp, along the last axis", [[3, 17]]) { $1[0].logSumExp() },
        Operation("maximum", [[2, 5, 4]], [[1, 5, 1]], [[3, 5, 2]]) { $1[0].maximum(axis: 1) },
        Operation("normalised", [[4, 7]], [[3, 33]]) { $1[0].normalised() },
        Operation("layerNorm", [[4, 9], [9], [9]], [[2, 2, 33], [33], [33]]) {
            $1[0].layerNorm(scale: $1[1], shift: $1[2])
        },
        Operation("selfAttention", [[2, 3, 4, 12]], [[1, 2, 5, 24]]) { $1[0].selfAttention(heads: 2, axis: 1) },
        // Queries above 0 and keys below: no scores reach a sum of exponentials of 1, from which on shares compete.
        Operation("parentAttention", [[2, 4, 12]], range: -2 ... -0.3) { tape, x in
            let signs = Array(repeating: Float(-1), count: 4) + Array(repeating: 1, count: 8)
            return (x[0] * tape.constant(signs, shape: [12])).parentAttention(
                heads: 1, parents: [[], [0], [0, 1], [2]])
        },
        Operation("parentAttention, shares that compete", [[3, 2, 4, 12]], [[4, 24]]) {
            $1[0].parentAttention(heads: 2, parents: [[], [0], [0, 1], [2, 0, 1]])
        },
    ]

    static let shapes: [Operation] = [
        Operation("reshaped", [[2, 3, 4]]) { $1[0].reshaped([4, -1]).exp() },
        Operation("permuted", [[2, 3, 4]], [[3, 1, 5]]) { $1[0].permuted([1, 2, 0]).exp() },
        Operation("transposed", [[2, 3, 4]], [[5, 2]]) { $1[0].transposed().exp() },
        Operation("sliced", [[2, 5, 3]], [[1, 4, 1]]) { $1[0].sliced(1..<4, axis: 1).exp() },
        Operation("concatenated", [[2, 2], [2, 3]], [[3, 1], [3, 4], [3, 2]]) {
            Tensor.concatenated($1, axis: 1).exp()
        },
        Operation("gathered", [[4, 3]], [[3, 2, 2]]) { $1[0].gathered([2, 0, 2, 2]).exp() },
        Operation("diagonal", [[3, 3, 2]], [[4, 4]]) { $1[0].diagonal().exp() },
    ]

    static let products: [Operation] = [
        Operation(
            "product", [[2, 3, 4], [2, 4, 5]], [[3, 4], [4, 5]], [[2, 1, 3, 4], [3, 4, 5]], [[3, 4], [2, 4, 5]]
        ) { Tensor.product($1[0], $1[1]) },
        Operation("product, transposing both", [[2, 4, 3], [2, 5, 4]], [[4, 3], [5, 4]]) {
            Tensor.product($1[0], $1[1], transposingA: true, transposingB: true)
        },
        Operation("triangleProduct", [[5, 5, 3], [5, 5, 3]], [[3, 3, 17], [3, 3, 17]]) {
            Tensor.triangleProduct($1[0], $1[1], scale: 0.7)
        },
        Operation("linear", [[3, 4], [4, 5], [5], [3, 5]], [[2, 3, 4], [4, 18], [18], [2, 3, 18]]) {
            $1[0].linear(weight: $1[1], bias: $1[2], residual: $1[3])
        },
        Operation("linear, silu", [[3, 4], [4, 5], [5], [3, 5]]) {
            $1[0].linear(weight: $1[1], bias: $1[2], activation: .silu, residual: $1[3])
        },
        Operation("linear, gelu", [[3, 4], [4, 5], [5], [3, 5]]) {
            $1[0].linear(weight: $1[1], bias: $1[2], activation: .gelu, residual: $1[3])
        },
        // Positive sums, so that the corner at 0 is far away.
        Operation("linear, relu", [[3, 4], [4, 5], [5], [3, 5]], range: 0.1...1) {
            $1[0].linear(weight: $1[1], bias: $1[2], activation: .relu, residual: $1[3])
        },
        Operation("standardisedLinear", [[3, 8], [8, 5], [5]], [[2, 2, 20], [20, 17], [17]]) {
            $1[0].standardisedLinear(weight: $1[1], bias: $1[2])
        },
        Operation("standardisedLinear, gelu", [[3, 8], [8, 5], [5]]) {
            $1[0].standardisedLinear(weight: $1[1], bias: $1[2], activation: .gelu)
        },
        Operation("normalisedLinear", [[3, 8], [8], [8], [8, 5], [5]]) {
            $1[0].normalisedLinear(scale: $1[1], shift: $1[2], weight: $1[3], bias: $1[4])
        },
    ]

    static let noise: [Operation] = [
        // Where a value is dropped, and where it is kept, its slope is constant.
        Operation("dropout", [[5, 7]], [[2, 3, 4]]) { $1[0].dropout(rate: 0.4, key: 11) },
        Operation("gumbelSigmoid", [[4, 6]], [[33]]) { $1[0].gumbelSigmoid(temperature: 0.7, key: 3) },
    ]

    static let all = arithmetic + elementwise + rows + shapes + products + noise
}
