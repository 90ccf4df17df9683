/// Which network reads structure, and its size. On a card it is the network's options with their `kind` beside.
public enum NetworkKind: Sendable, Equatable {
    /// Reads statistics of pairs of genes.
    case pairwise(PairwiseNetworkOptions)
    /// Reads cells: the network of AVICI.
    case avici(EdgePredictorOptions)

    private enum Name: String, Codable, CaseIterable {
        case pairwise, avici
    }

    /// Whether such a network can be made: no axis is empty or beyond what anyone has trained.
    var isPossible: Bool {
        sizes.allSatisfy { (1...4096).contains($0) } && (1...64).contains(widening) && hasPossibleShares
    }

    /// Hidden channels of the feed-forward layers, in widths: of few channels, and so few weights, it could make any number.
    private var widening: Int {
        switch self {
        case .pairwise(let size): size.feedForwardFactor
        case .avici(let size): size.widening
        }
    }

    private var sizes: [Int] {
        switch self {
        case .pairwise(let size):
            [size.width, size.blocks, size.heads, max(1, size.triangleWidth)]
        case .avici(let size): [size.layers, size.width, size.heads, size.keySize, size.outputs]
        }
    }

    private var hasPossibleShares: Bool {
        switch self {
        case .pairwise(let size): size.width % size.heads == 0
        case .avici(let size): (0..<1).contains(size.dropout)
        }
    }
}

extension NetworkKind: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind
    }

    /// Cards without a kind are of the time when all networks were pairwise.
    public init(from decoder: any Decoder) throws {
        let name = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Name.self, forKey: .kind)
        switch name ?? .pairwise {
        case .pairwise: self = .pairwise(try PairwiseNetworkOptions(from: decoder))
        case .avici: self = .avici(try EdgePredictorOptions(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .pairwise(let options):
            try container.encode(Name.pairwise, forKey: .kind)
            try options.encode(to: encoder)
        case .avici(let options):
            try container.encode(Name.avici, forKey: .kind)
            try options.encode(to: encoder)
        }
    }
}
