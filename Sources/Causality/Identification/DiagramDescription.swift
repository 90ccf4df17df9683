/// A causal diagram as it is written in files: `{"nodes", "directed", "bidirected", "latent", "selected"}`. Nothing
/// is checked yet.
public struct DiagramDescription: Sendable, Equatable {
    public struct Pair: Sendable, Hashable {
        public let first: String
        public let second: String

        public init(_ first: String, _ second: String) {
            self.first = first
            self.second = second
        }
    }

    public var nodes: [String]
    /// Cause and effect.
    public var directed: [Pair]
    /// Two nodes with a cause in common that is not a node.
    public var bidirected: [Pair]
    /// Nodes that are not measured. Those that `nodes` does not name are nodes too.
    public var latent: [String]
    /// Nodes that decided which cells were measured: of all that differ in them, one value only is in the data.
    public var selected: [String] = []
    /// Edges of the file that were left out: improbable ones, or those that its acyclic graph lacks.
    public var leftOut = 0

    public init(nodes: [String] = [], directed: [Pair] = [], bidirected: [Pair] = [], latent: [String] = []) {
        self.nodes = nodes
        self.directed = directed
        self.bidirected = bidirected
        self.latent = latent
    }

    /// Names every node that only edges name: for files that list no nodes.
    mutating func addNodesOfEdges() {
        var known = Set(nodes)
        for pair in directed + bidirected {
            for name in [pair.first, pair.second] where known.insert(name).inserted { nodes.append(name) }
        }
    }
}

extension DiagramDescription: Codable {
    private enum CodingKeys: String, CodingKey { case nodes, directed, bidirected, latent, selected }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        nodes = try values.decode([String].self, forKey: .nodes)
        directed = try values.decodeIfPresent([Pair].self, forKey: .directed) ?? []
        bidirected = try values.decodeIfPresent([Pair].self, forKey: .bidirected) ?? []
        latent = try values.decodeIfPresent([String].self, forKey: .latent) ?? []
        selected = try values.decodeIfPresent([String].self, forKey: .selected) ?? []
    }
}

extension DiagramDescription.Pair: Codable {
    /// As a list of two names.
    public init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        self.init(try values.decode(String.self), try values.decode(String.self))
        guard values.isAtEnd else {
            throw DecodingError.dataCorruptedError(in: values, debugDescription: "expected two names, found more")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        try values.encode(first)
        try values.encode(second)
    }
}
