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

    public init(expression: Matrix<Float>, control: [Int]) {
        let d = expression.columns
        func moments(_ cells: some Collection<Int>) -> (means: [Double], deviations: [Double]) {
            var means = [Double](repeating: 0, count: d)
            for cell in cells { for j in 0..<d { means[j] += Double(expression[cell, j]) } }
            for j in 0..<d { means[j] /= Double(cells.count) }
            var squares = [Double](repeating: 0, count: d)
            for cell in cells {
                for j in 0..<d {
                    let difference = Double(expression[cell, j]) - means[j]
                    squares[j] += difference * difference
                }
            }
            return (means, squares.map { ($0 / Double(max(1, cells.count - 1))).squareRoot() })
        }
        let (means, deviations) = moments(control)
        let floor = max(1e-6, 0.05 * (deviations.max() ?? 0))
        constantGenes = (0..<d).filter { deviations[$0] < 1e-9 }
        let all = constantGenes.isEmpty ? deviations : moments(0..<expression.rows).deviations
        self.means = means
        self.deviations = (0..<d).map { max(floor, deviations[$0] < 1e-9 ? all[$0] : deviations[$0]) }
    }

    func scaled(_ expression: Matrix<Float>) -> [Double] {
        let d = expression.columns
        return expression.values.indices.map {
            (Double(expression.values[$0]) - means[$0 % d]) / deviations[$0 % d]
        }
    }
}
