import Matrices
import Networks
import Probability
import Tensors

/// A data set whose mechanisms are known: what a `FixedPointNetwork` learns from.
public struct FixedPointLesson: Sendable {
    let parents: [[Int]]
    /// n × d, standardised.
    let rows: Matrix<Float>
    /// F(x) of these rows, x less its noise, in the same units.
    let truth: Matrix<Float>

    public init(parents: [[Int]], rows: Matrix<Float>, truth: Matrix<Float>) {
        precondition(rows.rows >= 2 && rows.columns == parents.count, "\(rows.rows) × \(rows.columns) values")
        precondition(truth.rows == rows.rows && truth.columns == rows.columns, "a truth for every value")
        (self.parents, self.rows, self.truth) = (parents, rows, truth)
    }

    /// Whether all its numbers are: worlds of unbounded mechanisms can leave single precision.
    public var isFinite: Bool { (rows.values + truth.values).allSatisfy(\.isFinite) }

    /// The first half of the rows is context, the other half is asked for.
    fileprivate var contextRows: Int { rows.rows / 2 }

    fileprivate func part(_ matrix: Matrix<Float>, _ range: Range<Int>, on tape: Tape) -> Tensor {
        let d = parents.count
        return tape.constant(
            Array(matrix.values[range.lowerBound * d..<range.upperBound * d]), shape: [range.count, d])
    }
}

// Training. The losses are those of the published code.
extension FixedPointNetwork {
    /// Mean over rows of √(mean over nodes of (F̂ − F)²), of the encoder at its own rows.
    public func encoderLoss(of lesson: FixedPointLesson, on tape: Tape, dropping: RandomStream) -> Tensor {
        let all = 0..<lesson.rows.rows
        let tokens = encoder.tokens(
            lesson.part(lesson.rows, all, on: tape), parents: lesson.parents, dropping: dropping)
        let errors = (encoder.means(tokens) - lesson.part(lesson.truth, all, on: tape)).square()
        return (errors.mean([1]) + Self.leastSquare).squareRoot().mean()
    }

    /// √(mean over rows and nodes of (F̂ − F)²), of the decoder at the second half of the rows, the first being context.
    /// - Parameter encoderWeights: Of the encoder, to which no gradient goes.
    public func decoderLoss(
        of lesson: FixedPointLesson, on tape: Tape, encoderWeights: Weights, dropping: RandomStream
    ) -> Tensor {
        let (context, asked) = (0..<lesson.contextRows, lesson.contextRows..<lesson.rows.rows)
        let frozen = Tape(weights: encoderWeights, recording: false)
        let tokens = encoder.tokens(lesson.part(lesson.rows, context, on: frozen), parents: lesson.parents)
        let embedding = decoder.embedding(
            tape.constant(tokens.values, shape: tokens.shape), parents: lesson.parents, dropping: dropping)
        let means = decoder.means(
            at: lesson.part(lesson.rows, asked, on: tape), embedding, parents: lesson.parents,
            dropping: dropping.stream("blocks"))
        let errors = (means - lesson.part(lesson.truth, asked, on: tape)).square()
        return (errors.mean() + Self.leastSquare).squareRoot()
    }

    /// A root has a slope everywhere.
    private static let leastSquare: Float = 1e-10
}

// What it has learned.
extension FixedPointNetwork {
    /// Of the encoder's parameters and of the decoder's, in `Weights.values`.
    public func ranges(in weights: Weights) -> (encoder: Range<Int>, decoder: Range<Int>) {
        let first = zip(weights.names, weights.parameters).first { $0.0.hasPrefix("decoder.") }!.1.offset
        return (0..<first, first..<weights.count)
    }

    /// F̂ of context rows, n × d, by the encoder.
    public func encoderMeans(of rows: Matrix<Float>, parents: [[Int]], weights: Weights) -> Matrix<Float> {
        let tape = Tape(weights: weights, recording: false)
        let tokens = encoder.tokens(tape.constant(rows.values, shape: [rows.rows, rows.columns]), parents: parents)
        return Matrix(rows: rows.rows, columns: rows.columns, values: encoder.means(tokens).values)
    }
}
