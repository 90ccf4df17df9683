import Foundation

/// How detection and positive values of genes go together in one kind of cells.
struct DetectionLaw: Sendable {
    /// By how much the mean of positive values rises with the log odds of detection: the slope of the line of least squares
    /// over genes; 0 where there are too few genes or it falls.
    let slope: Double
    /// A positive value of a gene that is hardly seen: the mean over all positive values.
    let usual: Double

    /// The fewest genes, and positive values of a gene, of which a slope is made.
    private static let (fewestGenes, fewestValues) = (5, 10)

    init(_ genes: [GeneValues]) {
        let seen = genes.filter { $0.positives.count >= Self.fewestValues && $0.positives.count < $0.count }
        let points = seen.map { (log($0.detection / (1 - $0.detection)), $0.meanOfPositives) }
        if points.count >= Self.fewestGenes {
            let n = Double(points.count)
            let (x, y) = (points.reduce(0) { $0 + $1.0 } / n, points.reduce(0) { $0 + $1.1 } / n)
            let xy = points.reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) }
            let xx = points.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
            slope = xx > 0 ? max(0, xy / xx) : 0
        } else {
            slope = 0
        }
        let count = genes.reduce(0) { $0 + $1.positives.count }
        let sum = genes.reduce(0) { $0 + $1.meanOfPositives * Double($1.positives.count) }
        usual = count > 0 ? sum / Double(count) : 1
    }
}
