/// The LZF decompressor, for the filter 32000 of h5py.
///
/// A control byte below 32 copies that many + 1 literal bytes. Otherwise its upper three bits give a length (7: one more
/// byte adds to it) and its lower five, with the next byte, the distance of a copy of length + 2 bytes.
enum LZFFilter {
    /// - Returns: The number of bytes written; nil where the input breaks the rules or does not fit.
    static func expand(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        var input = 0
        var output = 0
        while input < source.count {
            let control = Int(source[input])
            input += 1
            if control < 32 {
                let length = control + 1
                guard input + length <= source.count, output + length <= target.count else { return nil }
                for offset in 0..<length { target[output + offset] = source[input + offset] }
                input += length
                output += length
            } else {
                var length = control >> 5
                if length == 7 {
                    guard input < source.count else { return nil }
                    length += Int(source[input])
                    input += 1
                }
                guard input < source.count else { return nil }
                let start = output - ((control & 31) << 8) - Int(source[input]) - 1
                input += 1
                length += 2
                guard start >= 0, output + length <= target.count else { return nil }
                // Byte by byte: the copy may overlap what it writes.
                for offset in 0..<length { target[output + offset] = target[start + offset] }
                output += length
            }
        }
        return output
    }
}
