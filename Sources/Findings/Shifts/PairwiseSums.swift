import Foundation
import Matrices

/// Sums of a distance or kernel over pairs of cells, tile by tile: no matrix of cells × cells is ever stored.
struct PairwiseSums {
    /// A function of the squared Euclidean distance.
    enum Kernel {
        case euclidean
        /// exp(−d²/2σ²)
        case gaussian(bandwidth: Double)

        @inline(__always)
        func callAsFunction(_ square: Double) -> Double {
            switch self {
            case .euclidean: max(0, square).squareRoot()
            case .gaussian(let bandwidth): exp(-max(0, square) / (2 * bandwidth * bandwidth))
            }
        }
    }

    /// Cells of a tile's side.
    private static let side = 256

    private let tiles: [Matrix<Double>]
    /// |x|² of each cell.
    private let norms: [Double]
    let count: Int

    /// - Parameter points: cells × dimensions, centred, lest squares cancel.
    init(_ points: Matrix<Double>) {
        count = points.rows
        tiles = stride(from: 0, to: points.rows, by: Self.side).map { first in
            points.selectingRows(Array(first..<min(first + Self.side, points.rows)))
        }
        norms = (0..<points.rows).map { row in points.row(row).reduce(0) { $0 + $1 * $1 } }
    }

    /// Calls `body` with the rows and columns of every pair of tiles and their squared distances, row by row.
    private func forEachTile(
        _ other: PairwiseSums, upTo last: (Int) -> Int, _ body: (Range<Int>, Range<Int>, Matrix<Double>) -> Void
    ) {
        for (i, tile) in tiles.enumerated() {
            let rows = i * Self.side..<i * Self.side + tile.rows
            for j in 0..<last(i) {
                let columns = j * Self.side..<j * Self.side + other.tiles[j].rows
                var squares = Matrix.product(tile, other.tiles[j], transposingSecond: true)
                squares.values.withUnsafeMutableBufferPointer { squares in
                    for row in 0..<rows.count {
                        for column in 0..<columns.count {
                            let place = row * columns.count + column
                            squares[place] =
                                norms[rows.lowerBound + row] + other.norms[columns.lowerBound + column]
                                - 2 * squares[place]
                        }
                    }
                }
                body(rows, columns, squares)
            }
        }
    }

    /// The distance of every two different cells, once each.
    /// - Parameter points: cells × dimensions.
    static func distances(_ points: Matrix<Double>) -> [Double] {
        let centre = points.columnMeans()
        var centred = points
        for row in 0..<points.rows { for column in centre.indices { centred[row, column] -= centre[column] } }
        let sums = PairwiseSums(centred)
        var distances: [Double] = []
        distances.reserveCapacity(points.rows * (points.rows - 1) / 2)
        sums.forEachTile(sums, upTo: { $0 + 1 }) { rows, columns, squares in
            for row in rows {
                for column in columns where column < row {
                    distances.append(
                        max(0, squares[row - rows.lowerBound, column - columns.lowerBound]).squareRoot())
                }
            }
        }
        return distances
    }

    /// Σ k(x, y) over all pairs of a cell of this population and one of the other.
    func sum(_ kernel: Kernel, with other: PairwiseSums) -> Double {
        var sum = 0.0
        forEachTile(other, upTo: { _ in other.tiles.count }) { _, _, squares in
            for square in squares.values { sum += kernel(square) }
        }
        return sum
    }

    /// Σ k(x, y) over all ordered pairs of two different cells.
    func sumWithin(_ kernel: Kernel) -> Double {
        var sum = 0.0
        forEachTile(self, upTo: { $0 + 1 }) { rows, columns, squares in
            for row in rows {
                for column in columns where column < row {
                    sum += kernel(squares[row - rows.lowerBound, column - columns.lowerBound])
                }
            }
        }
        return 2 * sum
    }

    /// For each selection of cells the sums over pairs within it, between it and the other cells, and within those.
    ///
    /// One pass over the pairs. What lies between a selection and the rest follows from the sums of rows, so that only the
    /// pairs within selections are looked up: in a strip of `side` × cells.
    func sums(_ kernel: Kernel, selections: Selections) -> [(within: Double, between: Double, rest: Double)] {
        var rowSums = [Double](repeating: 0, count: count)
        var within = [Double](repeating: 0, count: selections.count)
        var reached = [Int](repeating: 0, count: selections.count)
        var strip = [Double](repeating: 0, count: Self.side * count)
        forEachTile(self, upTo: { $0 + 1 }) { rows, columns, squares in
            for row in rows {
                let start = (row - rows.lowerBound) * count
                for column in columns where column < row {
                    let value = kernel(squares[row - rows.lowerBound, column - columns.lowerBound])
                    strip[start + column] = value
                    rowSums[row] += value
                    rowSums[column] += value
                }
            }
            guard columns.upperBound == rows.upperBound else { return }
            strip.withUnsafeBufferPointer { strip in
                for selection in within.indices {
                    selections.withCells(of: selection) { cells in
                        while reached[selection] < cells.count, Int(cells[reached[selection]]) < rows.upperBound {
                            let start = (Int(cells[reached[selection]]) - rows.lowerBound) * count
                            var sum = 0.0
                            for place in 0..<reached[selection] { sum += strip[start + Int(cells[place])] }
                            within[selection] += sum
                            reached[selection] += 1
                        }
                    }
                }
            }
        }
        let total = rowSums.reduce(0, +)
        return within.indices.map { selection in
            let own = 2 * within[selection]
            let rows = selections.withCells(of: selection) { $0.reduce(0.0) { $0 + rowSums[Int($1)] } }
            return (own, rows - own, total - 2 * (rows - own) - own)
        }
    }
}
