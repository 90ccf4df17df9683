import CHDF5
import Foundation

/// Reading whole arrays. Numbers are converted by the library to the type asked for, saturating at its ends.
extension HDF5Values {
    public func floats() throws(HDF5Error) -> [Float] {
        if kind == .boolean { return try booleans().map { $0 ? 1 : 0 } }
        return try numbers(0, HDF5Library.locked { chdf5_native_float() })
    }

    public func doubles() throws(HDF5Error) -> [Double] {
        if kind == .boolean { return try booleans().map { $0 ? 1 : 0 } }
        return try numbers(0, HDF5Library.locked { chdf5_native_double() })
    }

    public func smallIntegers() throws(HDF5Error) -> [Int32] {
        if kind == .boolean { return try booleans().map { $0 ? 1 : 0 } }
        return try numbers(0, HDF5Library.locked { chdf5_native_int32() })
    }

    public func integers() throws(HDF5Error) -> [Int64] {
        if kind == .boolean { return try booleans().map { $0 ? 1 : 0 } }
        return try numbers(0, HDF5Library.locked { chdf5_native_int64() })
    }

    /// Truth values; integers count as true where they are not 0.
    public func booleans() throws(HDF5Error) -> [Bool] {
        guard kind == .boolean else { return try integers().map { $0 != 0 } }
        let width = HDF5Library.locked { H5Tget_size(type.id) }
        var truth = [UInt8](repeating: 0, count: width)
        let known = HDF5Library.locked { () -> Bool in
            let position = H5Tget_member_index(type.id, "TRUE")
            return position >= 0 && H5Tget_member_value(type.id, UInt32(position), &truth) >= 0
        }
        guard known else { throw .corrupt(file.path, element, "the value of TRUE is missing") }
        let bytes: [UInt8] = try raw(0, type, width: width)
        return (0..<count).map { bytes[$0 * width..<($0 + 1) * width].elementsEqual(truth) }
    }

    /// Texts; bytes that are not UTF-8 become U+FFFD, and `onInvalid` is told of each text that had any.
    public func strings(onInvalid: (Int) -> Void = { _ in }) throws(HDF5Error) -> [String] {
        guard kind == .string else { throw wrongKind("text") }
        guard count > 0 else { return [] }
        let isVariable = HDF5Library.locked { H5Tis_variable_str(type.id) > 0 }
        return isVariable ? try variableStrings(onInvalid) : try fixedStrings(onInvalid)
    }

    private func fixedStrings(_ onInvalid: (Int) -> Void) throws(HDF5Error) -> [String] {
        let (width, padding) = HDF5Library.locked { (H5Tget_size(type.id), H5Tget_strpad(type.id)) }
        let bytes: [UInt8] = try raw(0, type, width: width)
        return (0..<count).map { index in
            var text = bytes[index * width..<(index + 1) * width]
            if padding == H5T_STR_SPACEPAD {
                while text.last == 0x20 || text.last == 0 { text.removeLast() }
            } else {
                text = text.prefix { $0 != 0 }
            }
            return decode(text, index, onInvalid)
        }
    }

    private func variableStrings(_ onInvalid: (Int) -> Void) throws(HDF5Error) -> [String] {
        try checkMemory(width: 16)
        let count = count
        let texts: [String]? = HDF5Library.locked {
            let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: count)
            pointers.initialize(repeating: nil, count: count)
            defer {
                for index in 0..<count { H5free_memory(pointers[index]) }
                pointers.deallocate()
            }
            guard readRaw(type.id, width: MemoryLayout<UnsafeRawPointer>.size, into: pointers) else { return nil }
            return (0..<count).map { index in
                guard let text = pointers[index] else { return "" }
                let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
                return decode(bytes, index, onInvalid)
            }
        }
        guard let texts else { throw readError() }
        return texts
    }

    private func decode(_ bytes: some Collection<UInt8>, _ index: Int, _ onInvalid: (Int) -> Void) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        onInvalid(index)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func numbers<Number: BitwiseCopyable & Sendable>(_ zero: Number, _ memoryType: hid_t) throws(HDF5Error)
        -> [Number]
    {
        guard kind.isNumeric else { throw wrongKind("numbers") }
        guard count > 0 else { return [] }
        try checkMemory(width: MemoryLayout<Number>.size)
        if let fromChunks = try readChunks(zero, memoryType) { return fromChunks }
        return try read(zero, memoryType, width: MemoryLayout<Number>.size, count: count)
    }

    private func raw(_ zero: UInt8, _ memoryType: Handle, width: Int) throws(HDF5Error) -> [UInt8] {
        guard count > 0 else { return [] }
        try checkMemory(width: width)
        return try read(zero, memoryType.id, width: width, count: count * width)
    }

    private func read<Value: BitwiseCopyable>(
        _ zero: Value, _ memoryType: hid_t, width: Int, count: Int
    ) throws(HDF5Error) -> [Value] {
        var values = [Value](repeating: zero, count: count)
        let done = values.withUnsafeMutableBytes { bytes in
            HDF5Library.locked { readRaw(memoryType, width: width, into: bytes.baseAddress!) }
        }
        guard done else { throw readError() }
        return values
    }

    /// The library's read. A field is read through a compound type in memory that has this one member.
    private func readRaw(_ memoryType: hid_t, width: Int, into buffer: UnsafeMutableRawPointer) -> Bool {
        if isAttribute { return H5Aread(handle.id, memoryType, buffer) >= 0 }
        guard let fieldName else {
            return H5Dread(handle.id, memoryType, chdf5_all(), chdf5_all(), chdf5_default(), buffer) >= 0
        }
        guard let compound = Handle.type(H5Tcreate(H5T_COMPOUND, width)),
            H5Tinsert(compound.id, fieldName, 0, memoryType) >= 0
        else { return false }
        return H5Dread(handle.id, compound.id, chdf5_all(), chdf5_all(), chdf5_default(), buffer) >= 0
    }

    func wrongKind(_ expected: String) -> HDF5Error {
        HDF5Error(
            code: "DTYPE", file: file.path, element: element,
            message: "\(expected) expected, the file holds \(kind.name)",
            remedy: "write the file again with \(expected) here")
    }
}

/// Parts of an array: whole entries of its first axis, which for one dimension are its values.
extension HDF5Values {
    public func floats(in range: Range<Int>) throws(HDF5Error) -> [Float] { part(try floats(), range) }

    public func doubles(in range: Range<Int>) throws(HDF5Error) -> [Double] { part(try doubles(), range) }

    public func smallIntegers(in range: Range<Int>) throws(HDF5Error) -> [Int32] { part(try smallIntegers(), range) }

    public func integers(in range: Range<Int>) throws(HDF5Error) -> [Int64] { part(try integers(), range) }

    private func part<Number>(_ all: [Number], _ range: Range<Int>) -> [Number] {
        let width = shape.dropFirst().reduce(1, *)
        return Array(all[range.lowerBound * width..<range.upperBound * width])
    }
}
