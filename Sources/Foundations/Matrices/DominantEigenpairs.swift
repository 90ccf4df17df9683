import Foundation

// Block Krylov iteration with Rayleigh–Ritz and thick restarts: the basis grows by the residuals of the Ritz vectors that
// have not converged (Saad 2011, "Numerical Methods for Large Eigenvalue Problems", chapters 6 to 8). Goals, in order:
// every wanted pair to the tolerance, few products with the operator, little memory beside the basis.

/// The largest eigenvalues of a symmetric operator that is known by its products only, and their eigenvectors.
public struct DominantEigenpairs: Sendable {
    /// Falling.
    public let eigenvalues: [Double]
    /// count × n: row k belongs to `eigenvalues[k]` and has length 1. Its sign is arbitrary.
    public let eigenvectors: Matrix<Double>
    /// The largest ‖A v − λ v‖ over |λ₁|.
    public let residual: Double

    /// Of an operator on vectors of length n.
    ///
    /// - Parameters:
    ///   - start: Rows of length n, more than `count`: best some ten more. They must not be orthogonal to what is looked
    ///     for, as random ones aren't.
    ///   - count: How many pairs.
    ///   - tolerance: Residual at which a pair is done, relative to the largest eigenvalue.
    ///   - steps: Products with the operator at most.
    ///   - product: For rows v the rows A v.
    public init(
        start: Matrix<Double>, count: Int, tolerance: Double = 1e-12, steps: Int = 300,
        product: (Matrix<Double>) throws -> Matrix<Double>
    ) rethrows {
        precondition(count > 0 && count <= start.rows && start.rows <= start.columns, "\(count) of \(start.rows) rows")
        let n = start.columns
        let limit = min(n, 6 * start.rows)
        var basis = Matrix<Double>(rows: 0, columns: n)
        var image = basis
        var directions = Self.orthonormal(start, to: basis)
        var step = 0
        while true {
            basis = basis.appending(directions)
            image = image.appending(try product(directions))
            step += 1
            // Ritz pairs: eigenpairs of the operator within the basis.
            let inner = SymmetricEigen(Matrix.product(basis, image, transposingSecond: true))
            func leading(_ wanted: Int) -> Matrix<Double> {
                let size = inner.eigenvalues.count
                return inner.eigenvectors.selectingColumns((0..<wanted).map { size - 1 - $0 }).transposed
            }
            let wanted = min(count, basis.rows)
            let values = Array(inner.eigenvalues.reversed().prefix(wanted))
            let mixing = leading(wanted)
            let vectors = mixing.multiplied(by: basis)
            var residuals = mixing.multiplied(by: image)
            var lengths: [Double] = []
            for row in 0..<wanted {
                var square = 0.0
                for index in row * n..<(row + 1) * n {
                    residuals.values[index] -= values[row] * vectors.values[index]
                    square += residuals.values[index] * residuals.values[index]
                }
                lengths.append(square.squareRoot())
            }
            let scale = max(abs(values[0]), .leastNormalMagnitude)
            let open = lengths.indices.filter { lengths[$0] > tolerance * scale }
            // Without room for a new direction the basis is all there is.
            directions =
                open.isEmpty || step == steps || basis.rows == n
                ? Matrix(rows: 0, columns: n) : Self.orthonormal(residuals.selectingRows(open), to: basis)
            if directions.rows == 0 {
                self.init(
                    eigenvalues: values, eigenvectors: vectors, residual: (lengths.max() ?? 0) / scale)
                return
            }
            if basis.rows + directions.rows > limit, basis.rows > 2 * start.rows {
                let kept = leading(2 * start.rows)
                (basis, image) = (kept.multiplied(by: basis), kept.multiplied(by: image))
                directions = Self.orthonormal(directions, to: basis)
            }
        }
    }

    /// Of a symmetric matrix.
    ///
    /// - Parameter start: As above, for matrices so large that all pairs would cost more.
    public init(_ matrix: Matrix<Double>, count: Int, start: () -> Matrix<Double>) {
        guard matrix.rows > 400, count < matrix.rows / 4 else {
            let all = SymmetricEigen(matrix)
            let places = (0..<count).map { matrix.rows - 1 - $0 }
            self.init(
                eigenvalues: places.map { all.eigenvalues[$0] },
                eigenvectors: all.eigenvectors.selectingColumns(places).transposed, residual: 0)
            return
        }
        self.init(start: start(), count: count) { $0.multiplied(by: matrix) }
    }

    private init(eigenvalues: [Double], eigenvectors: Matrix<Double>, residual: Double) {
        self.eigenvalues = eigenvalues
        self.eigenvectors = eigenvectors
        self.residual = residual
    }

    /// The part of the rows that is orthogonal to `basis` and to the rows before, each at length 1; rows of which rounding
    /// leaves nothing are left out, and so are those for which there is no room.
    private static func orthonormal(_ rows: Matrix<Double>, to basis: Matrix<Double>) -> Matrix<Double> {
        let n = rows.columns
        var result = Matrix<Double>(rows: 0, columns: n)
        var rest = rows.normalised
        for _ in 0..<2 where basis.rows > 0 {
            let shares = Matrix.product(rest, basis, transposingSecond: true)
            let inside = shares.multiplied(by: basis)
            for index in rest.values.indices { rest.values[index] -= inside.values[index] }
            rest = rest.normalised
        }
        for row in 0..<rest.rows where basis.rows + result.rows < n {
            var vector = Matrix(rows: 1, columns: n, values: Array(rest.row(row)))
            var length = 1.0
            for _ in 0..<2 where result.rows > 0 {
                let inside = Matrix.product(vector, result, transposingSecond: true).multiplied(by: result)
                for index in vector.values.indices { vector.values[index] -= inside.values[index] }
                length *= vector.lengths[0]
                vector = vector.normalised
            }
            if vector.lengths[0] > 0.5, length > 1e-6 { result = result.appending(vector) }
        }
        return result
    }
}

extension Matrix<Double> {
    fileprivate var lengths: [Double] {
        (0..<rows).map { row in self.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot() }
    }

    /// Rows at length 1; rows of zeros stay.
    fileprivate var normalised: Matrix {
        var result = self
        for (row, length) in lengths.enumerated() where length > 0 {
            for index in row * columns..<(row + 1) * columns { result.values[index] /= length }
        }
        return result
    }

    fileprivate func appending(_ other: Matrix) -> Matrix {
        Matrix(rows: rows + other.rows, columns: columns, values: values + other.values)
    }
}
