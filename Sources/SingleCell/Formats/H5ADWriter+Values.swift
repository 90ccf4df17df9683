import AnnotatedData
import HDF5

extension H5ADWriter {
    /// `obsm`, `varm`, `obsp` or `varp`.
    func aligned(_ arrays: [String: AlignedArray], at name: String, in group: HDF5Group) throws(HDF5Error) {
        let made = try dictionary(name, in: group)
        for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
            switch array {
            case .numbers(let numbers): try self.numbers(numbers, at: name, in: made)
            case .sparse(let matrix): try sparse(matrix, at: name, in: made)
            case .table(let table): try self.table(table, at: name, in: made)
            }
        }
    }

    /// `uns`, or a dictionary in it.
    func dictionary(
        _ values: [String: AnnotationValue], at name: String, in group: HDF5Group
    ) throws(HDF5Error) {
        let made = try dictionary(name, in: group)
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { try self.value(value, at: name, in: made) }
    }

    private func value(_ value: AnnotationValue, at name: String, in group: HDF5Group) throws(HDF5Error) {
        switch value {
        case .null: try encode(try group.writeNull(name), "null")
        case .string(let text): try array(name, .strings([text]), shape: [], in: group)
        case .integer(let number): try array(name, .integers([number]), shape: [], in: group)
        case .float(let number): try array(name, .doubles([number]), shape: [], in: group)
        case .boolean(let truth): try array(name, .booleans([truth]), shape: [], in: group)
        case .strings(let texts): try array(name, .strings(texts), in: group)
        case .texts(let texts, let shape): try array(name, .strings(texts), shape: shape, in: group)
        case .numbers(let array): try numbers(array, at: name, in: group)
        case .column(let column, let storage): try values(column, storage, at: name, in: group)
        case .records(let records): try self.records(records, at: name, in: group)
        case .table(let table): try self.table(table, at: name, in: group)
        case .sparse(let matrix): try sparse(matrix, at: name, in: group)
        case .dictionary(let members): try dictionary(members, at: name, in: group)
        }
    }

    private func records(_ records: [AnnotationColumn], at name: String, in group: HDF5Group) throws(HDF5Error) {
        let fields = records.map { column -> (name: String, content: HDF5Content) in
            let content: HDF5Content =
                switch column.values {
                case .strings, .categories: .strings(column.values.texts.map { $0 ?? "" })
                case .floats(let values) where column.storage.type == .float32: .floats(values.map { Float($0) })
                case .floats(let values): .doubles(values)
                case .booleans(let values): .booleans(values.map { $0 ?? false })
                case .integers(let values) where column.storage.type == .int32:
                    .smallIntegers(values.map { Int32(clamping: $0 ?? 0) })
                case .integers(let values): .integers(values.map { $0 ?? 0 })
                }
            return (column.name, content)
        }
        try encode(try group.writeRecords(name, fields), "rec-array", "0.2.0")
    }
}

extension HDF5Content {
    init(_ array: NumberArray) {
        switch array.values {
        case .floats(let values): self = .floats(values)
        case .doubles(let values): self = .doubles(values)
        case .integers(let values): self = .integers(values)
        case .booleans(let values): self = .booleans(values)
        }
    }

    /// Whether numbers of the type are written as they are here.
    func isStored(as type: NumberType) -> Bool {
        switch self {
        case .floats: [.float32, .float16].contains(type)
        case .doubles: type == .float64
        case .integers: type == .int64
        case .booleans: type == .boolean
        case .smallIntegers, .codes, .strings: false
        }
    }
}

extension HDF5ElementType {
    init(_ type: NumberType) {
        switch type {
        case .float16: self = .float32
        case .boolean: self = .boolean
        default: self = HDF5ElementType(rawValue: type.rawValue)!
        }
    }
}

extension HDF5Appender {
    /// Appends numbers converted to the dataset's type; what this cannot hold becomes the nearest number that it can.
    func append(converting values: NumberArray.Values) throws(HDF5Error) {
        switch values {
        case .floats(let values): try append(converting: values)
        case .doubles(let values): try append(converting: values)
        case .integers(let values): try append(converting: values)
        case .booleans(let values): try append(converting: values.map { $0 ? Int64(1) : 0 })
        }
    }

    func append(converting values: [Int64]) throws(HDF5Error) {
        switch type {
        case .float32: try append(values.map { Float($0) })
        case .float64: try append(values.map { Double($0) })
        case .int8: try append(values.map { Int8(clamping: $0) })
        case .int16: try append(values.map { Int16(clamping: $0) })
        case .int32: try append(values.map { Int32(clamping: $0) })
        case .int64: try append(values)
        case .uint8: try append(values.map { UInt8(clamping: $0) })
        case .uint16: try append(values.map { UInt16(clamping: $0) })
        case .uint32: try append(values.map { UInt32(clamping: $0) })
        case .uint64: try append(values.map { UInt64(clamping: $0) })
        case .boolean: try append(HDF5Content.booleans(values.map { $0 != 0 }))
        }
    }

    func append<Number: BinaryFloatingPoint & BitwiseCopyable>(converting values: [Number]) throws(HDF5Error) {
        switch type {
        case .float32: try append((values as? [Float]) ?? values.map { Float($0) })
        case .float64: try append((values as? [Double]) ?? values.map { Double($0) })
        default:
            try append(
                converting: values.map { value in
                    Int64(exactly: value.rounded()) ?? (value > 0 ? Int64.max : value < 0 ? Int64.min : 0)
                })
        }
    }
}
