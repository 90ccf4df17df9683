/// The size of a `FixedPointNetwork`; the first values are those of the published one.
public struct FixedPointOptions: Codable, Sendable, Equatable {
    /// The size of one of its two networks.
    public struct Part: Codable, Sendable, Equatable {
        public var width: Int
        public var heads: Int
        /// Channels of a head's queries, keys and values.
        public var keySize: Int
        /// Hidden channels of the feed-forward layers.
        public var hidden: Int
        /// In the encoder, pairs of a block among rows and one among nodes; in the decoder, adaptive blocks.
        public var layers: Int
        /// Share of the values that training drops from what each half of a block adds.
        public var dropout: Double

        public init(width: Int, heads: Int, keySize: Int, hidden: Int, layers: Int, dropout: Double) {
            (self.width, self.heads, self.keySize) = (width, heads, keySize)
            (self.hidden, self.layers, self.dropout) = (hidden, layers, dropout)
        }

        var inner: Int { heads * keySize }
    }

    public var encoder = Part(width: 256, heads: 8, keySize: 32, hidden: 512, layers: 4, dropout: 0)
    /// Hidden channels of the head that says what the encoder makes of noise.
    public var headWidth = 1024
    public var decoder = Part(width: 256, heads: 8, keySize: 64, hidden: 512, layers: 4, dropout: 0.1)
    /// Pairs of blocks that lead from the encoder's tokens to what is known of each node.
    public var dataLayers = 2

    public init() {}

    /// Whether such a network can be made: no axis is empty or beyond what anyone has trained.
    public var isPossible: Bool {
        [encoder, decoder].allSatisfy { part in
            [part.width, part.keySize, part.hidden].allSatisfy { (1...4096).contains($0) }
                && [part.heads, part.layers].allSatisfy { (1...64).contains($0) } && (0..<1).contains(part.dropout)
        } && (1...4096).contains(headWidth) && (1...64).contains(dataLayers)
    }
}
