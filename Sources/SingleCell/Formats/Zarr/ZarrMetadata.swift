/// What a zarr array is and how it is stored, from its `.zarray` (version 2) or `zarr.json` (version 3).
///
/// Sources: the Zarr storage specification version 2, the Zarr core specification version 3.1, and the codecs and data types
/// that zarr-python 3.1 and numcodecs 0.16 register.
struct ZarrMetadata: Sendable, Equatable {
    /// Larger arrays cannot be data.
    private static let largestCount = 1 << 48
    private static let largestRank = 32

    let shape: [Int]
    /// The shape of what is compressed as one piece: a chunk, or an inner chunk of a shard.
    let chunk: [Int]
    let type: ZarrDataType
    let fill: ZarrFill
    let pipeline: ZarrPipeline
    let keys: ZarrChunkKeys
    /// How pieces are put together to files; nil where each has its own.
    let shards: ZarrShards?

    init(version2 json: JSONValue, _ place: ZarrPlace) throws(FormatError) {
        guard let dtype = json["dtype"], let type = ZarrDataType(version2: dtype) else {
            throw place.badEncoding("the data type is missing or not known")
        }
        let (shape, chunk) = try Self.extents(json["shape"], json["chunks"], type, place)
        guard let order = json["order"]?.string, ["C", "F"].contains(order) else {
            throw place.badEncoding("the order must be C or F")
        }
        let axes = Array(shape.indices)
        var pipeline = ZarrPipeline(axes: order == "C" ? axes : axes.reversed())
        for filter in json["filters"]?.list ?? [] {
            let name = filter["id"]?.string ?? "a filter without a name"
            guard ["vlen-utf8", "vlen-bytes"].contains(name), !pipeline.isVariable else {
                throw place.unknownCodec(name)
            }
            pipeline.isVariable = true
        }
        if let compressor = json["compressor"], compressor != .null {
            let name = compressor["id"]?.string ?? "a compressor without a name"
            guard let codec = ZarrCodec(name) else { throw place.unknownCodec(name) }
            pipeline.codecs = [codec]
        }
        let separator = json["dimension_separator"]?.string ?? "."
        guard [".", "/"].contains(separator) else { throw place.badEncoding("the separator must be . or /") }
        try self.init(
            shape, chunk, type, json["fill_value"], pipeline, ZarrChunkKeys(prefix: nil, separator: separator), nil,
            place)
    }

    init(version3 json: JSONValue, _ place: ZarrPlace) throws(FormatError) {
        guard let name = json["data_type"], let type = ZarrDataType(version3: name) else {
            throw place.badEncoding("the data type is missing or not known")
        }
        guard json["chunk_grid"]?["name"]?.string == "regular" else {
            throw place.badEncoding("chunks of different shapes are not known here")
        }
        if let transformers = json["storage_transformers"]?.list, let first = transformers.first {
            throw place.unknownCodec(first["name"]?.string ?? "a storage transformer")
        }
        var (shape, chunk) = try Self.extents(
            json["shape"], json["chunk_grid"]?["configuration"]?["chunk_shape"], type, place)
        var codecs = json["codecs"]?.list ?? []
        var shards: ZarrShards?
        if let configuration = ZarrShards.configuration(codecs) {
            let outer = chunk
            (shape, chunk) = try Self.extents(json["shape"], configuration["chunk_shape"], type, place)
            shards = try ZarrShards(configuration, shard: outer, chunk: chunk, place)
            codecs = configuration["codecs"]?.list ?? []
        }
        var ordered = type
        let pipeline = try Self.pipeline(codecs, rank: shape.count, &ordered, place)
        try self.init(
            shape, chunk, ordered, json["fill_value"], pipeline, try ZarrChunkKeys(json["chunk_key_encoding"], place),
            shards, place)
    }

    private init(
        _ shape: [Int], _ chunk: [Int], _ type: ZarrDataType, _ fill: JSONValue?, _ pipeline: ZarrPipeline,
        _ keys: ZarrChunkKeys, _ shards: ZarrShards?, _ place: ZarrPlace
    ) throws(FormatError) {
        guard pipeline.isVariable == (type.layout == .variable) else {
            throw type.layout == .variable
                ? place.unknownCodec("Python objects") : place.badEncoding("texts expected for this codec")
        }
        guard let fill = ZarrFill(fill, type) else {
            throw place.badEncoding("the fill value is not one of \(type.kind.name)")
        }
        self.shape = shape
        self.chunk = chunk
        self.type = type
        self.fill = fill
        self.pipeline = pipeline
        self.keys = keys
        self.shards = shards
    }

    /// The shapes of an array and its chunks, checked so that no product of theirs overflows.
    private static func extents(
        _ shape: JSONValue?, _ chunk: JSONValue?, _ type: ZarrDataType, _ place: ZarrPlace
    ) throws(FormatError) -> (shape: [Int], chunk: [Int]) {
        guard let shape = shape?.counts, let chunk = chunk?.counts, shape.count == chunk.count,
            shape.count <= largestRank
        else { throw place.badEncoding("the shape and the chunks must be lists of as many whole numbers") }
        // Some writers give an axis without entries chunks of none.
        let extents = zip(shape, chunk).map { $0 == 0 ? max($1, 1) : $1 }
        guard extents.allSatisfy({ $0 > 0 }) else { throw place.badEncoding("a chunk must not be empty") }
        for sizes in [shape.map { max($0, 1) }, extents] {
            var product = max(type.width, 1)
            for size in sizes {
                let (next, overflow) = product.multipliedReportingOverflow(by: size)
                guard !overflow, next <= largestCount else {
                    throw place.limit("the shape \(sizes) cannot be that of data")
                }
                product = next
            }
        }
        return (shape, extents)
    }

    private static func pipeline(
        _ codecs: [JSONValue], rank: Int, _ type: inout ZarrDataType, _ place: ZarrPlace
    ) throws(FormatError) -> ZarrPipeline {
        var pipeline = ZarrPipeline(axes: Array(0..<rank))
        var isArranged = false
        for codec in codecs {
            let name = codec["name"]?.string ?? codec.string ?? "a codec without a name"
            let configuration = codec["configuration"]
            switch name {
            case "transpose" where !isArranged:
                guard let order = configuration?["order"]?.counts, order.sorted() == Array(0..<rank) else {
                    throw place.badEncoding("transpose: the order must name each axis once")
                }
                pipeline.axes = order.map { pipeline.axes[$0] }
            case "bytes" where !isArranged:
                type = type.ordered(bigEndian: configuration?["endian"]?.string == "big")
                isArranged = true
            case "vlen-utf8" where !isArranged, "vlen-bytes" where !isArranged:
                pipeline.isVariable = true
                isArranged = true
            default:
                let plain = name.hasPrefix("numcodecs.") ? String(name.dropFirst("numcodecs.".count)) : name
                guard isArranged, let known = ZarrCodec(plain) else { throw place.unknownCodec(name) }
                pipeline.codecs.append(known)
            }
        }
        guard isArranged else { throw place.badEncoding("the codec that makes bytes of values is missing") }
        return pipeline
    }
}

/// How the keys of chunks are made of their coordinates.
struct ZarrChunkKeys: Sendable, Equatable {
    let prefix: String?
    let separator: String

    init(prefix: String?, separator: String) {
        self.prefix = prefix
        self.separator = separator
    }

    init(_ json: JSONValue?, _ place: ZarrPlace) throws(FormatError) {
        let name = json?["name"]?.string ?? json?.string ?? "default"
        let separator = json?["configuration"]?["separator"]?.string ?? (name == "v2" ? "." : "/")
        guard ["default", "v2"].contains(name), [".", "/"].contains(separator) else {
            throw place.badEncoding("the names of chunks are made in an unknown way: \(name)")
        }
        self.init(prefix: name == "v2" ? nil : "c", separator: separator)
    }

    func key(_ coordinates: [Int]) -> String {
        let parts = (prefix.map { [$0] } ?? []) + coordinates.map(String.init)
        return parts.isEmpty ? "0" : parts.joined(separator: separator)
    }
}
