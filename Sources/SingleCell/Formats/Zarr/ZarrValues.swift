import HDF5

/// The values of a zarr array, or of one field of its records, not yet read.
struct ZarrValues: StoreValues {
    let array: ZarrArray
    let element: String
    let type: ZarrDataType
    /// Bytes from the start of an element to the field.
    let offset: Int

    /// Of nothing as HDF5 has it, which keeps none.
    var shape: [Int] { isNull ? [] : array.metadata.shape }
    var chunk: [Int] { array.metadata.chunk }
    /// anndata writes what is nothing as an array without meaning, and says so.
    var isNull: Bool { array.attributes["encoding-type"]?.string == "null" }
    var kind: HDF5Kind { type.kind }

    private var place: ZarrPlace { ZarrPlace(file: array.storage.file, element: element) }
    private var rows: Range<Int> { isNull ? 0..<0 : 0..<array.shape[0] }

    func checkSize() throws(FormatError) {
        if !isNull { try array.checkSize() }
    }

    func floats() throws(FormatError) -> [Float] { try numbers(rows) }
    func doubles() throws(FormatError) -> [Double] { try numbers(rows) }
    func integers() throws(FormatError) -> [Int64] { try numbers(rows) }
    func booleans() throws(FormatError) -> [Bool] { try numbers(rows) }

    func floats(in range: Range<Int>) throws(FormatError) -> [Float] { try numbers(range) }
    func doubles(in range: Range<Int>) throws(FormatError) -> [Double] { try numbers(range) }
    func smallIntegers(in range: Range<Int>) throws(FormatError) -> [Int32] { try numbers(range) }
    func integers(in range: Range<Int>) throws(FormatError) -> [Int64] { try numbers(range) }

    private func wrongKind(_ expected: String) -> FormatError {
        place.error(
            "DTYPE", "\(expected) expected, the store holds \(kind.name)",
            "write the store again with \(expected) here")
    }

    private func numbers<Number: WantedNumber>(_ rows: Range<Int>) throws(FormatError) -> [Number] {
        switch kind {
        case .integer(1, true): try numbers(rows, Int8.self)
        case .integer(2, true): try numbers(rows, Int16.self)
        case .integer(4, true): try numbers(rows, Int32.self)
        case .integer(8, true): try numbers(rows, Int64.self)
        case .integer(1, false): try numbers(rows, UInt8.self)
        case .integer(2, false): try numbers(rows, UInt16.self)
        case .integer(4, false): try numbers(rows, UInt32.self)
        case .integer(8, false): try numbers(rows, UInt64.self)
        case .float(2): try numbers(rows, Float16.self)
        case .float(4): try numbers(rows, Float.self)
        case .float(8): try numbers(rows, Double.self)
        case .boolean: try numbers(rows, ZarrBoolean.self)
        case .integer, .float, .string, .compound, .other: throw wrongKind("numbers")
        }
    }

    private func numbers<Number: WantedNumber, Stored: ZarrNumber>(
        _ rows: Range<Int>, _ stored: Stored.Type
    ) throws(FormatError) -> [Number] {
        let (width, offset, isBigEndian) = (array.metadata.type.width, offset, type.isBigEndian)
        let isSame = Stored.self == Number.self && !isBigEndian
        return try array.gather(rows, repeating: Number.zero) { chunk, overlap, target in
            chunk.bytes.withUnsafeBytes { bytes in
                overlap.forEachRun { source, stride, first, count in
                    if isSame, stride * width == MemoryLayout<Number>.size {
                        UnsafeMutableRawPointer(target + first).copyMemory(
                            from: bytes.baseAddress! + source * width, byteCount: count * width)
                        return
                    }
                    for index in 0..<count {
                        let pattern = bytes.loadUnaligned(
                            fromByteOffset: (source + index * stride) * width + offset, as: Stored.Pattern.self)
                        let number = Stored(
                            pattern: isBigEndian
                                ? Stored.Pattern(bigEndian: pattern) : Stored.Pattern(littleEndian: pattern))
                        target[first + index] = number.converted()
                    }
                }
            }
            return []
        }.values
    }

    func strings(onInvalid: (Int) -> Void) throws(FormatError) -> [String] {
        guard kind == .string else { throw wrongKind("text") }
        let (width, offset, type) = (array.metadata.type.width, offset, type)
        let (texts, invalid) = try array.gather(rows, repeating: "") { chunk, overlap, target in
            var invalid: [Int] = []
            overlap.forEachRun { source, stride, first, count in
                for index in 0..<count {
                    let element = source + index * stride
                    let start = element * width + offset
                    let bytes =
                        type.layout == .variable ? chunk.text(element) : chunk.bytes[start..<start + type.width]
                    let (text, isValid) = Self.text(bytes, type)
                    target[first + index] = text
                    if !isValid { invalid.append(first + index) }
                }
            }
            return invalid
        }
        for place in invalid { onInvalid(place) }
        return texts
    }

    /// The text, with U+FFFD for what is none, and whether all of it is.
    private static func text(_ bytes: ArraySlice<UInt8>, _ type: ZarrDataType) -> (String, Bool) {
        guard type.layout == .utf32 else {
            let end = type.layout == .bytes ? bytes.lastIndex { $0 != 0 }.map { $0 + 1 } : bytes.endIndex
            let used = bytes[..<(end ?? bytes.startIndex)]
            guard let text = String(validating: used, as: UTF8.self) else {
                return (String(decoding: used, as: UTF8.self), false)
            }
            return (text, true)
        }
        let units = stride(from: 0, to: bytes.count, by: 4).map { place in
            let unit = UInt32(truncatingIfNeeded: bytes.littleEndian(place, 4) ?? 0)
            return type.isBigEndian ? unit.byteSwapped : unit
        }
        let used = units.prefix((units.lastIndex { $0 != 0 } ?? -1) + 1)
        let scalars = used.map(Unicode.Scalar.init)
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.map { $0 ?? "\u{FFFD}" })
        return (String(text), !scalars.contains(nil))
    }
}
