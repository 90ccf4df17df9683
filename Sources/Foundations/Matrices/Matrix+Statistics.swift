// Sums, means, variances, covariances and correlations. All sums are in Double. Variances take two passes, so that a
// constant column has variance 0 and large means cancel nothing.

/// Mean and variance of each column.
public struct ColumnMoments: Sendable, Equatable {
    public let means: [Double]
    /// Σ(x − mean)² / (n − ddof); NaN where n ≤ ddof.
    public let variances: [Double]
    /// The number of rows, n.
    public let rowCount: Int

    public init(means: [Double], variances: [Double], rowCount: Int) {
        self.means = means
        self.variances = variances
        self.rowCount = rowCount
    }

    public var standardDeviations: [Double] { variances.map { $0.squareRoot() } }
}

extension Matrix {
    @inlinable public func rowSums() -> [Double] {
        values.withUnsafeBufferPointer { values in
            (0..<rows).map { row in
                var sum = 0.0
                for index in row * columns..<(row + 1) * columns { sum += Double(values[index]) }
                return sum
            }
        }
    }

    /// Sums over all rows, or over the given ones.
    @inlinable public func columnSums(rows selection: [Int]? = nil) -> [Double] {
        var sums = [Double](repeating: 0, count: columns)
        values.withUnsafeBufferPointer { values in
            for index in 0..<(selection?.count ?? rows) {
                let start = (selection?[index] ?? index) * columns
                for column in 0..<columns { sums[column] += Double(values[start + column]) }
            }
        }
        return sums
    }

    @inlinable public func columnMeans(rows selection: [Int]? = nil) -> [Double] {
        let n = Double(selection?.count ?? rows)
        return columnSums(rows: selection).map { $0 / n }
    }

    /// - Parameters:
    ///   - selection: The rows to use; all where nil.
    ///   - ddof: Delta degrees of freedom: 1 gives the unbiased variance, 0 the population's.
    @inlinable public func columnMoments(rows selection: [Int]? = nil, ddof: Int = 1) -> ColumnMoments {
        let n = selection?.count ?? rows
        let means = columnMeans(rows: selection)
        var squares = [Double](repeating: 0, count: columns)
        values.withUnsafeBufferPointer { values in
            for index in 0..<n {
                let start = (selection?[index] ?? index) * columns
                for column in 0..<columns {
                    let deviation = Double(values[start + column]) - means[column]
                    squares[column] += deviation * deviation
                }
            }
        }
        let divisor = n > ddof ? Double(n - ddof) : .nan
        return ColumnMoments(means: means, variances: squares.map { $0 / divisor }, rowCount: n)
    }

    /// columns × columns, as `numpy.cov(x, rowvar=False, ddof=ddof)`; NaN where there are not more rows than `ddof`.
    @inlinable public func covariance(rows selection: [Int]? = nil, ddof: Int = 1) -> Matrix<Double> {
        let n = selection?.count ?? rows
        let means = columnMeans(rows: selection)
        var centred = Matrix<Double>(rows: n, columns: columns)
        for index in 0..<n {
            let row = selection?[index] ?? index
            for column in 0..<columns {
                centred.values[index * columns + column] = Double(values[row * columns + column]) - means[column]
            }
        }
        var result = Matrix<Double>.product(centred, centred, transposingFirst: true)
        let divisor = n > ddof ? Double(n - ddof) : .nan
        for index in result.values.indices { result.values[index] /= divisor }
        return result
    }

    /// Pearson correlation of every pair of columns; NaN where a column is constant, as in numpy.
    @inlinable public func correlation(rows selection: [Int]? = nil) -> Matrix<Double> {
        var result = covariance(rows: selection, ddof: 0)
        let deviations = (0..<columns).map { result[$0, $0].squareRoot() }
        for i in 0..<columns {
            for j in 0..<columns {
                // 0 / 0 is NaN: a constant column has no correlation.
                let value = result[i, j] / (deviations[i] * deviations[j])
                result[i, j] = i == j && value == value ? 1 : max(-1, min(1, value))
                if value.isNaN { result[i, j] = .nan }
            }
        }
        return result
    }
}

extension SparseMatrix {
    /// The same matrix with the columns of each row rising and no entry given twice.
    public var canonical: SparseMatrix {
        let isCanonical = (0..<rows).allSatisfy { row in
            let entries = rowStarts[row]..<rowStarts[row + 1]
            return zip(entries, entries.dropFirst()).allSatisfy { columnIndices[$0] < columnIndices[$1] }
        }
        guard !isCanonical else { return self }
        var starts = [0]
        var indices: [Int32] = []
        var sums: [Float] = []
        starts.reserveCapacity(rows + 1)
        indices.reserveCapacity(values.count)
        sums.reserveCapacity(values.count)
        for row in 0..<rows {
            let order = (rowStarts[row]..<rowStarts[row + 1])
                .sorted { (columnIndices[$0], $0) < (columnIndices[$1], $1) }
            for entry in order {
                if indices.count > starts[row], indices.last == columnIndices[entry] {
                    sums[sums.count - 1] += values[entry]
                } else {
                    indices.append(columnIndices[entry])
                    sums.append(values[entry])
                }
            }
            starts.append(indices.count)
        }
        return SparseMatrix(rows: rows, columns: columns, rowStarts: starts, columnIndices: indices, values: sums)
    }

    public func rowSums() -> [Double] {
        (0..<rows).map { row in
            var sum = 0.0
            for entry in rowStarts[row]..<rowStarts[row + 1] { sum += Double(values[entry]) }
            return sum
        }
    }

    /// Sums over all rows, or over the given ones.
    public func columnSums(rows selection: [Int]? = nil) -> [Double] {
        var sums = [Double](repeating: 0, count: columns)
        for index in 0..<(selection?.count ?? rows) {
            let row = selection?[index] ?? index
            for entry in rowStarts[row]..<rowStarts[row + 1] {
                sums[Int(columnIndices[entry])] += Double(values[entry])
            }
        }
        return sums
    }

    /// As `Matrix.columnMoments`, without making the matrix dense: entries that are not stored are zeros.
    public func columnMoments(rows selection: [Int]? = nil, ddof: Int = 1) -> ColumnMoments {
        let summed = canonical
        let n = selection?.count ?? rows
        let means = columnSums(rows: selection).map { $0 / Double(n) }
        var squares = [Double](repeating: 0, count: columns)
        var stored = [Int](repeating: 0, count: columns)
        for index in 0..<n {
            let row = selection?[index] ?? index
            for entry in summed.rowStarts[row]..<summed.rowStarts[row + 1] {
                let column = Int(summed.columnIndices[entry])
                let deviation = Double(summed.values[entry]) - means[column]
                squares[column] += deviation * deviation
                stored[column] += 1
            }
        }
        let divisor = n > ddof ? Double(n - ddof) : .nan
        let variances = (0..<columns).map { column in
            (squares[column] + Double(n - stored[column]) * means[column] * means[column]) / divisor
        }
        return ColumnMoments(means: means, variances: variances, rowCount: n)
    }

    /// The given rows, in the order given.
    public func selectingRows(_ selection: [Int]) -> SparseMatrix {
        var starts = [0]
        starts.reserveCapacity(selection.count + 1)
        for row in selection { starts.append(starts[starts.count - 1] + rowStarts[row + 1] - rowStarts[row]) }
        var indices: [Int32] = []
        var entries: [Float] = []
        indices.reserveCapacity(starts[selection.count])
        entries.reserveCapacity(starts[selection.count])
        for row in selection {
            indices.append(contentsOf: columnIndices[rowStarts[row]..<rowStarts[row + 1]])
            entries.append(contentsOf: values[rowStarts[row]..<rowStarts[row + 1]])
        }
        return SparseMatrix(
            rows: selection.count, columns: columns, rowStarts: starts, columnIndices: indices, values: entries)
    }

    /// The given columns, in the order given; none may be asked for twice.
    public func selectingColumns(_ selection: [Int]) -> SparseMatrix {
        var position = [Int32](repeating: -1, count: columns)
        for (index, column) in selection.enumerated() {
            precondition(position[column] < 0, "column \(column) is selected twice")
            position[column] = Int32(index)
        }
        var starts = [0]
        var indices: [Int32] = []
        var entries: [Float] = []
        starts.reserveCapacity(rows + 1)
        for row in 0..<rows {
            for entry in rowStarts[row]..<rowStarts[row + 1] where position[Int(columnIndices[entry])] >= 0 {
                indices.append(position[Int(columnIndices[entry])])
                entries.append(values[entry])
            }
            starts.append(indices.count)
        }
        return SparseMatrix(
            rows: rows, columns: selection.count, rowStarts: starts, columnIndices: indices, values: entries)
    }
}
