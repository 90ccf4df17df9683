import CKernels
import Tensors

/// The decoder of one node of a data set, the node's modulations inside of its layers: see `EmbeddedMechanisms`.
struct NodeDecoder {
    private typealias Layer = (weight: Tensor, bias: Tensor)

    private struct Block {
        /// Scores from queries, and what shares add; nil for a node without parents.
        let attention: (query: Layer, output: Layer)?
        /// What is added where there is no attention, 1 × width.
        let gatedBias: Tensor
        let expansion, contraction: Layer
    }

    private let tape = Tape(recording: false)
    private let parents: [Int]
    private let heads: Int
    private let moments: [Double]
    /// P, 1 × width
    private let start: Tensor
    private let blocks: [Block]
    private let output: Layer

    init(_ model: EmbeddedMechanisms, _ node: Int) {
        let (width, tape) = (model.width, tape)
        parents = model.parents[node]
        heads = model.heads
        let channels = 3 * heads
        moments = parents.flatMap { model.moments[3 * $0..<3 * $0 + 3] }
        let own = node * width..<(node + 1) * width
        func row(_ values: [Float]) -> Tensor { tape.constant(Array(values[own]), shape: [1, width]) }
        func vector(_ values: [Float]) -> Tensor { tape.constant(values, shape: [values.count]) }
        start = row(model.offset)
        let sources = parents
        func gathered(_ table: [Float], _ size: Int) -> [Float] {
            sources.flatMap { table[$0 * size..<($0 + 1) * size] }
        }
        blocks = model.blocks.map { block in
            let gate = row(block.gate)
            let gatedBias = gate * vector(block.outputBias)
            var attention: (query: Layer, output: Layer)?
            if !sources.isEmpty {
                let table = tape.constant(
                    gathered(block.queryTable, channels * width), shape: [sources.count * channels, width])
                let offsets = vector(gathered(block.queryOffsets, channels))
                let shift = Tensor.product(row(block.queryShift), table, transposingB: true)
                let outputs = tape.constant(
                    gathered(block.outputTable, channels * width), shape: [sources.count * channels, width])
                attention = (
                    ((table * row(block.queryScale)).transposed(), shift.reshaped([-1]) + offsets),
                    (outputs * gate, gatedBias.reshaped([-1]))
                )
            }
            let hidden = block.expansionBias.count
            let expansion = tape.constant(block.expansion, shape: [width, hidden])
            let contraction = tape.constant(block.contraction, shape: [hidden, width])
            let feedForwardGate = row(block.feedForwardGate)
            return Block(
                attention: attention, gatedBias: gatedBias,
                expansion: (
                    row(block.feedForwardScale).reshaped([width, 1]) * expansion,
                    row(block.feedForwardShift).reshaped([width]).linear(
                        weight: expansion, bias: vector(block.expansionBias))
                ),
                contraction: (
                    contraction * feedForwardGate,
                    (feedForwardGate * vector(block.contractionBias)).reshaped([width])
                ))
        }
        output = (tape.constant(model.outputWeight, shape: [width, 1]), vector(model.outputBias))
    }

    /// - Parameter z: rows × parents.
    func means(_ z: [Float], rows: Int) -> [Float] {
        var x = start
        for (index, block) in blocks.enumerated() {
            x = attended(x, block, z, rows: rows, isFirst: index == 0)
            let hidden = x.standardisedLinear(
                weight: block.expansion.weight, bias: block.expansion.bias, activation: .relu)
            x = hidden.linear(weight: block.contraction.weight, bias: block.contraction.bias, residual: x)
        }
        return x.standardisedLinear(weight: output.weight, bias: output.bias).values
    }

    private func attended(_ x: Tensor, _ block: Block, _ z: [Float], rows: Int, isFirst: Bool) -> Tensor {
        guard let (query, output) = block.attention else { return x + block.gatedBias }
        let scores = x.standardisedLinear(weight: query.weight, bias: query.bias)
        let size = parents.count * 3 * heads
        let shares = tape.custom([], shape: [rows, size]) { target in
            kernel_scalar_attention(
                scores.buffer.baseAddress, isFirst ? 0 : size, z, moments, Double(EmbeddedMechanisms.epsilon), rows,
                parents.count, heads, target.baseAddress)
        } adjoint: { _, _ in
        }
        if isFirst {
            // All rows start from the same place, which goes into the bias.
            return shares.linear(weight: output.weight, bias: output.bias + x.reshaped([-1]))
        }
        return shares.linear(weight: output.weight, bias: output.bias, residual: x)
    }
}
