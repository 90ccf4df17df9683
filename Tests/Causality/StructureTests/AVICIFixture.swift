import Foundation
import Matrices
import Networks
import Tensors

@testable import Structure

/// A file of `Reference/Golden/AVICI`, which `Pipelines/Golden/edge_predictor.py` makes with the package `avici`.
struct AVICIFixture {
    private let tensors: [String: SafeTensors.Entry]

    init(_ name: String) throws {
        tensors = Dictionary(
            uniqueKeysWithValues: try SafeTensors(file: Self.path(name)).entries.map { ($0.name, $0) })
    }

    static func path(_ name: String) -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return root.appending(path: "Reference/Golden/AVICI/\(name).safetensors").path
    }

    /// The network of the fixtures' weights, with what may differ between cases.
    static func network(masksDiagonal: Bool = true) throws -> (EdgePredictor, Weights) {
        let tensors = try SafeTensors(file: path("weights"))
        guard case .avici(var options) = try ModelCard(tensors).network else { throw Unexpected() }
        options.masksDiagonal = masksDiagonal
        var weights = Weights()
        let network = EdgePredictor(options, weights: &weights, stream: nil)
        try weights.load(tensors)
        return (network, weights)
    }

    struct Unexpected: Error {}

    subscript(name: String) -> [Float] { tensors[name]?.values ?? [] }

    func shape(_ name: String) -> [Int] { tensors[name]?.shape ?? [] }

    var names: Set<String> { Set(tensors.keys) }

    /// Whether a parameter's gradient is 0 but for rounding: a shift that all keys share moves all scores of a query alike.
    static func isFree(_ name: String) -> Bool { name.hasSuffix(".key.bias") || name.hasSuffix(".keyNorm.shift") }

    /// One channel of cells × genes × 2.
    func channel(_ channel: Int, of name: String) -> Matrix<Float> {
        let (shape, values) = (shape(name), self[name])
        return Matrix(
            rows: shape[0], columns: shape[1], values: (0..<shape[0] * shape[1]).map { values[2 * $0 + channel] })
    }

    /// Item `index` of a tensor whose first axis counts items.
    func item(_ index: Int, of name: String) -> [Float] {
        let values = self[name]
        let size = values.count / shape(name)[0]
        return Array(values[index * size..<(index + 1) * size])
    }
}

/// The largest difference between two lists of the same length.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}
