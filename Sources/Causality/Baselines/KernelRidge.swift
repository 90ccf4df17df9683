import Matrices
import Screens

/// Ridge regression about the mean of comparable treatments, in its dual form; penalty, and width where there is one, by
/// leaving perturbations of the training part out.
///
/// Saunders, Gammerman & Vovk 1998: the prediction is k(x)ᵀ (K + λ)⁻¹ (Y − mean).
public struct KernelRidge: PredictionBaseline {
    enum Kernel {
        /// Features times doses and covariates: ridge regression on these and their products.
        case linear
        /// Tanimoto of bits, or a Gaussian of distances.
        case similarity
    }

    public let name: String
    private let training: TrainingShifts
    private let features: FeatureSpace
    private let kernel: Kernel
    private let width: Double
    /// Treatments with features.
    private let used: [Int]
    private let rows: [FeatureSpace.Row]
    private let mean: TrainingMean
    /// used × genes
    private let weights: Matrix<Double>

    private struct Setting {
        var width: Double
        var penalty: Double
    }

    private static let penalties = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]

    init(_ training: TrainingShifts, features: FeatureSpace, kernel: Kernel) {
        let used = training.contexts.indices.filter { features.row(of: training.contexts[$0]) != nil }
        let known = training.selecting(used)
        let rows = known.contexts.compactMap { features.row(of: $0) }
        let widths = kernel == .linear || features.comparesBits ? [1] : [0.5, 1, 2, 4]
        // The kernel of each width among all treatments.
        let grams = widths.map { width in
            Self.gram(known.contexts, rows, features, kernel, width: width)
        }
        let settings = widths.flatMap { width in Self.penalties.map { Setting(width: width, penalty: $0) } }
        let best = known.best(of: settings) { kept, left in
            let part = known.selecting(kept)
            let mean = TrainingMean(part, isPooled: false)
            let residuals = Self.residuals(part, mean)
            let usual = left.map { mean.shift(of: known.contexts[$0]) }
            return grams.flatMap { gram in
                let own = gram.selectingRows(kept).selectingColumns(kept)
                let other = gram.selectingRows(left).selectingColumns(kept)
                return Self.penalties.map { penalty in
                    let guess = Matrix.product(other, Self.solve(own, penalty, residuals))
                    return left.indices.reduce(0) { sum, place in
                        sum
                            + squaredDistance(
                                zip(usual[place], guess.row(place)).map { $0 + $1 }, known.shifts[left[place]])
                    }
                }
            }
        }
        let mean = TrainingMean(training, isPooled: false)
        weights = Self.solve(
            grams[widths.firstIndex(of: best.width) ?? 0], best.penalty, Self.residuals(known, mean))
        name = kernel == .linear ? "ridge on features" : "kernel ridge on features"
        self.training = training
        self.features = features
        self.kernel = kernel
        width = best.width
        self.used = used
        self.rows = rows
        self.mean = mean
    }

    private static func gram(
        _ contexts: [Context], _ rows: [FeatureSpace.Row], _ features: FeatureSpace, _ kernel: Kernel, width: Double
    ) -> Matrix<Double> {
        var gram = Matrix<Double>(rows: rows.count, columns: rows.count)
        for i in rows.indices {
            for j in 0...i {
                let value = Self.value(
                    rows[i], rows[j], contexts[i], contexts[j], features, kernel, width: width)
                gram[i, j] = value
                gram[j, i] = value
            }
        }
        return gram
    }

    private static func value(
        _ a: FeatureSpace.Row, _ b: FeatureSpace.Row, _ one: Context, _ other: Context, _ features: FeatureSpace,
        _ kernel: Kernel, width: Double
    ) -> Double {
        switch kernel {
        case .linear: features.linearKernel(a, b, one, other)
        case .similarity: features.similarityKernel(a, b, one, other, width: width)
        }
    }

    private static func residuals(_ training: TrainingShifts, _ mean: TrainingMean) -> Matrix<Double> {
        let values = training.contexts.indices.flatMap { place in
            zip(training.shifts[place], mean.shift(of: training.contexts[place])).map { $0 - $1 }
        }
        return Matrix(rows: training.contexts.count, columns: training.genes, values: values)
    }

    private static func solve(
        _ gram: Matrix<Double>, _ penalty: Double, _ residuals: Matrix<Double>
    ) -> Matrix<Double> {
        var gram = gram
        for place in 0..<gram.rows { gram[place, place] += penalty }
        guard let factor = CholeskyFactor(gram) else {
            preconditionFailure("a kernel matrix with a positive penalty is positive definite")
        }
        return factor.solve(residuals)
    }

    public func shift(of question: BaselineQuestion) -> [Double]? {
        guard let row = features.row(of: question.context), !used.isEmpty else { return nil }
        let similarities = zip(used, rows).map {
            Self.value($1, row, training.contexts[$0], question.context, features, kernel, width: width)
        }
        let guess = Matrix.product(Matrix(rows: 1, columns: used.count, values: similarities), weights)
        return zip(mean.shift(of: question.context), guess.values).map { $0 + $1 }
    }
}
