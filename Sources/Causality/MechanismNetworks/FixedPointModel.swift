import Foundation
import Matrices
import Mechanisms
import Networks
import Probability
import Tensors

/// Mechanisms read off the data by a pretrained `FixedPointNetwork`: nothing is fitted.
///
/// Of more than `mostRows` context rows as many are read, spread evenly: attention among rows costs their square.
public struct FixedPointModel: MechanismModel {
    static let mostRows = 1000

    public let card: FixedPointCard
    private let network: FixedPointNetwork
    private let weights: Weights

    /// - Parameter file: Weights written by `interventome pretrain mechanisms` with `network=fixedPoints`.
    public init(file: String) throws { try self.init(SafeTensors(file: file), file: file) }

    public init(_ tensors: SafeTensors, file: String? = nil) throws {
        card = try FixedPointCard(tensors, file: file)
        var weights = Weights()
        network = FixedPointNetwork(card.network, weights: &weights, stream: nil)
        try weights.load(tensors, file: file)
        self.weights = weights
    }

    public func mechanisms(of context: MechanismContext, workers: Int) throws -> any NodeMechanisms {
        let count = min(context.values.rows, Self.mostRows)
        let rows = (0..<count).map { $0 * context.values.rows / count }
        return network.mechanisms(
            of: context.values.selectingRows(rows), parents: context.graph.parents, weights: weights, workers: workers)
    }
}

extension FixedPointNetwork {
    /// The mechanisms of standardised rows, n × d.
    public func mechanisms(
        of rows: Matrix<Float>, parents: [[Int]], weights: Weights, workers: Int
    ) -> EmbeddedMechanisms {
        let tape = Tape(weights: weights, recording: false, workers: workers)
        let x = tape.constant(rows.values, shape: [rows.rows, rows.columns])
        let embedding = decoder.embedding(encoder.tokens(x, parents: parents), parents: parents)
        return EmbeddedMechanisms(decoder, embedding, parents: parents, on: tape)
    }
}
