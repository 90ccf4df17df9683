import Matrices
import Probability

/// Cells of one treatment, predicted or measured, with what every comparison of them asks for.
public struct CellPopulation: Sendable {
    private let frame: CellFrame
    /// cells × genes, less the frame's centre.
    private let points: Matrix<Double>
    private let pairs: PairwiseSums
    /// cells × the frame's components.
    private let projected: PairwiseSums
    /// Means over pairs of different cells: of distances, of distances along the components, and of the kernel.
    private let within: (distance: Double, projected: Double, kernel: Double)
    /// Of the frame's components: means, and the mean square about them (n − 1) summed up.
    private let components: (means: [Double], variance: Double)
    /// Of each gene, n − 1.
    private let variances: [Double]
    /// genes × cells, each gene's values rising.
    private let ordered: [[Double]]
    /// directions × quantiles
    private let slices: [Double]

    /// - Parameters:
    ///   - cells: cells × genes; two or more.
    ///   - limit: so many cells are looked at, drawn at random beyond.
    public init(_ cells: Matrix<Float>, frame: CellFrame, limit: Int = 300, random: RandomStream) {
        precondition(cells.rows >= 2, "two cells or more are compared, not \(cells.rows)")
        precondition(cells.columns == frame.centre.count, "\(cells.columns) genes, \(frame.centre.count) in the frame")
        self.frame = frame
        let sample = Self.sample(cells, atMost: limit, random)
        var points = sample.double
        for row in 0..<points.rows { for gene in 0..<points.columns { points[row, gene] -= frame.centre[gene] } }
        let pairs = PairwiseSums(points)
        let along = Matrix.product(points, frame.axes)
        let projected = PairwiseSums(along)
        let count = Double(points.rows)
        within = (
            pairs.sumWithin(.euclidean) / (count * (count - 1)),
            projected.sumWithin(.euclidean) / (count * (count - 1)),
            pairs.sumWithin(.gaussian(bandwidth: frame.bandwidth)) / (count * (count - 1))
        )
        let moments = along.columnMoments()
        components = (moments.means, moments.variances.reduce(0, +))
        variances = points.columnMoments().variances
        ordered = (0..<points.columns).map { points.column($0).sorted() }
        slices = Self.slices(points, frame)
        self.points = points
        self.pairs = pairs
        self.projected = projected
    }

    /// All cells, or so many of them drawn at random, in their order.
    public static func sample(_ cells: Matrix<Float>, atMost limit: Int, _ random: RandomStream) -> Matrix<Float> {
        guard cells.rows > limit else { return cells }
        var random = random
        return cells.selectingRows(random.choice(limit, of: cells.rows).sorted())
    }

    public var count: Int { points.rows }

    /// The same cells moved by `shift`, one number a gene: distances among them stay.
    public func translated(by shift: [Double]) -> CellPopulation { CellPopulation(self, shift: shift) }

    private init(_ other: CellPopulation, shift: [Double]) {
        frame = other.frame
        within = other.within
        variances = other.variances
        var points = other.points
        for row in 0..<points.rows { for gene in shift.indices { points[row, gene] += shift[gene] } }
        self.points = points
        pairs = PairwiseSums(points)
        projected = PairwiseSums(Matrix.product(points, frame.axes))
        let move = Matrix(rows: 1, columns: shift.count, values: shift)
        components = (
            zip(other.components.means, Matrix.product(move, other.frame.axes).values).map { $0 + $1 },
            other.components.variance
        )
        ordered = zip(other.ordered, shift).map { values, step in values.map { $0 + step } }
        let steps = Matrix.product(move, other.frame.directions).values
        slices = other.slices.indices.map { other.slices[$0] + steps[$0 / PredictionMetric.quantiles] }
    }

    private static func slices(_ points: Matrix<Double>, _ frame: CellFrame) -> [Double] {
        let projected = Matrix.product(points, frame.directions)
        let levels = (0..<PredictionMetric.quantiles).map { (Double($0) + 0.5) / Double(PredictionMetric.quantiles) }
        return (0..<projected.columns).flatMap { quantiles(of: projected.column($0), at: levels) }
    }

    /// The distributional metrics of these cells, predicted, beside measured ones of the same frame.
    public func scores(against truth: CellPopulation) -> [PredictionMetric: Double] {
        let pairCount = Double(count * truth.count)
        let distance = pairs.sum(.euclidean, with: truth.pairs) / pairCount
        let along = projected.sum(.euclidean, with: truth.projected) / pairCount
        let kernel = pairs.sum(.gaussian(bandwidth: frame.bandwidth), with: truth.pairs) / pairCount
        return [
            .energyDistance: 2 * distance - within.distance - truth.within.distance,
            // Of all pairs, 1/n are of a cell with itself.
            .energyDistanceBiased: 2 * distance - (1 - 1 / Double(count)) * within.distance
                - (1 - 1 / Double(truth.count)) * truth.within.distance,
            .energyDistanceOfComponents: 2 * along - within.projected - truth.within.projected,
            .eDistance: eDistance(truth) - 2 * components.variance / Double(count)
                - 2 * truth.components.variance / Double(truth.count),
            .eDistanceBiased: eDistance(truth),
            .meanDiscrepancy: within.kernel + truth.within.kernel - 2 * kernel,
            .slicedWasserstein: slicedWasserstein(truth),
            .wasserstein: wasserstein(truth),
            .varianceRatio: varianceRatio(truth),
        ]
    }

    /// The energy distance, Euclidean and unbiased, of these cells from others of the same frame, such as controls.
    public func energyDistance(from other: CellPopulation) -> Double {
        2 * pairs.sum(.euclidean, with: other.pairs) / Double(count * other.count) - within.distance
            - other.within.distance
    }

    /// 2 E|x − y|² − E|x − x′|² − E|y − y′|² over all pairs, those of a cell with itself among them: with V the variances
    /// (n − 1), 2|μ − ν|² + 2 V (1 − 1/n) + 2 W (1 − 1/m) − 2 V (1 − 1/n) − 2 W (1 − 1/m) = 2|μ − ν|². Over different cells it
    /// is 2 V/n + 2 W/m less.
    private func eDistance(_ truth: CellPopulation) -> Double {
        2 * zip(components.means, truth.components.means).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }

    /// Root of the mean, over directions, of the squared Wasserstein distance of order 2.
    private func slicedWasserstein(_ truth: CellPopulation) -> Double {
        let sum = zip(slices, truth.slices).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (sum / Double(slices.count)).squareRoot()
    }

    /// ∫ |F − G| of every gene, mean over genes.
    private func wasserstein(_ truth: CellPopulation) -> Double {
        var total = 0.0
        for (left, right) in zip(ordered, truth.ordered) {
            var (i, j) = (0, 0)
            var last = min(left[0], right[0])
            while i < left.count || j < right.count {
                let isLeft = j == right.count || (i < left.count && left[i] <= right[j])
                let next = isLeft ? left[i] : right[j]
                total += (next - last) * abs(Double(i) / Double(left.count) - Double(j) / Double(right.count))
                last = next
                if isLeft { i += 1 } else { j += 1 }
            }
        }
        return total / Double(max(1, ordered.count))
    }

    /// Genes that do not vary in truth say nothing.
    private func varianceRatio(_ truth: CellPopulation) -> Double {
        let ratios = zip(variances, truth.variances).filter { $0.1 > 1e-12 }.map { $0.0 / $0.1 }
        return ratios.isEmpty ? 1 : median(of: ratios)
    }
}
