import CHDF5
import Foundation

/// The LZF decompressor that h5py writes with and that the C library lacks (filter 32000).
///
/// A control byte below 32 copies that many + 1 literal bytes. Otherwise its upper three bits give a length (7: one more
/// byte adds to it) and its lower five, with the next byte, the distance of a copy of length + 2 bytes.
enum LZFFilter {
    static let identifier: H5Z_filter_t = 32000
    /// Three bytes give at most 264.
    private static let largestRatio = 264

    static func register() -> Bool {
        "lzf".withCString { name in
            var description = H5Z_class2_t(
                version: H5Z_CLASS_T_VERS, id: identifier, encoder_present: 0, decoder_present: 1,
                name: UnsafePointer(strdup(name)), can_apply: nil, set_local: nil,
                filter: { flags, parameterCount, parameters, bytes, capacity, buffer in
                    LZFFilter.apply(flags, parameterCount, parameters, bytes, capacity, buffer)
                })
            return H5Zregister(&description) >= 0
        }
    }

    /// The library's filter call: replaces the buffer by its expansion and returns the new length, 0 on failure.
    private static func apply(
        _ flags: UInt32, _ parameterCount: Int, _ parameters: UnsafePointer<UInt32>?, _ bytes: Int,
        _ capacity: UnsafeMutablePointer<Int>?, _ buffer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Int {
        guard flags & UInt32(H5Z_FLAG_REVERSE) != 0, let buffer, let source = buffer.pointee, let capacity else {
            return 0
        }
        // The third parameter is the size of a chunk; h5py leaves it out for text. Then the size is tried by doubling.
        let given = parameterCount >= 3 ? Int(parameters?[2] ?? 0) : 0
        let largest = bytes.multipliedReportingOverflow(by: largestRatio).partialValue
        var size = given > 0 ? given : max(64, bytes * 2)
        guard bytes > 0, size <= max(largest, 64) else { return 0 }
        var target: UnsafeMutableRawPointer?
        var length: Int?
        while length == nil, size <= max(largest, 64) {
            free(target)
            target = malloc(size)
            guard let target else { return 0 }
            length = expand(
                UnsafeRawBufferPointer(start: source, count: bytes),
                into: UnsafeMutableRawBufferPointer(start: target, count: size))
            if given > 0 { break }
            if length == nil { size *= 2 }
        }
        guard let length, given == 0 || length == given else {
            free(target)
            return 0
        }
        free(source)
        buffer.pointee = target
        capacity.pointee = size
        return length
    }

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
