/// Values to be written, of one shape.
public enum HDF5Content: Sendable {
    case floats([Float])
    case doubles([Double])
    case integers([Int64])
    case smallIntegers([Int32])
    case codes([Int8])
    case booleans([Bool])
    /// Variable-length UTF-8.
    case strings([String])

    var count: Int {
        switch self {
        case .floats(let values): values.count
        case .doubles(let values): values.count
        case .integers(let values): values.count
        case .smallIntegers(let values): values.count
        case .codes(let values): values.count
        case .booleans(let values): values.count
        case .strings(let values): values.count
        }
    }

    /// The type of the values; nil for text, which has no bytes of fixed width.
    var elementType: HDF5ElementType? {
        switch self {
        case .floats: .float32
        case .doubles: .float64
        case .integers: .int64
        case .smallIntegers: .int32
        case .codes: .int8
        case .booleans: .boolean
        case .strings: nil
        }
    }

    /// The bytes of values of fixed width, as they stand in memory; none for text.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws(HDF5Error) -> Result) throws(HDF5Error) -> Result {
        switch self {
        case .floats(let values): try Self.bytes(of: values, body)
        case .doubles(let values): try Self.bytes(of: values, body)
        case .integers(let values): try Self.bytes(of: values, body)
        case .smallIntegers(let values): try Self.bytes(of: values, body)
        case .codes(let values): try Self.bytes(of: values, body)
        case .booleans(let values): try Self.bytes(of: values, body)
        case .strings: try body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    private static func bytes<Value, Result>(
        of values: [Value], _ body: (UnsafeRawBufferPointer) throws(HDF5Error) -> Result
    ) throws(HDF5Error) -> Result {
        try values.withUnsafeBufferPointer { (buffer) throws(HDF5Error) -> Result in
            try body(UnsafeRawBufferPointer(buffer))
        }
    }
}

/// The type of numbers written, all little-endian.
public enum HDF5ElementType: String, Sendable, CaseIterable {
    case float32
    case float64
    case int8
    case int16
    case int32
    case int64
    case uint8
    case uint16
    case uint32
    case uint64
    /// An enumeration of FALSE = 0 and TRUE = 1 in one byte, as h5py writes truth values.
    case boolean

    /// Bytes of one value.
    public var width: Int {
        switch self {
        case .int8, .uint8, .boolean: 1
        case .int16, .uint16: 2
        case .float32, .int32, .uint32: 4
        case .float64, .int64, .uint64: 8
        }
    }

    /// Whether the bytes of equal significance are put together before compression: of integers the upper ones are nearly
    /// all 0, and the files get smaller and faster to write and to read; floats gain nothing.
    var isShuffled: Bool {
        switch self {
        case .int16, .int32, .int64, .uint16, .uint32, .uint64: true
        case .float32, .float64, .int8, .uint8, .boolean: false
        }
    }
}

/// How arrays are packed.
public enum HDF5Compression: Sendable, Equatable {
    case none
    /// Deflate, with the levels 1 to 9 of zlib: the file is about as large as zlib's of that level.
    case gzip(level: Int)
}
