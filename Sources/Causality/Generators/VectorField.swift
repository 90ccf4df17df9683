import Foundation
import Networks
import Probability
import Tensors

/// A network of a noisy outcome, a time and inputs, with what stands around it: what flow matching and diffusion share.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | x | `values` | rows × d | outcome on the way from noise to data: what linear regression leaves, of unit variance |
/// | t | `times` | rows | 0 … 1 |
/// | c | `conditions` | rows × p | encoded inputs within the range of training |
/// | | `timeFeatures` | 5 | t, cos πt, sin πt, cos 2πt, sin 2πt |
struct VectorField: Sendable {
    let encoding: InputEncoding
    let linear: LinearPart
    private let network: Perceptron
    private(set) var weights: Weights

    var width: Int { linear.width }

    private static let timeFeatures = 5

    /// - Parameters:
    ///   - noisy: What the network sees of a batch and what it shall answer, from the data, noise and times.
    /// - Returns: The trained field and the step that its weights were taken from.
    static func trained(
        outcome: Node, inputs: [Node], table: NodeTable, split: NetworkTraining.Split, options: NetworkOptions,
        stream: RandomStream,
        noisy: @Sendable (_ data: Float, _ noise: Float, _ time: Float) -> (seen: Float, answer: Float)
    ) -> (field: VectorField, step: Int) {
        let learnt = table.selecting(split.learnt)
        let encoding = InputEncoding(inputs, fitting: learnt)
        let width = outcome.kind.width
        let linear = LinearPart(
            encoded: encoding.encoded(learnt), values: learnt[outcome.name].values, rows: learnt.rows, width: width)
        let hidden = options.fieldWidth
        var weights = Weights()
        let network = Perceptron(
            "field", widths: [width + timeFeatures + encoding.width, hidden, hidden, hidden, width], weights: &weights,
            stream: stream)
        var field = VectorField(encoding: encoding, linear: linear, network: network, weights: weights)
        let means = linear.means(encoding.encoded(table), rows: table.rows)
        let data = RowSource(
            values: linear.standardised(table[outcome.name].values, means: means), width: width)
        let conditions = RowSource(values: encoding.encoded(table, isClipped: true), width: encoding.width)
        let step = NetworkTraining(options: options, steps: options.fieldSteps).run(
            &weights, split: split, stream: stream
        ) { tape, rows, stream in
            var stream = stream
            let times = stream.uniforms(rows.count)
            let noise = stream.normals(rows.count * width)
            var seen = data.rows(rows)
            var answers = seen
            for at in seen.indices {
                (seen[at], answers[at]) = noisy(seen[at], noise[at], times[at / width])
            }
            let input = field.input(seen, times: times, conditions: conditions.rows(rows))
            let output = network(tape.constant(input, shape: [rows.count, network.layers[0].weight.shape[0]]))
            return output.squaredError(targets: tape.constant(answers, shape: output.shape)).mean()
        }
        field.weights = weights
        return (field, step)
    }

    /// The network's answer for rows at one time, rows × d.
    func callAsFunction(_ values: [Float], time: Float, conditions: [Float], arena: Arena) -> [Float] {
        let rows = values.count / width
        let tape = Tape(weights: weights, recording: false, arena: arena)
        let input = input(values, times: Array(repeating: time, count: rows), conditions: conditions)
        return network(tape.constant(input, shape: [rows, input.count / rows])).values
    }

    /// Draws for all rows of `inputs`.
    /// - Parameter transport: Noise, conditions and memory to data, in the units of the network.
    func draw(
        given inputs: NodeTable, stream: RandomStream, workers: Int?,
        transport: @Sendable ([Float], [Float], Arena) -> [Float]
    ) -> [Float] {
        drawnInChunks(rows: inputs.rows, inputs: inputs, stream: stream, workers: workers) { part, stream in
            var stream = stream
            let noise = stream.normals(part.rows * width)
            let drawn = transport(noise, encoding.encoded(part, isClipped: true), Arena())
            return linear.restored(drawn, means: linear.means(encoding.encoded(part), rows: part.rows))
        }
    }

    private func input(_ values: [Float], times: [Float], conditions: [Float]) -> [Float] {
        let (rows, d, p) = (times.count, width, encoding.width)
        let total = d + Self.timeFeatures + p
        return [Float](unsafeUninitializedCapacity: rows * total) { buffer, filled in
            filled = rows * total
            for row in 0..<rows {
                let start = buffer.baseAddress! + row * total
                let angle = Float.pi * times[row]
                values.withUnsafeBufferPointer { start.update(from: $0.baseAddress! + row * d, count: d) }
                start[d] = times[row]
                start[d + 1] = cos(angle)
                start[d + 2] = sin(angle)
                start[d + 3] = cos(2 * angle)
                start[d + 4] = sin(2 * angle)
                guard p > 0 else { continue }
                conditions.withUnsafeBufferPointer {
                    (start + d + Self.timeFeatures).update(from: $0.baseAddress! + row * p, count: p)
                }
            }
        }
    }
}

// On disk.
extension VectorField {
    var tensors: [SafeTensors.Entry] { encoding.tensors + linear.tensors + weights.entries() }

    init(outcome: Node, inputs: [Node], tensors: StoredTensors) throws(GeneratorError) {
        let width = outcome.kind.width
        guard outcome.kind.isReal else {
            throw tensors.mismatch("expected real numbers of \(outcome.name), found \(outcome.kind)")
        }
        encoding = try InputEncoding(inputs, tensors: tensors)
        linear = try LinearPart(inputs: encoding.width, width: width, tensors: tensors)
        let total = width + Self.timeFeatures + encoding.width
        let hidden = try tensors.entry("field.0.weight", shape: [total, -1]).shape[1]
        guard hidden > 0 else { throw tensors.mismatch("expected hidden units, found none") }
        var layout = Weights()
        network = Perceptron(
            "field", widths: [total, hidden, hidden, hidden, width], weights: &layout, stream: RandomStream(seed: 0))
        weights = try tensors.weights(like: layout, prefix: "")
    }
}

extension NodeKind {
    /// Numbers without bounds: scalars and vectors of them.
    var isReal: Bool {
        switch self {
        case .scalar, .vector: true
        case .category, .counts: false
        }
    }
}
