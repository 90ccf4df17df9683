import Foundation
import Matrices

/// Responses to perturbations as smooth functions of their features: Gaussian processes with features as inputs, one for
/// each principal component of the responses (Higdon et al. 2008, "Computer model calibration using high-dimensional
/// output", section 2.2).
///
/// Each component learns by its marginal likelihood how much of it features explain. With features that say nothing the
/// prediction is the mean course of the measured perturbations, and its variance that of one perturbation among them.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | K | `components.loadings` | q × outputs | basis |
/// | w_i(x) | `kernels` | q | independent processes of the weights |
/// | w | `components.scores` | treatments × q | weights of the measured |
///
/// Deviation from the paper: parameters at the maximum of their posterior, not sampled; covariates and the perturbations'
/// own courses enter the kernel (`ResponseKernel`).
public struct DirectFeatureModel: Sendable {
    public let space: FeatureSpace
    public let table: ResponseTable
    /// Whether features are read: without, the model is the mean course of the measured perturbations.
    public let usesFeatures: Bool
    let components: ResponseComponents
    let kernels: [ResponseKernel]
    let inputs: TreatmentPairs

    /// Treatments beyond this number are left out when parameters are learnt, whole perturbations at a time.
    static let mostLearntFrom = 400

    /// - Throws: `FeatureModelError` (`RESPONSES`) for positions of perturbations that `space` does not have.
    public init(
        _ table: ResponseTable, space: FeatureSpace, usesFeatures: Bool = true, workers: Int? = nil
    ) throws(FeatureModelError) {
        guard table.perturbations.allSatisfy({ space.perturbations.indices.contains($0) }) else {
            throw FeatureModelError(
                code: "RESPONSES", message: "positions among \(space.perturbations.count) perturbations expected",
                remedy: "give responses of the perturbations whose features are given")
        }
        let form: ResponseKernel.FeatureForm = usesFeatures ? (space.isBinary ? .tanimoto : .radial) : .none
        let inputs = TreatmentPairs(table, space: space)
        let start = ResponseKernel(form: form, covariateCount: table.covariates.columns)
        let chosen = Self.learntFrom(table)
        let scores = ResponseComponents(table.values).scores
        let kernels = concurrentMap(scores.columns, workers: workers) { c in
            Self.learnt(start, inputs, rows: chosen, values: chosen.map { scores[$0, c] }, noise: table.noise)
        }
        self.init(table, space: space, kernels: kernels)
    }

    /// With kernels that are known, one for each component.
    init(_ table: ResponseTable, space: FeatureSpace, kernels: [ResponseKernel]) {
        self.space = space
        self.table = table
        self.kernels = kernels
        usesFeatures = kernels.contains { $0.form != .none }
        components = ResponseComponents(table.values)
        inputs = TreatmentPairs(table, space: space)
        precondition(kernels.count == components.scores.columns, "\(kernels.count) kernels for the components")
    }

    /// Every so many perturbations, so that there are not too many treatments.
    private static func learntFrom(_ table: ResponseTable) -> [Int] {
        let step = (table.perturbations.count + mostLearntFrom - 1) / mostLearntFrom
        return table.perturbations.indices.filter { table.perturbations[$0] % max(1, step) == 0 }
    }

    private static func learnt(
        _ start: ResponseKernel, _ inputs: TreatmentPairs, rows: [Int], values: [Double], noise: [Double]
    ) -> ResponseKernel {
        let outer = Matrix(
            rows: rows.count, columns: rows.count, values: values.flatMap { a in values.map { a * $0 } })
        var result = start
        result.logParameters =
            QuasiNewton(tolerance: 1e-3, mostSteps: 60).minimise(from: start.logParameters) {
                loss($0, start, inputs, rows: rows, outer: outer, noise: noise)
            }.point
        return result
    }

    /// −ln posterior of the parameters of one component, and its gradient.
    static func loss(
        _ parameters: [Double], _ start: ResponseKernel, _ inputs: TreatmentPairs, rows: [Int],
        outer: Matrix<Double>, noise: [Double]
    ) -> (value: Double, gradient: [Double])? {
        guard parameters.allSatisfy({ abs($0) < 12 }) else { return nil }
        var kernel = start
        kernel.logParameters = parameters
        guard
            let evidence = GaussianProcessEvidence(
                covariance: inputs.covariance(kernel, rows: rows, noise: noise), outputs: outer, outputCount: 1)
        else { return nil }
        var (value, gradient) = kernel.penalty
        value -= evidence.value
        gradient.withUnsafeMutableBufferPointer { sums in
            for (a, i) in rows.enumerated() {
                for (b, j) in rows[...a].enumerated() {
                    let weight = (a == b ? -1 : -2) * evidence.gradient[a, b]
                    _ = kernel.value(inputs.pair(i, j), weight: weight, into: sums.baseAddress)
                }
                sums[2] -= 2 * (kernel.noise - 1e-6) * noise[i] * evidence.gradient[a, a]
            }
        }
        return (value, gradient)
    }

    /// What is expected of one treatment, without noise.
    public struct Prediction: Sendable, Equatable {
        /// Of each output.
        public let mean: [Double]
        /// Of each output.
        public let variance: [Double]
        /// Variance of each component; with `loadings` the covariance of the outputs is Vᵀ diag(·) V + diag(residuals).
        public let componentVariances: [Double]
        /// How much of the components' variance the measured perturbations leave open: 1 for one that is like none.
        public let openShare: Double
    }

    /// q × outputs: how much of each component is in each output.
    public var loadings: Matrix<Double> { components.loadings }
    /// Variance of each output beside the components.
    public var residuals: [Double] { components.residuals }

    /// What unseen perturbations do.
    /// - Parameters:
    ///   - features: treatments × features.
    ///   - covariates: treatments × covariates, as in the table.
    /// - Throws: `FeatureModelError` (`COUNT`, `NONFINITE`).
    public func predictions(
        of names: [String], features: Matrix<Double>, covariates: Matrix<Double>? = nil
    ) throws(FeatureModelError) -> [Prediction] {
        try space.check(features, of: names)
        let covariates = covariates ?? Matrix(rows: names.count, columns: 0)
        guard covariates.rows == names.count, covariates.columns == table.covariates.columns,
            covariates.values.allSatisfy(\.isFinite)
        else {
            throw FeatureModelError(
                code: "COUNT", element: names.first,
                message: "\(table.covariates.columns) finite covariates of each treatment expected, found others",
                remedy: "give the covariates that the model was fitted with")
        }
        let cross = inputs.unseen(features, covariates: covariates, space: space)
        let count = table.perturbations.count
        let all = Array(0..<count)
        var means = Matrix<Double>(rows: names.count, columns: kernels.count)
        var variances = means
        var priors = means
        for (c, kernel) in kernels.enumerated() {
            guard let factor = CholeskyFactor(inputs.covariance(kernel, rows: all, noise: table.noise)) else {
                continue
            }
            let solved = factor.solve(components.scores.column(c))
            for i in names.indices {
                let row = (0..<count).map { kernel.value(cross.pair(i, $0)) }
                let prior = kernel.value(cross.itself(i))
                let explained = zip(row, factor.solve(row)).reduce(0) { $0 + $1.0 * $1.1 }
                means[i, c] = zip(row, solved).reduce(0) { $0 + $1.0 * $1.1 }
                variances[i, c] = max(0, prior - explained)
                priors[i, c] = prior
            }
        }
        let outputs = means.multiplied(by: components.loadings)
        return names.indices.map { i in
            let open = Array(variances.row(i))
            return Prediction(
                mean: Array(outputs.row(i)),
                variance: (0..<components.loadings.columns).map { g in
                    open.indices.reduce(components.residuals[g]) {
                        $0 + components.loadings[$1, g] * components.loadings[$1, g] * open[$1]
                    }
                },
                componentVariances: open,
                openShare: open.isEmpty ? 1 : open.reduce(0, +) / priors.row(i).reduce(0, +))
        }
    }

    /// What would have been expected of each measured treatment without those of its perturbation.
    public struct HeldOut: Sendable {
        /// treatments × outputs
        public let means: Matrix<Double>
        /// ln density of the components of each perturbation's responses, noise included; perturbations in the order of
        /// `perturbations`.
        public let logDensities: [Double]
        public let perturbations: [Int]
    }

    /// In closed form (Rasmussen & Williams 2006, eqs 5.10 to 5.12, for blocks).
    public var heldOut: HeldOut {
        let count = table.perturbations.count
        let groups = Dictionary(grouping: 0..<count) { table.perturbations[$0] }
        let order = groups.keys.sorted()
        var scores = Matrix<Double>(rows: count, columns: kernels.count)
        var logs = [Double](repeating: 0, count: order.count)
        for (c, kernel) in kernels.enumerated() {
            let values = components.scores.column(c)
            guard
                let factor = CholeskyFactor(
                    inputs.covariance(kernel, rows: Array(0..<count), noise: table.noise))
            else { continue }
            let precision = factor.inverse
            let solved = factor.solve(values)
            for (place, perturbation) in order.enumerated() {
                let rows = groups[perturbation] ?? []
                let block = Matrix(
                    rows: rows.count, columns: rows.count, values: rows.flatMap { i in rows.map { precision[i, $0] } })
                guard let inner = CholeskyFactor(block) else { continue }
                let weights = rows.map { solved[$0] }
                let errors = inner.solve(weights)
                for (i, row) in rows.enumerated() { scores[row, c] = values[row] - errors[i] }
                let square = zip(errors, weights).reduce(0) { $0 + $1.0 * $1.1 }
                logs[place] -= 0.5 * (square - inner.logDeterminant + Double(rows.count) * log(2 * .pi))
            }
        }
        return HeldOut(
            means: scores.multiplied(by: components.loadings), logDensities: logs, perturbations: order)
    }
}
