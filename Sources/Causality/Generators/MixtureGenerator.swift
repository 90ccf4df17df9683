import Concurrency
import Foundation
import Networks
import Probability
import Tensors

/// An ensemble of small networks that give the parameters of a mixture of normals, of the probabilities of labels, or of a
/// hurdle: the default where nothing exact serves.
///
/// A number's mixture is of what linear regression leaves, so outside the data its mean goes on in a line; inputs of the
/// networks stay within the range of training. Counts are 0 by a logit, else rounded e^z − 1 with z from the mixture.
/// Each network has its own first values and batches, is trained until rows kept back no longer gain, and is as likely as
/// the others to make a draw.
public struct MixtureGenerator: ConditionalGenerator {
    public static let form = GeneratorForm.mixture
    public let outcome: Node
    public let training: TrainingReport
    public var inputs: [Node] { encoding.inputs }
    private let encoding: InputEncoding
    /// Of numbers; nil for categories.
    private let linear: LinearPart?
    /// Whether counts are whole numbers.
    private let isWhole: Bool
    private let head: MixtureHead
    private let network: Perceptron
    private let members: [Weights]

    /// - Parameters:
    ///   - table: At least two rows; the outcome is no vector.
    ///   - split: Rows to learn from and to stop by.
    init(
        outcome: Node, inputs: [Node], table: NodeTable, split: NetworkTraining.Split, options: NetworkOptions,
        stream: RandomStream, workers: Int?
    ) {
        self.outcome = outcome
        let learnt = table.selecting(split.learnt)
        let encoding = InputEncoding(inputs, fitting: learnt)
        let head = MixtureHead(outcome.kind, options)
        let values = table[outcome.name].values
        isWhole = outcome.kind == .counts && values.allSatisfy { $0 == $0.rounded() }
        linear = Self.linearPart(outcome, learnt, encoding)
        let hidden = encoding.width >= options.wideFrom ? options.wideWidth : options.width
        let widths = [max(1, encoding.width), hidden, hidden, head.width]
        var layout = Weights()
        network = Perceptron("net", widths: widths, weights: &layout, stream: stream)
        self.encoding = encoding
        self.head = head

        let sources = (
            inputs: RowSource(values: Self.networkInputs(encoding, table), width: widths[0]),
            targets: RowSource(
                values: Self.targets(outcome, table, head, linear, encoding), width: head.targetWidth)
        )
        let network = network
        let trained = concurrentMap(options.members, workers: workers) { member in
            let stream = stream.stream(member)
            var weights = Weights()
            _ = Perceptron("net", widths: widths, weights: &weights, stream: stream)
            weights.shapeLast(of: network, biases: head.firstBiases)
            let step = NetworkTraining(options: options, steps: options.steps).run(
                &weights, split: split, stream: stream
            ) { tape, rows, _ in
                let x = tape.constant(sources.inputs.rows(rows), shape: [rows.count, widths[0]])
                let y = tape.constant(sources.targets.rows(rows), shape: [rows.count, head.targetWidth])
                return head.negativeLogLikelihood(network(x), targets: y).mean()
            }
            return (weights, step)
        }
        members = trained.map(\.0)
        var report = TrainingReport(form: Self.form, rows: split.learnt.count, heldOutRows: split.heldOut.count)
        report.steps = trained.map(\.1)
        training = report
    }

    private init(copying other: MixtureGenerator, training: TrainingReport) {
        outcome = other.outcome
        encoding = other.encoding
        linear = other.linear
        isWhole = other.isWhole
        head = other.head
        network = other.network
        members = other.members
        self.training = training
    }

    func reporting(_ training: TrainingReport) -> MixtureGenerator { .init(copying: self, training: training) }

    public func draw(given inputs: NodeTable, stream: RandomStream, workers: Int?) -> NodeColumn {
        let drawn = drawnInChunks(rows: inputs.rows, inputs: inputs, stream: stream, workers: workers) { part, stream in
            drawChunk(part, stream)
        }
        return NodeColumn(outcome.kind, drawn)
    }

    private func drawChunk(_ part: NodeTable, _ stream: RandomStream) -> [Float] {
        var stream = stream
        let rows = part.rows
        let choices = stream.uniforms(rows)
        let uniforms = stream.uniforms(2 * rows)
        let normals = stream.normals(rows)
        let source = RowSource(values: Self.networkInputs(encoding, part), width: max(1, encoding.width))
        var result = [Float](repeating: 0, count: rows)
        for (member, weights) in members.enumerated() {
            let chosen = (0..<rows).filter { min(members.count - 1, Int(choices[$0] * Float(members.count))) == member }
            guard !chosen.isEmpty else { continue }
            let tape = Tape(weights: weights, recording: false)
            let output = network(tape.constant(source.rows(chosen), shape: [chosen.count, source.width]))
            let drawn = head.draw(
                output, uniforms: chosen.flatMap { [uniforms[2 * $0], uniforms[2 * $0 + 1]] },
                normals: chosen.map { normals[$0] })
            for (place, row) in chosen.enumerated() { result[row] = drawn[place] }
        }
        guard let linear else { return result }
        let means = linear.means(encoding.encoded(part), rows: rows)
        let values = linear.restored(result, means: means)
        guard outcome.kind == .counts else { return values }
        return values.map { value in
            if value == -.infinity { return 0 }
            // A count is at most what ln(1 + y) of single precision can say.
            let count = expm1(min(value, 80))
            return isWhole ? max(1, count.rounded()) : max(.leastNormalMagnitude, count)
        }
    }

    public func logDensity(of outcome: NodeColumn, given inputs: NodeTable) -> [Double]? {
        evaluatedInChunks(outcome, inputs) { outcome, inputs in
            var table = inputs
            table[self.outcome.name] = outcome
            let rows = table.rows
            let width = max(1, encoding.width)
            let x = Self.networkInputs(encoding, table)
            let targets = Self.targets(self.outcome, table, head, linear, encoding)
            let densities = members.map { weights in
                let tape = Tape(weights: weights, recording: false)
                return head.negativeLogLikelihood(
                    network(tape.constant(x, shape: [rows, width])),
                    targets: tape.constant(targets, shape: [rows, head.targetWidth])
                ).values
            }
            let scale = linear.map { log(Double($0.residualScales[0])) } ?? 0
            return (0..<rows).map { row in
                let terms = densities.map { -Double($0[row]) }
                let largest = terms.max()!
                let sum = terms.reduce(0) { $0 + exp($1 - largest) }
                let isScaled = self.outcome.kind != .counts || outcome.values[row] > 0
                return largest + log(sum / Double(terms.count)) - (isScaled ? scale : 0)
            }
        }
    }

    /// rows × encoded inputs within their ranges; a column of zeros where there are none.
    private static func networkInputs(_ encoding: InputEncoding, _ table: NodeTable) -> [Float] {
        encoding.width == 0
            ? Array(repeating: 0, count: table.rows) : encoding.encoded(table, isClipped: true)
    }

    /// Of scalars, and of ln(1 + y) of counts above 0.
    private static func linearPart(_ outcome: Node, _ table: NodeTable, _ encoding: InputEncoding) -> LinearPart? {
        switch outcome.kind {
        case .category: return nil
        case .vector: preconditionFailure("a mixture is of one number, \(outcome.name) is a vector")
        case .scalar:
            return LinearPart(
                encoded: encoding.encoded(table), values: table[outcome.name].values, rows: table.rows, width: 1)
        case .counts:
            let values = table[outcome.name].values
            let positive = values.indices.filter { values[$0] > 0 }
            let source = positive.isEmpty ? table : table.selecting(positive)
            return LinearPart(
                encoded: encoding.encoded(source), values: source[outcome.name].values.map { log1p($0) },
                rows: source.rows, width: 1)
        }
    }

    private static func targets(
        _ outcome: Node, _ table: NodeTable, _ head: MixtureHead, _ linear: LinearPart?, _ encoding: InputEncoding
    ) -> [Float] {
        let values = table[outcome.name].values
        let width = head.targetWidth
        guard let linear else {
            var targets = [Float](repeating: 0, count: values.count * width)
            for (row, value) in values.enumerated() { targets[row * width + Int(value)] = 1 }
            return targets
        }
        let means = linear.means(encoding.encoded(table), rows: table.rows)
        guard outcome.kind == .counts else { return linear.standardised(values, means: means) }
        let standardised = linear.standardised(values.map { log1p($0) }, means: means)
        return values.indices.flatMap { row -> [Float] in
            values[row] > 0 ? [standardised[row], 0, 1] : [0, 1, 0]
        }
    }
}

extension MixtureHead {
    fileprivate init(_ kind: NodeKind, _ options: NetworkOptions) {
        self =
            switch kind {
            case .category(let labels): .category(labels: labels.count)
            default:
                .mixture(
                    components: options.components, smallestDeviation: Float(options.smallestDeviation),
                    hasHurdle: kind == .counts)
            }
    }
}

extension Weights {
    /// Gives the last layer small weights and these biases.
    fileprivate mutating func shapeLast(of network: Perceptron, biases: [Float]) {
        let last = network.layers[network.layers.count - 1]
        self[last.weight] = self[last.weight].map { 0.1 * $0 }
        if let bias = last.bias { self[bias] = biases }
    }
}

// On disk.
extension MixtureGenerator {
    public var tensors: [SafeTensors.Entry] {
        let smallest: Float = if case .mixture(_, let smallest, _) = head { smallest } else { 0 }
        let shape = [Float(members.count), smallest, isWhole ? 1 : 0]
        return [.init(name: "mixture", shape: [3], values: shape)] + encoding.tensors + (linear?.tensors ?? [])
            + members.enumerated().flatMap { $1.entries(prefix: "\($0).") }
    }

    public init(
        outcome: Node, inputs: [Node], training: TrainingReport, tensors: StoredTensors
    ) throws(GeneratorError) {
        self.outcome = outcome
        self.training = training
        encoding = try InputEncoding(inputs, tensors: tensors)
        let shape = try tensors.values("mixture", shape: [3])
        guard (1...1000).contains(shape[0]) else { throw tensors.mismatch("expected networks, found \(shape[0])") }
        isWhole = shape[2] == 1
        let hidden = try tensors.entry("0.net.0.weight", shape: [max(1, encoding.width), -1]).shape[1]
        let outputs = try tensors.entry("0.net.2.weight", shape: [hidden, -1]).shape[1]
        if let levels = outcome.kind.levels {
            head = .category(labels: levels)
            linear = nil
        } else {
            let hasHurdle = outcome.kind == .counts
            guard shape[1] > 0, outcome.kind.width == 1 else {
                throw tensors.mismatch("expected the mixture of a number, found other settings")
            }
            head = .mixture(
                components: (outputs - (hasHurdle ? 2 : 0)) / 3, smallestDeviation: shape[1], hasHurdle: hasHurdle)
            linear = try LinearPart(inputs: encoding.width, width: 1, tensors: tensors)
        }
        guard hidden > 0, outputs == head.width else {
            throw tensors.mismatch("expected \(head.width) outputs, found \(outputs)")
        }
        var layout = Weights()
        network = Perceptron(
            "net", widths: [max(1, encoding.width), hidden, hidden, outputs], weights: &layout,
            stream: RandomStream(seed: 0))
        var members: [Weights] = []
        for member in 0..<Int(shape[0]) { members.append(try tensors.weights(like: layout, prefix: "\(member).")) }
        self.members = members
    }
}
