import Matrices
import Probability

/// What is fixed, for all treatments and predictions of a task, before cells are compared: the axes of the E-distance, the
/// width of the kernel, and the directions of the sliced Wasserstein distance. Made of the measured cells of the task.
public struct CellFrame: Sendable {
    /// Of the cells it is made of.
    let centre: [Double]
    /// genes × components, orthonormal.
    let axes: Matrix<Double>
    /// σ of exp(−|x − y|²/2σ²): the median distance of two cells.
    public let bandwidth: Double
    /// genes × directions, of length 1.
    let directions: Matrix<Double>

    /// Cells that are looked at, drawn at random beyond: their order must not matter more than that.
    private static let (cellsForAxes, cellsForBandwidth) = (4000, 1500)

    /// - Parameter cells: cells × genes, measured; two or more.
    public init(_ cells: Matrix<Float>, random: RandomStream) {
        precondition(cells.rows >= 2, "a frame is made of two cells or more, not of \(cells.rows)")
        let genes = cells.columns
        let sample = CellPopulation.sample(cells, atMost: Self.cellsForAxes, random.stream("axes"))
        centre = sample.columnMeans()
        var points = sample.double
        for row in 0..<points.rows { for gene in 0..<genes { points[row, gene] -= centre[gene] } }
        axes = Self.axes(points)
        let near = CellPopulation.sample(cells, atMost: Self.cellsForBandwidth, random.stream("bandwidth")).double
        let middle = median(of: PairwiseSums.distances(near))
        bandwidth = middle > 0 ? middle : 1
        var stream = random.stream("directions")
        var directions = Matrix<Double>(rows: genes, columns: PredictionMetric.directions)
        for direction in 0..<PredictionMetric.directions {
            let values = (0..<genes).map { _ in stream.normal() }
            let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for gene in 0..<genes { directions[gene, direction] = values[gene] / norm }
        }
        self.directions = directions
    }

    /// Principal axes by the smaller of the two Gram matrices.
    private static func axes(_ points: Matrix<Double>) -> Matrix<Double> {
        let genes = points.columns
        let byGenes = genes <= points.rows
        let eigen = SymmetricEigen(
            Matrix.product(points, points, transposingFirst: byGenes, transposingSecond: !byGenes))
        let largest = eigen.eigenvalues.last ?? 0
        let kept = eigen.eigenvalues.indices.reversed().prefix(PredictionMetric.components)
            .filter { eigen.eigenvalues[$0] > 1e-12 * largest }
        let vectors = eigen.eigenvectors.selectingColumns(Array(kept))
        guard !byGenes else { return vectors }
        var axes = Matrix.product(points, vectors, transposingFirst: true)
        for (column, place) in kept.enumerated() {
            let length = eigen.eigenvalues[place].squareRoot()
            for gene in 0..<genes { axes[gene, column] /= length }
        }
        return axes
    }
}
