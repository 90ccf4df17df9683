import Networks
import Tensors

extension Weights {
    /// The weights of a network that a card describes, from its file, which must hold these weights and no others.
    ///
    /// - Parameters:
    ///   - expected: How many there are. It is compared first: a card must not make us take memory that the file does not
    ///     fill.
    ///   - network: Adds the network's parameters.
    static func loaded<Network>(
        _ tensors: SafeTensors, file: String?, expected: Int, network: (inout Weights) -> Network
    ) throws -> (Network, Weights) {
        let tensors = tensors.withoutSupport
        let found = tensors.entries.reduce(0) { $0 + $1.values.count }
        guard found >= expected else {
            throw WeightsError(
                code: "MISMATCH", file: file, element: ModelCard.metadataKey,
                message: "expected \(expected) weights for the network of the card, found \(found)",
                remedy: "the file is damaged; fetch or train the weights again")
        }
        var weights = Weights()
        let network = network(&weights)
        try weights.load(tensors, file: file)
        return (network, weights)
    }
}
