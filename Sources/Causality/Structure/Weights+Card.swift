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
        let names = Set(weights.names)
        if let unknown = tensors.entries.first(where: { !names.contains($0.name) }) {
            throw WeightsError(
                code: "MISMATCH", file: file, element: unknown.name,
                message: "expected the \(names.count) tensors of the network of the card only, found another",
                remedy: "the file is damaged or of another version; fetch or train the weights again")
        }
        if let damaged = tensors.entries.first(where: { !$0.values.allSatisfy(\.isFinite) }) {
            let place = damaged.values.firstIndex { !$0.isFinite }!
            throw WeightsError(
                code: "MALFORMED", file: file, element: damaged.name,
                message: "expected finite numbers, found \(damaged.values[place]) at place \(place)",
                remedy: "the file is damaged or a training failed; fetch or train the weights again")
        }
        return (network, weights)
    }
}
