/// A reproducible stream of random numbers that can be split by name.
///
/// `xoshiro256**` (Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators"), seeded by SplitMix64.
/// A named sub-stream depends on the names that lead to it and on the seed, never on how many numbers were drawn
/// before, so a new consumer shifts no other: `RandomStream(seed: 0).stream("pretraining").stream("graphs")`.
public struct RandomStream: RandomNumberGenerator, Sendable, Equatable {
    /// Identifies this stream; sub-streams are derived from it.
    private let key: UInt64
    private var state: (UInt64, UInt64, UInt64, UInt64)

    public init(seed: UInt64) {
        self.init(key: Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15))
    }

    private init(key: UInt64) {
        self.key = key
        var counter = key
        func next() -> UInt64 {
            counter &+= 0x9E37_79B9_7F4A_7C15
            return Self.mix(counter)
        }
        state = (next(), next(), next(), next())
    }

    /// The independent stream of that name below this one.
    public func stream(_ name: String) -> RandomStream {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return RandomStream(key: Self.mix(key ^ Self.mix(hash)))
    }

    /// The independent stream of that number below this one.
    public func stream(_ number: Int) -> RandomStream {
        RandomStream(key: Self.mix(key &+ Self.mix(UInt64(bitPattern: Int64(number)) ^ 0xD1B5_4A32_D192_ED03)))
    }

    public mutating func next() -> UInt64 {
        func rotated(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
        let result = rotated(state.1 &* 5, 7) &* 9
        let t = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= t
        state.3 = rotated(state.3, 45)
        return result
    }

    /// SplitMix64's finaliser (Stafford's variant 13).
    private static func mix(_ x: UInt64) -> UInt64 {
        var z = x
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    public static func == (a: RandomStream, b: RandomStream) -> Bool { a.key == b.key && a.state == b.state }
}
