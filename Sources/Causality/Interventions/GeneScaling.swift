import Matrices

/// Each gene centred on its control mean and divided by its control standard deviation, and the way back.
public struct GeneScaling: Codable, Sendable, Equatable {
    /// Control mean of each gene, in the scale of the screen.
    public let means: [Double]
    /// Control standard deviation of each gene; never below a twentieth of the largest.
    public let deviations: [Double]
    /// Genes that do not vary among the controls.
    public let constantGenes: [Int]

    init(means: [Double], deviations: [Double], constantGenes: [Int]) {
        self.means = means
        self.deviations = deviations
        self.constantGenes = constantGenes
    }

    /// - Parameters:
    ///   - expression: Cells × genes.
    ///   - control: The controls among them.
    public init(expression: Matrix<Float>, control: [Int]) {
        self.init(control: expression.selectingRows(control), all: { expression })
    }

    /// - Parameters:
    ///   - control: Control cells × genes.
    ///   - centres: Of each control cell the means that it is compared with, and how many such means there are; nil: those
    ///     of all controls.
    ///   - all: All cells × genes, asked for where a gene does not vary among the controls.
    public init(
        control: Matrix<Float>, centres: (ofCells: [[Double]], count: Int)? = nil, all: () throws -> Matrix<Float>
    )
        rethrows
    {
        let d = control.columns
        func moments(
            _ cells: Matrix<Float>, around centres: (ofCells: [[Double]], count: Int)? = nil
        ) -> (means: [Double], deviations: [Double]) {
            var means = [Double](repeating: 0, count: d)
            for place in cells.values.indices { means[place % d] += Double(cells.values[place]) }
            for j in 0..<d { means[j] /= Double(cells.rows) }
            var squares = [Double](repeating: 0, count: d)
            for cell in 0..<cells.rows {
                let centre = centres?.ofCells[cell] ?? means
                for j in 0..<d {
                    let difference = Double(cells.values[cell * d + j]) - centre[j]
                    squares[j] += difference * difference
                }
            }
            let freedom = Double(max(1, cells.rows - (centres?.count ?? 1)))
            return (means, squares.map { ($0 / freedom).squareRoot() })
        }
        let (means, deviations) = moments(control, around: centres)
        let floor = max(1e-6, 0.05 * (deviations.max() ?? 0))
        constantGenes = (0..<d).filter { deviations[$0] < 1e-9 }
        let everywhere = constantGenes.isEmpty ? deviations : moments(try all()).deviations
        self.means = means
        self.deviations = (0..<d).map { max(floor, deviations[$0] < 1e-9 ? everywhere[$0] : deviations[$0]) }
    }
}
