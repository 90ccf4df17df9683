import Matrices

/// 2 E|x − y| − E|x − x′| − E|y − y′| over pairs of different cells, Euclidean, unbiased.
///
/// Source: Székely & Rizzo 2013, "Energy statistics".
struct EnergyDistance {
    private let cells: Matrix<Double>
    private let squares: [Double]
    private let within: Double

    /// - Parameter cells: cells × genes; two or more.
    init(_ cells: Matrix<Float>) {
        let cells = cells.double
        self.cells = cells
        squares = (0..<cells.rows).map { row in cells.row(row).reduce(0) { $0 + $1 * $1 } }
        let pairs = Double(cells.rows * (cells.rows - 1))
        within = Self.sum(cells, squares, cells, squares, leavesDiagonal: true) / pairs
    }

    func value(to other: EnergyDistance) -> Double {
        let between = Self.sum(cells, squares, other.cells, other.squares, leavesDiagonal: false)
        return 2 * between / Double(cells.rows * other.cells.rows) - within - other.within
    }

    private static func sum(
        _ a: Matrix<Double>, _ aSquares: [Double], _ b: Matrix<Double>, _ bSquares: [Double], leavesDiagonal: Bool
    ) -> Double {
        let products = Matrix.product(a, b, transposingSecond: true)
        var sum = 0.0
        for row in 0..<a.rows {
            for column in 0..<b.rows where !(leavesDiagonal && row == column) {
                // Rounding may leave a negative square of the distance of equal cells.
                sum += max(0, aSquares[row] + bSquares[column] - 2 * products[row, column]).squareRoot()
            }
        }
        return sum
    }
}
