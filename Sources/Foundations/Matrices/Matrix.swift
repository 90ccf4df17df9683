/// A dense matrix, row-major. By convention data are cells × genes.
public struct Matrix<Scalar: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    /// Row-major values, `rows * columns` of them.
    public var values: [Scalar]

    public init(rows: Int, columns: Int, values: [Scalar]) {
        precondition(values.count == rows * columns, "\(rows) × \(columns) values expected, \(values.count) given")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    public init(rows: Int, columns: Int, repeating value: Scalar = 0) {
        self.init(rows: rows, columns: columns, values: Array(repeating: value, count: rows * columns))
    }

    @inlinable public subscript(row: Int, column: Int) -> Scalar {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    public func row(_ row: Int) -> ArraySlice<Scalar> { values[row * columns..<(row + 1) * columns] }

    public func column(_ column: Int) -> [Scalar] { (0..<rows).map { self[$0, column] } }
}
