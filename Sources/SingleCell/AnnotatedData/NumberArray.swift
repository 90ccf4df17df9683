/// The type of a number in a file.
public enum NumberType: String, Sendable, Codable, CaseIterable {
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float16, float32, float64
    case boolean = "bool"
}

/// Numbers of any rank, row-major, with the type that they have in the file.
public struct NumberArray: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
        case floats([Float])
        case doubles([Double])
        case integers([Int64])
        case booleans([Bool])

        public var count: Int {
            switch self {
            case .floats(let values): values.count
            case .doubles(let values): values.count
            case .integers(let values): values.count
            case .booleans(let values): values.count
            }
        }

        /// The type that these values have where a file says no other.
        var type: NumberType {
            switch self {
            case .floats: .float32
            case .doubles: .float64
            case .integers: .int64
            case .booleans: .boolean
            }
        }
    }

    public let values: Values
    /// Empty for a single value.
    public let shape: [Int]
    public let type: NumberType

    /// - Parameter shape: nil means one dimension.
    public init(_ values: Values, shape: [Int]? = nil, type: NumberType? = nil) {
        let shape = shape ?? [values.count]
        precondition(shape.reduce(1, *) == values.count, "\(values.count) values for the shape \(shape)")
        self.values = values
        self.shape = shape
        self.type = type ?? values.type
    }

    /// The values as `Double`; true is 1.
    public var doubles: [Double] {
        switch values {
        case .floats(let values): values.map(Double.init)
        case .doubles(let values): values
        case .integers(let values): values.map(Double.init)
        case .booleans(let values): values.map { $0 ? 1 : 0 }
        }
    }

    /// The given places of an axis, in the order given.
    public func selecting(_ selection: [Int], axis: Int = 0) -> NumberArray {
        let inner = shape[(axis + 1)...].reduce(1, *)
        let outer = shape[..<axis].reduce(1, *)
        func gather<Number>(_ values: [Number]) -> [Number] {
            var gathered: [Number] = []
            gathered.reserveCapacity(outer * selection.count * inner)
            for block in 0..<outer {
                for place in selection {
                    let start = (block * shape[axis] + place) * inner
                    gathered += values[start..<start + inner]
                }
            }
            return gathered
        }
        var selected = shape
        selected[axis] = selection.count
        switch values {
        case .floats(let values): return NumberArray(.floats(gather(values)), shape: selected, type: type)
        case .doubles(let values): return NumberArray(.doubles(gather(values)), shape: selected, type: type)
        case .integers(let values): return NumberArray(.integers(gather(values)), shape: selected, type: type)
        case .booleans(let values): return NumberArray(.booleans(gather(values)), shape: selected, type: type)
        }
    }
}
