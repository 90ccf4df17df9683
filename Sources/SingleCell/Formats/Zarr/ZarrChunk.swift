/// The decoded values of one chunk.
struct ZarrChunk: Sendable {
    let bytes: [UInt8]
    /// Where texts of varying length start in `bytes`, with a last entry for their end; each is led by its length. Empty for
    /// elements of one width.
    let starts: [Int]
    /// A chunk that was never written has one element, which stands for all.
    let isFill: Bool

    init(_ fill: ZarrFill) {
        let text = Array(fill.text.utf8)
        starts = fill.bytes.isEmpty ? [4, 8 + text.count] : []
        bytes = fill.bytes.isEmpty ? [UInt8](repeating: 0, count: 8) + text : fill.bytes
        isFill = true
    }

    /// - Parameters:
    ///   - count: how many elements the chunk must have.
    ///   - limit: how many bytes they may have.
    init(
        _ stored: [UInt8], _ pipeline: ZarrPipeline, count: Int, width: Int, limit: Int, _ place: ZarrPlace
    ) throws(FormatError) {
        bytes = try pipeline.decode(stored, size: pipeline.isVariable ? nil : count * width, limit: limit, place)
        starts = pipeline.isVariable ? try Self.starts(bytes, count: count, place) : []
        isFill = false
    }

    /// Texts as numcodecs writes them (`vlen-utf8`, `vlen-bytes`): their number, then each after its length, all in 4 bytes.
    private static func starts(_ bytes: [UInt8], count: Int, _ place: ZarrPlace) throws(FormatError) -> [Int] {
        guard let found = bytes.littleEndianSize(0, 4), found == count, count <= bytes.count / 4 else {
            throw place.corruptChunk("\(count) texts expected, found \(bytes.littleEndian(0, 4) ?? 0)")
        }
        var starts = [4]
        starts.reserveCapacity(count + 1)
        var offset = 4
        for text in 0..<count {
            guard let length = bytes.littleEndianSize(offset, 4), length <= bytes.count - offset - 4 else {
                throw place.corruptChunk("text \(text) of \(count) ends outside the chunk")
            }
            offset += 4 + length
            starts.append(offset)
        }
        return starts
    }

    /// A text of varying length.
    func text(_ element: Int) -> ArraySlice<UInt8> { bytes[starts[element] + 4..<starts[element + 1]] }
}
