/// The checksum of metadata: Bob Jenkins' lookup3 (hashlittle) with the initial value 0, as section I of the format
/// specification names it.
func lookup3(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { buffer in
        var a = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: buffer.count)
        var (b, c) = (a, a)
        var position = 0
        func rotated(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
        func word(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: position + offset, as: UInt32.self))
        }
        /// Bytes beyond the end count as 0.
        func lastWord(_ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { word, index in
                let place = position + offset + index
                return word | (place < buffer.count ? UInt32(buffer[place]) << UInt32(8 * index) : 0)
            }
        }
        while buffer.count - position > 12 {
            a &+= word(0)
            b &+= word(4)
            c &+= word(8)
            a = (a &- c) ^ rotated(c, 4)
            c &+= b
            b = (b &- a) ^ rotated(a, 6)
            a &+= c
            c = (c &- b) ^ rotated(b, 8)
            b &+= a
            a = (a &- c) ^ rotated(c, 16)
            c &+= b
            b = (b &- a) ^ rotated(a, 19)
            a &+= c
            c = (c &- b) ^ rotated(b, 4)
            b &+= a
            position += 12
        }
        guard position < buffer.count else { return c }
        a &+= lastWord(0)
        b &+= lastWord(4)
        c &+= lastWord(8)
        c = (c ^ b) &- rotated(b, 14)
        a = (a ^ c) &- rotated(c, 11)
        b = (b ^ a) &- rotated(a, 25)
        c = (c ^ b) &- rotated(b, 16)
        a = (a ^ c) &- rotated(c, 4)
        b = (b ^ a) &- rotated(a, 14)
        c = (c ^ b) &- rotated(b, 24)
        return c
    }
}
