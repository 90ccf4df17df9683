import Matrices

/// Whether the prediction of a treatment is told from those of others: by how many it is nearest to its own truth.
///
/// Treatments are compared within a stratum, such as those of one dose; where one is alone there is no score. Equal
/// distances count one half.
public struct RetrievalScores {
    /// treatments × genes: predicted and true shifts.
    private let shifts: (predicted: Matrix<Double>, truth: Matrix<Double>)
    /// treatments × genes: predicted and true means of cells.
    private let means: (predicted: Matrix<Double>, truth: Matrix<Double>)
    /// The gene that each treatment perturbs, where it is one that is measured.
    private let perturbed: [Int?]

    /// Cosines of equal vectors differ by the order of summation, which is up to a library.
    private static let tie = 1e-12

    /// - Parameters:
    ///   - shifts: treatments × genes.
    ///   - means: treatments × genes.
    ///   - perturbed: the gene that a treatment perturbs itself; cell-eval's score leaves it out.
    public init(
        shifts: (predicted: [[Double]], truth: [[Double]]), means: (predicted: [[Double]], truth: [[Double]]),
        perturbed: [Int?]
    ) {
        precondition(
            Set([shifts.predicted, shifts.truth, means.predicted, means.truth].map(\.count)) == [perturbed.count],
            "one of each a treatment")
        func matrix(_ rows: [[Double]]) -> Matrix<Double> {
            Matrix(rows: rows.count, columns: rows.first?.count ?? 0, values: Array(rows.joined()))
        }
        self.shifts = (matrix(shifts.predicted), matrix(shifts.truth))
        self.means = (matrix(means.predicted), matrix(means.truth))
        self.perturbed = perturbed
    }

    /// One a treatment.
    /// - Parameter strata: the group of each treatment.
    public func values(strata: [String]) -> [[PredictionMetric: Double]] {
        var found = [[PredictionMetric: Double]](repeating: [:], count: perturbed.count)
        for members in Dictionary(grouping: strata.indices, by: { strata[$0] }).values where members.count > 1 {
            let own = members.sorted()
            let cosines = Self.cosines(shifts.predicted, shifts.truth, own)
            let others = Double(own.count - 1)
            for (place, treatment) in own.enumerated() {
                let towards = (0..<own.count).map { -cosines[place, $0] }
                let from = (0..<own.count).map { -cosines[$0, place] }
                let centroids = own.map { Self.distances(means.predicted, treatment, means.truth, $0).squares }
                let manhattan = own.map {
                    Self.distances(shifts.predicted, treatment, shifts.truth, $0, without: perturbed[treatment])
                        .absolute
                }
                found[treatment][.discrimination] = Self.farther(towards, than: place, margin: Self.tie) / others
                found[treatment][.retrieval] = Self.farther(from, than: place, margin: Self.tie) / others
                found[treatment][.centroidAccuracy] = Self.farther(centroids, than: place) / others
                // Ranks from 0: of `count` treatments those that are not farther, but the treatment itself.
                let rank = others - Self.farther(manhattan, than: place)
                found[treatment][.discriminationByManhattan] = 1 - rank / Double(own.count)
            }
        }
        return found
    }

    /// How many others are farther than the one at `place`.
    /// - Parameter margin: Distances that differ by less are equal.
    private static func farther(_ distances: [Double], than place: Int, margin: Double = 0) -> Double {
        let own = distances[place]
        return distances.indices.reduce(0.0) { sum, other in
            guard other != place else { return sum }
            return sum + (distances[other] > own + margin ? 1 : distances[other] < own - margin ? 0 : 0.5)
        }
    }

    private static func cosines(_ a: Matrix<Double>, _ b: Matrix<Double>, _ rows: [Int]) -> Matrix<Double> {
        let (a, b) = (a.selectingRows(rows), b.selectingRows(rows))
        var products = Matrix.product(a, b, transposingSecond: true)
        let (lengths, others) = (lengths(a), lengths(b))
        for row in rows.indices {
            for column in rows.indices {
                let size = lengths[row] * others[column]
                products[row, column] = size > 0 ? products[row, column] / size : 0
            }
        }
        return products
    }

    private static func lengths(_ matrix: Matrix<Double>) -> [Double] {
        (0..<matrix.rows).map { matrix.row($0).reduce(0) { $0 + $1 * $1 }.squareRoot() }
    }

    /// Between two rows of genes: the sum of squared differences, and that of absolute ones without one gene.
    private static func distances(
        _ a: Matrix<Double>, _ row: Int, _ b: Matrix<Double>, _ other: Int, without gene: Int? = nil
    ) -> (squares: Double, absolute: Double) {
        a.values.withUnsafeBufferPointer { first in
            b.values.withUnsafeBufferPointer { second in
                let (start, otherStart) = (row * a.columns, other * a.columns)
                var (squares, absolute) = (0.0, 0.0)
                for place in 0..<a.columns {
                    let difference = first[start + place] - second[otherStart + place]
                    squares += difference * difference
                    absolute += abs(difference)
                }
                if let gene { absolute -= abs(first[start + gene] - second[otherStart + gene]) }
                return (squares, absolute)
            }
        }
    }
}
