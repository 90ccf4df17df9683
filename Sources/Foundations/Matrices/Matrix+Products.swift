import COpenBLAS

// Products by BLAS, which runs on one thread: work is split over cells, genes or models one level above.

/// To be touched before BLAS or LAPACK is called: from the first time on they run on one thread, so that results do not
/// depend on the number of cores.
public let singleThreadedBLAS: Void = openblas_set_num_threads(1)

/// The BLAS library in use, with its release and the kind of processor that it has chosen its kernels for.
public var blasVersion: String { String(cString: openblas_get_config()) }

extension Matrix where Scalar == Double {
    /// The product, each factor transposed first where so asked.
    public static func product(
        _ a: Matrix, _ b: Matrix, transposingFirst aTransposed: Bool = false,
        transposingSecond bTransposed: Bool = false
    ) -> Matrix {
        let shape = ProductShape(a, aTransposed, b, bTransposed)
        var result = Matrix(rows: shape.rows, columns: shape.columns)
        guard shape.isFull else { return result }
        cblas_dgemm(
            CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans, bTransposed ? CblasTrans : CblasNoTrans,
            Int32(shape.rows), Int32(shape.columns), Int32(shape.inner), 1, a.values, Int32(a.columns), b.values,
            Int32(b.columns), 0, &result.values, Int32(shape.columns))
        return result
    }

    /// self · other
    public func multiplied(by other: Matrix) -> Matrix { .product(self, other) }
}

extension Matrix where Scalar == Float {
    /// The product, each factor transposed first where so asked.
    public static func product(
        _ a: Matrix, _ b: Matrix, transposingFirst aTransposed: Bool = false,
        transposingSecond bTransposed: Bool = false
    ) -> Matrix {
        let shape = ProductShape(a, aTransposed, b, bTransposed)
        var result = Matrix(rows: shape.rows, columns: shape.columns)
        guard shape.isFull else { return result }
        cblas_sgemm(
            CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans, bTransposed ? CblasTrans : CblasNoTrans,
            Int32(shape.rows), Int32(shape.columns), Int32(shape.inner), 1, a.values, Int32(a.columns), b.values,
            Int32(b.columns), 0, &result.values, Int32(shape.columns))
        return result
    }

    /// self · other
    public func multiplied(by other: Matrix) -> Matrix { .product(self, other) }
}

extension SparseMatrix {
    /// self · other, with sums in Double.
    public func multiplied(by other: Matrix<Float>) -> Matrix<Float> {
        precondition(columns == other.rows, "\(rows) × \(columns) times \(other.rows) × \(other.columns)")
        let width = other.columns
        var result = Matrix<Float>(rows: rows, columns: width)
        var sums = [Double](repeating: 0, count: width)
        other.values.withUnsafeBufferPointer { right in
            for row in 0..<rows {
                for column in 0..<width { sums[column] = 0 }
                for entry in rowStarts[row]..<rowStarts[row + 1] {
                    let value = Double(values[entry])
                    let start = Int(columnIndices[entry]) * width
                    for column in 0..<width { sums[column] += value * Double(right[start + column]) }
                }
                for column in 0..<width { result.values[row * width + column] = Float(sums[column]) }
            }
        }
        return result
    }
}

extension Matrix {
    @inlinable public var transposed: Matrix {
        var result = Matrix(rows: columns, columns: rows)
        for row in 0..<rows {
            for column in 0..<columns { result.values[column * rows + row] = values[row * columns + column] }
        }
        return result
    }

    @inlinable public static func identity(_ size: Int) -> Matrix {
        var result = Matrix(rows: size, columns: size)
        for index in 0..<size { result[index, index] = 1 }
        return result
    }

    /// The given rows, in the order given; a row may be asked for twice.
    @inlinable public func selectingRows(_ selection: [Int]) -> Matrix {
        var selected: [Scalar] = []
        selected.reserveCapacity(selection.count * columns)
        for row in selection { selected.append(contentsOf: values[row * columns..<(row + 1) * columns]) }
        return Matrix(rows: selection.count, columns: columns, values: selected)
    }

    /// The given columns, in the order given.
    @inlinable public func selectingColumns(_ selection: [Int]) -> Matrix {
        var selected: [Scalar] = []
        selected.reserveCapacity(rows * selection.count)
        for row in 0..<rows {
            for column in selection { selected.append(values[row * columns + column]) }
        }
        return Matrix(rows: rows, columns: selection.count, values: selected)
    }
}

extension Matrix<Float> {
    public var double: Matrix<Double> { Matrix<Double>(rows: rows, columns: columns, values: values.map(Double.init)) }
}

extension Matrix<Double> {
    public var float: Matrix<Float> { Matrix<Float>(rows: rows, columns: columns, values: values.map { Float($0) }) }
}

/// The shape of a product; traps where the factors don't fit.
private struct ProductShape {
    let rows: Int
    let columns: Int
    let inner: Int
    /// BLAS refuses empty factors; their product is all zeros.
    var isFull: Bool { rows > 0 && columns > 0 && inner > 0 }

    init<Scalar>(_ a: Matrix<Scalar>, _ aTransposed: Bool, _ b: Matrix<Scalar>, _ bTransposed: Bool) {
        _ = singleThreadedBLAS
        rows = aTransposed ? a.columns : a.rows
        inner = aTransposed ? a.rows : a.columns
        columns = bTransposed ? b.rows : b.columns
        let other = bTransposed ? b.columns : b.rows
        precondition(inner == other, "product of \(rows) × \(inner) and \(other) × \(columns)")
    }
}
