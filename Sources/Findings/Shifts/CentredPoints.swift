import Matrices
import Probability

/// Coordinates about the mean of the cells that take part.
struct CentredPoints: Sendable {
    /// cells × dimensions.
    let points: Matrix<Double>
    /// |x|² of each cell.
    let norms: [Double]
    /// What was taken off each dimension.
    let centre: [Double]
    /// The cells of each code.
    let cellsOfCode: [[Int]]

    init(_ coordinates: Matrix<Float>, groups: ComparedGroups) {
        cellsOfCode = groups.cellsOfCode
        let cells = cellsOfCode.flatMap { $0 }
        // From the first cell on, so that a constant dimension is 0 afterwards and not a rounding.
        let first = cells.first.map { coordinates.row($0).map(Double.init) } ?? []
        var shifts = [Double](repeating: 0, count: first.count)
        for cell in cells {
            for dimension in first.indices {
                shifts[dimension] += Double(coordinates[cell, dimension]) - first[dimension]
            }
        }
        let centre = zip(first, shifts).map { $0 + $1 / Double(cells.count) }
        var points = Matrix<Double>(rows: coordinates.rows, columns: coordinates.columns)
        var norms = [Double](repeating: 0, count: coordinates.rows)
        for cell in cells {
            for dimension in centre.indices {
                let value = Double(coordinates[cell, dimension]) - centre[dimension]
                points[cell, dimension] = value
                norms[cell] += value * value
            }
        }
        self.points = points
        self.norms = norms
        self.centre = centre
    }

    /// The median distance of up to 1,000 of the cells: the usual width of a Gaussian kernel (Gretton et al. 2012); 1 where
    /// it is 0.
    func medianDistance(random: RandomStream) -> Double {
        var random = random
        let cells = cellsOfCode.flatMap { $0 }.sorted()
        let sample = random.choice(min(1000, cells.count), of: cells.count).sorted().map { cells[$0] }
        var distances: [Double] = []
        for (place, cell) in sample.enumerated() {
            for other in sample[..<place] {
                var square = 0.0
                for dimension in centre.indices {
                    let difference = points[cell, dimension] - points[other, dimension]
                    square += difference * difference
                }
                distances.append(square.squareRoot())
            }
        }
        let middle = median(of: distances)
        return middle > 0 ? middle : 1
    }
}
