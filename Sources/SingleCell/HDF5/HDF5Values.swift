/// What one value is.
public enum HDF5Kind: Sendable, Equatable {
    case integer(bytes: Int, signed: Bool)
    case float(bytes: Int)
    /// An enumeration of FALSE and TRUE.
    case boolean
    case string
    case compound(fields: [String])
    /// In words, such as "object references".
    case other(String)

    /// The usual short name, such as `float32`.
    public var name: String {
        switch self {
        case .integer(let bytes, let signed): "\(signed ? "int" : "uint")\(8 * bytes)"
        case .float(let bytes): "float\(8 * bytes)"
        case .boolean: "bool"
        case .string: "string"
        case .compound: "compound"
        case .other(let words): words
        }
    }

    public var isNumeric: Bool {
        switch self {
        case .integer, .float, .boolean: true
        case .string, .compound, .other: false
        }
    }
}

/// The values of a dataset, of one field of a compound dataset, or of an attribute, not yet read.
public struct HDF5Values: Sendable {
    enum Source: Sendable {
        case dataset(StoredArray)
        /// The type of the elements, and their bytes.
        case attribute(Datatype, ArraySlice<UInt8>)
    }

    public let file: HDF5File
    /// The path inside the file; `path@name` for an attribute.
    public let element: String
    public let shape: [Int]
    /// Whether there is no value at all (a null dataspace), not even an empty list.
    public let isNull: Bool
    let source: Source
    /// The type of a value, of the field where there is one.
    let type: Datatype
    /// Where the field stands in an element.
    private let fieldOffset: Int?

    public var kind: HDF5Kind { type.kind }

    /// A single value has an empty shape and a count of 1.
    public var count: Int { isNull ? 0 : shape.reduce(1, *) }

    init(_ source: Source, _ type: Datatype, _ space: Dataspace, _ file: HDF5File, _ element: String) {
        self.source = source
        self.type = type
        self.file = file
        self.element = element
        shape = space.shape
        isNull = space.isNull
        fieldOffset = nil
    }

    private init(_ member: Datatype.Member, of values: HDF5Values) {
        source = values.source
        type = member.type
        file = values.file
        element = "\(values.element)[\(member.name)]"
        shape = values.shape
        isNull = values.isNull
        fieldOffset = (values.fieldOffset ?? 0) + member.offset
    }

    func field(_ name: String) throws(HDF5Error) -> HDF5Values {
        guard case .compound(let members) = type.form, let member = members.first(where: { $0.name == name }) else {
            throw HDF5Error(
                code: "MISSING_ELEMENT", file: file.path, element: "\(element)[\(name)]",
                message: "there is no field '\(name)'", remedy: "check how the file was written; a whole file has it")
        }
        return HDF5Values(member, of: self)
    }

    func wrongKind(_ expected: String) -> HDF5Error {
        HDF5Error(
            code: "DTYPE", file: file.path, element: element,
            message: "\(expected) expected, the file holds \(kind.name)",
            remedy: "write the file again with \(expected) here")
    }

    /// Whether the file can hold as many values as it declares: to be asked before many parts are read, each of which
    /// would be small enough.
    /// - Throws: `LIMIT`; `LINK` and `FILTER_UNAVAILABLE`, as reading does.
    public func checkSize() throws(HDF5Error) {
        guard count > 0, case .dataset(let array) = source else { return }
        try HDF5Error.locating(file.path, element) { () throws(HDF5Error) in
            try array.check(0..<(shape.first ?? 1), width: elementBytes)
        }
    }

    /// Values in memory: all, or those of some entries of the first axis.
    /// - Parameters:
    ///   - perElement: how many values one element becomes.
    ///   - memory: bytes of what is made of an element in the end, where that is more.
    ///   - conversion: of a value, or a field.
    func read<Value: BitwiseCopyable>(
        _ rows: Range<Int>?, perElement: Int = 1, memory: Int = 0, _ conversion: ElementConversion
    ) throws(HDF5Error) -> [Value] {
        if let rows {
            precondition(
                !shape.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= shape[0], "entries \(rows) of \(shape)")
        }
        guard count > 0, rows?.isEmpty != true else { return [] }
        let rows = rows ?? 0..<(shape.first ?? 1)
        let elements = rows.count * shape.dropFirst().reduce(1, *)
        return try HDF5Error.locating(file.path, element) { () throws(HDF5Error) in
            let whole = fieldOffset.map { conversion.ofField(at: $0, width: type.size, in: elementBytes) } ?? conversion
            switch source {
            case .dataset(let array): try array.check(rows, width: max(whole.width, memory))
            case .attribute(let type, let bytes):
                guard let needed = count.multipliedChecked(type.size), needed <= bytes.count else {
                    throw .corrupt("\(bytes.count) bytes where \(shape) values of \(type.size) should be")
                }
            }
            var failure: HDF5Error?
            let values = [Value](unsafeUninitializedCapacity: elements * perElement) { buffer, filled in
                do throws(HDF5Error) {
                    try read(rows, elements, whole, UnsafeMutableRawPointer(buffer.baseAddress!))
                    filled = elements * perElement
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            return values
        }
    }

    private var elementBytes: Int {
        switch source {
        case .dataset(let array): array.type.size
        case .attribute(let type, _): type.size
        }
    }

    private func read(
        _ rows: Range<Int>, _ elements: Int, _ conversion: ElementConversion, _ target: UnsafeMutableRawPointer
    ) throws(HDF5Error) {
        switch source {
        case .dataset(let array): try array.read(rows, conversion, into: target)
        case .attribute(let type, let bytes):
            let start = rows.lowerBound * (elements / rows.count) * type.size
            bytes.withUnsafeBytes { conversion.convert($0.baseAddress! + start, elements, target) }
        }
    }
}
