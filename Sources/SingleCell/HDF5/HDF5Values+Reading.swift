/// Reading whole arrays, or some entries of their first axis (`in: range`; of one axis these are its values). Of compressed
/// arrays only the chunks that hold the entries are read.
///
/// Numbers are converted to the type asked for, saturating at its ends.
extension HDF5Values {
    public func floats() throws(HDF5Error) -> [Float] { try numbers(nil) }
    public func doubles() throws(HDF5Error) -> [Double] { try numbers(nil) }
    public func smallIntegers() throws(HDF5Error) -> [Int32] { try numbers(nil) }
    public func integers() throws(HDF5Error) -> [Int64] { try numbers(nil) }

    public func floats(in range: Range<Int>) throws(HDF5Error) -> [Float] { try numbers(range) }
    public func doubles(in range: Range<Int>) throws(HDF5Error) -> [Double] { try numbers(range) }
    public func smallIntegers(in range: Range<Int>) throws(HDF5Error) -> [Int32] { try numbers(range) }
    public func integers(in range: Range<Int>) throws(HDF5Error) -> [Int64] { try numbers(range) }

    /// Truth values; integers count as true where they are not 0.
    public func booleans() throws(HDF5Error) -> [Bool] {
        guard kind == .boolean else { return try integers().map { $0 != 0 } }
        return try truths(nil)
    }

    /// Texts; bytes that are not UTF-8 become U+FFFD, and `onInvalid` is told of each text that had any.
    public func strings(onInvalid: (Int) -> Void = { _ in }) throws(HDF5Error) -> [String] {
        switch type.form {
        case .fixedString(let isSpacePadded): try fixedStrings(isSpacePadded, onInvalid)
        case .variableString: try variableStrings(onInvalid)
        case .integer, .float, .enumeration, .compound, .other: throw wrongKind("text")
        }
    }

    private func numbers<Number: StoredNumber>(_ range: Range<Int>?) throws(HDF5Error) -> [Number] {
        if kind == .boolean { return try truths(range).map { Number(stored: $0 ? 1 : 0) } }
        guard let conversion = ElementConversion.numbers(type, as: Number.self) else { throw wrongKind("numbers") }
        return try read(range, conversion)
    }

    /// Whether each value is the one that the enumeration names TRUE.
    private func truths(_ range: Range<Int>?) throws(HDF5Error) -> [Bool] {
        guard case .enumeration(_, let names, let values) = type.form,
            let truth = names.firstIndex(of: "TRUE").map({ values[$0] })
        else { throw wrongKind("truth values") }
        let bytes: [UInt8] = try read(range, perElement: type.size, .copy(width: type.size))
        if type.size == 1 { return bytes.map { $0 == truth[0] } }
        return stride(from: 0, to: bytes.count, by: type.size).map {
            bytes[$0..<$0 + type.size].elementsEqual(truth)
        }
    }

    private func fixedStrings(_ isSpacePadded: Bool, _ onInvalid: (Int) -> Void) throws(HDF5Error) -> [String] {
        let width = type.size
        let bytes: [UInt8] = try read(
            nil, perElement: width, memory: MemoryLayout<String>.stride, .copy(width: width))
        return (0..<count).map { index in
            var text = bytes[index * width..<(index + 1) * width]
            if isSpacePadded {
                while text.last == 0x20 || text.last == 0 { text.removeLast() }
            } else {
                text = text.prefix { $0 != 0 }
            }
            return decode(text, index, onInvalid)
        }
    }

    /// Each element is a length and the place of the text in a heap.
    private func variableStrings(_ onInvalid: (Int) -> Void) throws(HDF5Error) -> [String] {
        let width = type.size
        let bytes: [UInt8] = try read(nil, perElement: width, .copy(width: width))
        let structures = file.structures
        // Each text has a place of its own in the heaps, so that all of them cannot be larger than the file.
        let largest = max(StoredArray.freeBytes, file.byteCount)
        var total = 0
        return try HDF5Error.locating(file.path, element) { () throws(HDF5Error) in
            var texts: [String] = []
            texts.reserveCapacity(count)
            var heap: (address: UInt64, heap: GlobalHeap)?
            for index in 0..<count {
                var reader = ByteReader(bytes[index * width..<(index + 1) * width], structures.widths)
                let length = try reader.count(4)
                guard let address = try reader.address(), address > 0, length > 0 else {
                    texts.append("")
                    continue
                }
                if heap?.address != address { heap = (address, try structures.globalHeap(at: address)) }
                guard let object = try heap?.heap.object(reader.count(4)), object.count >= length else {
                    throw .corrupt("the text \(index) is not in its heap")
                }
                total += length
                guard total <= largest else { throw .limit("texts of more than \(largest) bytes") }
                texts.append(decode(object.prefix(length).prefix { $0 != 0 }, index, onInvalid))
            }
            return texts
        }
    }

    private func decode(_ bytes: ArraySlice<UInt8>, _ index: Int, _ onInvalid: (Int) -> Void) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        onInvalid(index)
        return String(decoding: bytes, as: UTF8.self)
    }
}
