/// Files that hold many chunks each (the codec `sharding_indexed` of version 3), with an index of offsets and lengths at
/// their start or end.
struct ZarrShards: Sendable, Equatable {
    private static let largestIndex = 1 << 20
    /// Stands in the index for a chunk that was never written.
    private static let missing = UInt64.max

    /// How many chunks a shard has along each axis.
    let grid: [Int]
    private let indexIsFirst: Bool
    private let indexIsBigEndian: Bool
    private let indexHasChecksum: Bool

    /// The configuration of the sharding codec; nil where it is not the outermost one.
    static func configuration(_ codecs: [JSONValue]) -> JSONValue? {
        guard codecs.count == 1, codecs[0]["name"]?.string == "sharding_indexed" else { return nil }
        return codecs[0]["configuration"] ?? .null
    }

    init(_ configuration: JSONValue, shard: [Int], chunk: [Int], _ place: ZarrPlace) throws(FormatError) {
        guard zip(shard, chunk).allSatisfy({ $0 % $1 == 0 }) else {
            throw place.badEncoding("the shards \(shard) must be made of whole chunks \(chunk)")
        }
        // A single value counts as a list of one.
        grid = shard.isEmpty ? [1] : zip(shard, chunk).map { $0 / $1 }
        let location = configuration["index_location"]?.string ?? "end"
        guard ["start", "end"].contains(location) else {
            throw place.badEncoding("index_location must be start or end")
        }
        indexIsFirst = location == "start"
        let codecs = configuration["index_codecs"]?.list ?? []
        let names = codecs.map { $0["name"]?.string ?? "a codec without a name" }
        guard names == ["bytes"] || names == ["bytes", "crc32c"] else {
            throw place.unknownCodec("an index of \(names.joined(separator: " and "))")
        }
        indexHasChecksum = names.count == 2
        indexIsBigEndian = codecs[0]["configuration"]?["endian"]?.string == "big"
        guard grid.reduce(1, *) <= Self.largestIndex else {
            throw place.limit("more than \(Self.largestIndex) chunks in one file")
        }
    }

    /// Where each chunk of a shard has its bytes, row-major; nil for those never written.
    func index(_ shard: StoredBytes, _ place: ZarrPlace) throws(FormatError) -> [Range<Int>?] {
        let count = grid.reduce(1, *)
        let size = 16 * count + (indexHasChecksum ? 4 : 0)
        guard size <= shard.count,
            var bytes = shard.read(indexIsFirst ? 0..<size : shard.count - size..<shard.count)
        else { throw place.corruptChunk("an index of \(size) bytes expected in a file of \(shard.count)") }
        if indexHasChecksum { bytes = try ZarrCodec.crc32c.decode(bytes, size: nil, limit: size, place) }
        var ranges: [Range<Int>?] = []
        ranges.reserveCapacity(count)
        for chunk in 0..<count {
            var (offset, length) = (bytes.littleEndian(16 * chunk, 8) ?? 0, bytes.littleEndian(16 * chunk + 8, 8) ?? 0)
            if indexIsBigEndian { (offset, length) = (offset.byteSwapped, length.byteSwapped) }
            if offset == Self.missing, length == Self.missing {
                ranges.append(nil)
                continue
            }
            guard offset <= shard.count, length <= UInt64(shard.count) - offset else {
                throw place.corruptChunk("chunk \(chunk) of the file lies outside its \(shard.count) bytes")
            }
            ranges.append(Int(offset)..<Int(offset + length))
        }
        return ranges
    }
}
