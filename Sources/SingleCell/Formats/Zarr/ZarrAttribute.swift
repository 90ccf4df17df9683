import HDF5

/// An attribute of a zarr node: a single value, or a list of values of one kind.
struct ZarrAttribute: StoreValues {
    let element: String
    let shape: [Int]
    let kind: HDF5Kind
    private let values: [JSONValue]
    private let place: ZarrPlace

    var isNull: Bool { shape.isEmpty && values == [.null] }

    init(_ name: String, _ json: JSONValue, _ place: ZarrPlace) {
        element = "\(place.element)@\(name)"
        self.place = ZarrPlace(file: place.file, element: element)
        values = json.list ?? [json]
        shape = json.list.map { [$0.count] } ?? []
        let kinds = Set(values.map(Self.order))
        // As NumPy takes them: an empty list is one of floats, and whole numbers among floats become such.
        kind =
            switch (kinds.count, kinds.max() ?? 2) {
            case (1, 0): .boolean
            case (1, 1): .integer(bytes: 8, signed: true)
            case (0, _), (1, 2): .float(bytes: 8)
            case (2, 2) where kinds == [1, 2]: .float(bytes: 8)
            case (1, 3): .string
            default: .other("JSON")
            }
    }

    private static func order(_ json: JSONValue) -> Int {
        switch json {
        case .boolean: 0
        case .integer: 1
        case .number: 2
        case .string: 3
        case .null, .list, .object: 4
        }
    }

    func floats() throws(FormatError) -> [Float] { try numbers() }
    func doubles() throws(FormatError) -> [Double] { try numbers() }
    func integers() throws(FormatError) -> [Int64] { try numbers() }
    func booleans() throws(FormatError) -> [Bool] { try numbers() }

    func floats(in range: Range<Int>) throws(FormatError) -> [Float] { Array(try numbers()[range]) }
    func doubles(in range: Range<Int>) throws(FormatError) -> [Double] { Array(try numbers()[range]) }
    func smallIntegers(in range: Range<Int>) throws(FormatError) -> [Int32] { Array(try numbers()[range]) }
    func integers(in range: Range<Int>) throws(FormatError) -> [Int64] { Array(try numbers()[range]) }

    private func wrongKind(_ expected: String) -> FormatError {
        place.error(
            "DTYPE", "\(expected) expected, the attribute holds \(kind.name)",
            "write the store again with \(expected) here")
    }

    private func numbers<Number: WantedNumber>() throws(FormatError) -> [Number] {
        guard kind.isNumeric else { throw wrongKind("numbers") }
        return values.map { value in
            switch value {
            case .boolean(let truth): Number(stored: truth ? 1 : 0 as UInt8)
            case .integer(let number): Number(stored: number)
            case .number(let number): Number(stored: number)
            case .null, .string, .list, .object: Number.zero
            }
        }
    }

    func strings(onInvalid: (Int) -> Void) throws(FormatError) -> [String] {
        guard kind == .string else { throw wrongKind("text") }
        return values.compactMap(\.string)
    }
}
