/// Where one parameter lies among the `Weights` that it was made for.
public struct Parameter: Sendable, Hashable {
    public let index: Int
    /// Of its first value in `Weights.values`.
    public let offset: Int
    public let shape: [Int]

    public var count: Int { shape.reduce(1, *) }
    public var range: Range<Int> { offset..<offset + count }
}

/// The parameters of a network: named, shaped, in one flat array.
///
/// Networks are structs of `Parameter`s; weights are a value beside them. So optimisers, averages and checkpoints work on
/// one array, and a gradient is an array of the same layout.
public struct Weights: Sendable, Equatable {
    public private(set) var names: [String] = []
    public private(set) var parameters: [Parameter] = []
    public private(set) var count = 0
    // An observer that read the old value would make every change in place copy all values first.
    public var values: [Float] = [] {
        didSet { precondition(values.count == count, "the number of weights is fixed by their parameters") }
    }

    public init() {}

    /// Adds a parameter; names are unique.
    public mutating func add(_ name: String, shape: [Int], values newValues: [Float]) -> Parameter {
        let parameter = Parameter(index: parameters.count, offset: values.count, shape: shape)
        precondition(shape.allSatisfy { $0 > 0 }, "a parameter has no empty axis: \(name) \(shape)")
        precondition(newValues.count == parameter.count, "\(name) \(shape): \(newValues.count) values given")
        precondition(!names.contains(name), "there is a parameter \(name) already")
        names.append(name)
        parameters.append(parameter)
        count += newValues.count
        values += newValues
        return parameter
    }

    public subscript(parameter: Parameter) -> [Float] {
        get { Array(values[parameter.range]) }
        set {
            precondition(
                newValue.count == parameter.count, "\(parameter.count) values expected, \(newValue.count) given")
            values.replaceSubrange(parameter.range, with: newValue)
        }
    }

    public subscript(name: String) -> Parameter? { names.firstIndex(of: name).map { parameters[$0] } }
}
