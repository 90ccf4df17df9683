/// How a chunk's values become bytes: first what arranges them, then what compresses those bytes.
struct ZarrPipeline: Sendable, Equatable {
    /// The axes of the array in the order in which a chunk stores them, the slowest first.
    var axes: [Int]
    /// Whether texts of varying length are written with their lengths.
    var isVariable = false
    /// In the order in which they were applied.
    var codecs: [ZarrCodec] = []

    /// Undoes the codecs.
    /// - Parameters:
    ///   - size: how many bytes must come out; nil where that is not known.
    ///   - limit: how many bytes may come out of any of them.
    func decode(_ stored: [UInt8], size: Int?, limit: Int, _ place: ZarrPlace) throws(FormatError) -> [UInt8] {
        if let size, size > limit, !codecs.isEmpty { throw place.limit("\(stored.count) stored bytes for \(size)") }
        var bytes = stored
        for (position, codec) in codecs.enumerated().reversed() {
            bytes = try codec.decode(bytes, size: position == 0 ? size : nil, limit: limit, place)
        }
        if let size, bytes.count != size {
            throw place.corruptChunk("\(size) bytes expected, found \(bytes.count)")
        }
        return bytes
    }

    /// In elements, how far apart two neighbours along each axis are in a chunk of that shape.
    func strides(_ chunk: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: chunk.count)
        var product = 1
        for axis in axes.reversed() {
            strides[axis] = product
            product *= chunk[axis]
        }
        return strides
    }
}
