import Foundation
import Graphs
import Matrices
import Networks
import Tensors

@testable import MechanismNetworks

/// `Reference/Golden/MechanismNetworks`, which `Pipelines/Golden/mechanism_networks.py` makes with PyTorch.
struct GoldenFixture {
    let network: FixedPointNetwork
    let weights: Weights
    private let tensors: [String: SafeTensors.Entry]
    private let losses: [String: SafeTensors.Entry]

    static let parents = [[], [0], [0, 1], [2], [], [1, 3, 4]]
    static let setting = (node: 2, value: Float(0.8))
    /// That of provenance.json: values of order 1 to 10 in single precision through ten blocks and up to six rounds.
    static let tolerance: Float = 2e-5

    static var options: FixedPointOptions {
        var options = FixedPointOptions()
        options.encoder = .init(width: 16, heads: 2, keySize: 6, hidden: 20, layers: 2, dropout: 0)
        options.decoder = .init(width: 12, heads: 3, keySize: 4, hidden: 18, layers: 3, dropout: 0.1)
        (options.headWidth, options.dataLayers) = (14, 1)
        return options
    }

    init() throws {
        func file(_ name: String) throws -> SafeTensors {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            return try SafeTensors(
                file: root.appending(path: "Reference/Golden/MechanismNetworks/\(name).safetensors").path)
        }
        var weights = Weights()
        network = FixedPointNetwork(Self.options, weights: &weights, stream: nil)
        try weights.load(try file("weights"))
        self.weights = weights
        func entries(_ name: String) throws -> [String: SafeTensors.Entry] {
            Dictionary(uniqueKeysWithValues: try file(name).entries.map { ($0.name, $0) })
        }
        tensors = try entries("values")
        losses = try entries("losses")
    }

    /// What the losses of the first rows are, and their gradients.
    func loss(_ name: String) -> [Float] { losses[name]!.values }

    var lesson: FixedPointLesson {
        let rows = matrix("rows")
        return FixedPointLesson(
            parents: Self.parents, rows: rows,
            truth: Matrix(rows: rows.rows, columns: rows.columns, values: loss("truth")))
    }

    subscript(name: String) -> [Float] { tensors[name]!.values }

    func matrix(_ name: String) -> Matrix<Float> {
        let entry = tensors[name]!
        return Matrix(rows: entry.shape[0], columns: entry.shape[1], values: entry.values)
    }

    func tensor(_ name: String, on tape: Tape) -> Tensor { tape.constant(self[name], shape: tensors[name]!.shape) }

    /// F̂ at rows × d by the decoder as it is written, from the data set's rows on.
    func plainMeans(at points: Matrix<Float>, rows: Matrix<Float>? = nil) -> Matrix<Float> {
        let tape = Tape(weights: weights)
        let rows = rows ?? matrix("rows")
        let tokens = network.encoder.tokens(
            tape.constant(rows.values, shape: [rows.rows, rows.columns]), parents: Self.parents)
        let embedding = network.decoder.embedding(tokens, parents: Self.parents)
        let means = network.decoder.means(
            at: tape.constant(points.values, shape: [points.rows, points.columns]), embedding, parents: Self.parents)
        return Matrix(rows: points.rows, columns: points.columns, values: means.values)
    }

    /// d rounds of z = F̂(z) + n from z = n.
    func iterated(noise: Matrix<Float>, setting: (node: Int, value: Float)? = nil) -> Matrix<Float> {
        var z = noise
        for _ in 0..<noise.columns {
            z = plainMeans(at: z)
            for place in z.values.indices { z.values[place] += noise.values[place] }
            if let setting { for row in 0..<z.rows { z[row, setting.node] = setting.value } }
        }
        return z
    }
}

/// The largest difference between two lists of the same length.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}
