/// One block of LZ4 (lz4_Block_format.md of its makers).
///
/// A token's upper half counts literal bytes and its lower half, plus 4, the bytes to copy from what is already there;
/// 15 is continued by bytes that are added up to and including the first below 255. A copy's distance has two bytes. The
/// last sequence has literals only.
enum LZ4Block {
    /// - Returns: The number of bytes written; nil where the input breaks the rules or does not fit.
    static func expand(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        var input = 0
        var output = 0

        func length(_ start: UInt8) -> Int? {
            var total = Int(start)
            guard start == 15 else { return total }
            while input < source.count {
                let byte = source[input]
                input += 1
                total += Int(byte)
                if byte < 255 { return total }
            }
            return nil
        }

        while input < source.count {
            let token = source[input]
            input += 1
            guard let literals = length(token >> 4), literals <= source.count - input,
                literals <= target.count - output
            else { return nil }
            for offset in 0..<literals { target[output + offset] = source[input + offset] }
            input += literals
            output += literals
            if input == source.count { return output }
            guard input + 2 <= source.count else { return nil }
            let distance = Int(source[input]) | Int(source[input + 1]) << 8
            input += 2
            guard let more = length(token & 15), distance > 0, distance <= output, more + 4 <= target.count - output
            else { return nil }
            // Byte by byte: the copy may overlap what it writes.
            for offset in 0..<more + 4 { target[output + offset] = target[output - distance + offset] }
            output += more + 4
        }
        return nil
    }
}
