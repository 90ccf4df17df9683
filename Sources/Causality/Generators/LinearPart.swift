import Matrices
import Networks

/// What a linear regression says of a numeric outcome: the mean of every generator of numbers. Networks learn what it leaves.
///
/// With encoded inputs x of width p and outcomes of d numbers: ŷ = intercepts + x · coefficients.
struct LinearPart: Sendable, Equatable {
    /// p × d.
    let coefficients: Matrix<Float>
    /// d.
    let intercepts: [Float]
    /// Standard deviations of what it leaves, d.
    let residualScales: [Float]

    var width: Int { intercepts.count }

    /// Relative to the number of rows, on inputs of unit variance: settles collinear inputs, such as one-hot ones, without
    /// moving others.
    private static let penalty = 1e-7

    /// - Parameters:
    ///   - encoded: rows × p.
    ///   - values: rows × d.
    init(encoded: [Float], values: [Float], rows: Int, width: Int) {
        let inputs = encoded.count / rows
        let targets = Matrix(rows: rows, columns: width, values: values.map(Double.init))
        if inputs == 0 {
            coefficients = Matrix(rows: 0, columns: width)
            intercepts = targets.columnMeans().map { Float($0) }
        } else {
            let features = Matrix(rows: rows, columns: inputs, values: encoded.map(Double.init))
            guard
                let fit = RidgeRegression(
                    features: features, targets: targets, penalty: Self.penalty * Double(rows))
            else { preconditionFailure("a positive penalty makes the equations regular") }
            coefficients = fit.coefficients.float
            intercepts = fit.intercepts.map { Float($0) }
        }
        let means = Self.means(encoded, rows, coefficients, intercepts)
        let residuals = zip(values, means).map { $0 - $1 }
        let intercepts = self.intercepts
        residualScales = (0..<width).map { place in
            var squares = 0.0
            for at in stride(from: place, to: residuals.count, by: width) {
                squares += Double(residuals[at]) * Double(residuals[at])
            }
            let deviation = Float((squares / Double(rows)).squareRoot())
            // A column that follows from its inputs up to rounding.
            return max(deviation, 1e-6 * max(1e-30, abs(intercepts[place])))
        }
    }

    /// rows × d.
    func means(_ encoded: [Float], rows: Int) -> [Float] { Self.means(encoded, rows, coefficients, intercepts) }

    /// (y − ŷ)/residual scale, rows × d.
    func standardised(_ values: [Float], means: [Float]) -> [Float] {
        var result = values
        let width = width
        for place in 0..<width {
            let factor = 1 / residualScales[place]
            for at in stride(from: place, to: values.count, by: width) {
                result[at] = (values[at] - means[at]) * factor
            }
        }
        return result
    }

    /// The inverse of `standardised`.
    func restored(_ values: [Float], means: [Float]) -> [Float] {
        var result = values
        let width = width
        for place in 0..<width {
            let scale = residualScales[place]
            for at in stride(from: place, to: values.count, by: width) { result[at] = values[at] * scale + means[at] }
        }
        return result
    }

    private static func means(
        _ encoded: [Float], _ rows: Int, _ coefficients: Matrix<Float>, _ intercepts: [Float]
    ) -> [Float] {
        let width = intercepts.count
        var result = [Float](repeating: 0, count: rows * width)
        if coefficients.rows > 0 {
            result = Matrix(rows: rows, columns: coefficients.rows, values: encoded).multiplied(by: coefficients).values
        }
        for place in 0..<width {
            let intercept = intercepts[place]
            for at in stride(from: place, to: result.count, by: width) { result[at] += intercept }
        }
        return result
    }
}

// On disk.
extension LinearPart {
    var tensors: [SafeTensors.Entry] {
        var entries = [
            SafeTensors.Entry(name: "linear.intercepts", shape: [width], values: intercepts),
            SafeTensors.Entry(name: "linear.residual_scales", shape: [width], values: residualScales),
        ]
        if coefficients.rows > 0 {
            entries.append(
                .init(name: "linear.coefficients", shape: [coefficients.rows, width], values: coefficients.values))
        }
        return entries
    }

    init(inputs: Int, width: Int, tensors: StoredTensors) throws(GeneratorError) {
        intercepts = try tensors.values("linear.intercepts", shape: [width])
        residualScales = try tensors.values("linear.residual_scales", shape: [width])
        let values = inputs > 0 ? try tensors.values("linear.coefficients", shape: [inputs, width]) : []
        coefficients = Matrix(rows: inputs, columns: width, values: values)
    }
}
