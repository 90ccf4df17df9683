import Foundation
import Matrices
import Networks
import Probability

/// y = b + x W + ε with ε normal: exact where all mechanisms are linear and all noise is normal.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | x | encoded inputs | p | standardised, categories one-hot |
/// | b, W | `linear` | d, p × d | least squares |
/// | Λ, V | `deviations`, `directions` | d, d × d | ε = s ⊙ V Λ^½ z, z standard normal, s the residual scales |
public struct LinearGaussianGenerator: ConditionalGenerator, Equatable {
    public static let form = GeneratorForm.linearGaussian
    public let outcome: Node
    public let training: TrainingReport
    public var inputs: [Node] { encoding.inputs }
    private let encoding: InputEncoding
    private let linear: LinearPart
    /// √Λ of the correlation matrix of the residuals.
    private let deviations: [Float]
    /// Columns are directions.
    private let directions: Matrix<Float>

    /// - Parameter table: At least two rows; the outcome is a scalar or a vector.
    public init(outcome: Node, inputs: [Node], table: NodeTable) {
        self.outcome = outcome
        encoding = InputEncoding(inputs, fitting: table)
        let encoded = encoding.encoded(table)
        let values = table[outcome.name].values
        let width = outcome.kind.width
        linear = LinearPart(encoded: encoded, values: values, rows: table.rows, width: width)
        if width == 1 {
            (deviations, directions) = ([1], .identity(1))
        } else {
            let residuals = linear.standardised(values, means: linear.means(encoded, rows: table.rows))
            let x = Matrix(rows: table.rows, columns: width, values: residuals).double
            var correlation = Matrix.product(x, x, transposingFirst: true)
            correlation.values = correlation.values.map { $0 / Double(table.rows) }
            let eigen = SymmetricEigen(correlation)
            deviations = eigen.eigenvalues.map { Float(max($0, 1e-9).squareRoot()) }
            directions = eigen.eigenvectors.float
        }
        training = TrainingReport(form: Self.form, rows: table.rows)
    }

    private init(copying other: LinearGaussianGenerator, training: TrainingReport) {
        outcome = other.outcome
        encoding = other.encoding
        linear = other.linear
        deviations = other.deviations
        directions = other.directions
        self.training = training
    }

    func reporting(_ training: TrainingReport) -> LinearGaussianGenerator { .init(copying: self, training: training) }

    public func draw(given inputs: NodeTable, stream: RandomStream, workers: Int?) -> NodeColumn {
        let width = outcome.kind.width
        let drawn = drawnInChunks(rows: inputs.rows, inputs: inputs, stream: stream, workers: workers) { part, stream in
            var stream = stream
            var noise = stream.normals(part.rows * width)
            if width > 1 {
                for place in 0..<width {
                    let deviation = deviations[place]
                    for at in stride(from: place, to: noise.count, by: width) { noise[at] *= deviation }
                }
                noise =
                    Matrix.product(
                        Matrix(rows: part.rows, columns: width, values: noise), directions, transposingSecond: true
                    ).values
            }
            return linear.restored(noise, means: linear.means(encoding.encoded(part), rows: part.rows))
        }
        return NodeColumn(outcome.kind, drawn)
    }

    public func logDensity(of outcome: NodeColumn, given inputs: NodeTable) -> [Double]? {
        let width = outcome.kind.width
        let constant = zip(deviations, linear.residualScales).reduce(0.0) {
            $0 - log(Double($1.0)) - log(Double($1.1)) - 0.5 * log(2 * Double.pi)
        }
        return evaluatedInChunks(outcome, inputs) { outcome, inputs in
            let means = linear.means(encoding.encoded(inputs), rows: inputs.rows)
            let residuals = linear.standardised(outcome.values, means: means)
            let whitened =
                width == 1
                ? residuals
                : Matrix(rows: inputs.rows, columns: width, values: residuals).multiplied(by: directions).values
            return (0..<inputs.rows).map { row in
                (0..<width).reduce(constant) {
                    let z = Double(whitened[row * width + $1]) / Double(deviations[$1])
                    return $0 - 0.5 * z * z
                }
            }
        }
    }
}

// On disk.
extension LinearGaussianGenerator {
    public var tensors: [SafeTensors.Entry] {
        let width = outcome.kind.width
        return encoding.tensors + linear.tensors + [
            .init(name: "deviations", shape: [width], values: deviations),
            .init(name: "directions", shape: [width, width], values: directions.values),
        ]
    }

    public init(
        outcome: Node, inputs: [Node], training: TrainingReport, tensors: StoredTensors
    ) throws(GeneratorError) {
        let width = outcome.kind.width
        self.outcome = outcome
        self.training = training
        encoding = try InputEncoding(inputs, tensors: tensors)
        linear = try LinearPart(inputs: encoding.width, width: width, tensors: tensors)
        deviations = try tensors.values("deviations", shape: [width])
        directions = Matrix(
            rows: width, columns: width, values: try tensors.values("directions", shape: [width, width]))
    }
}
