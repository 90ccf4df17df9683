import Foundation

/// Draws from named distributions, each in its standard parametrisation.
extension RandomStream {
    /// Normal with that mean and standard deviation.
    public mutating func normal(mean: Double, standardDeviation: Double) -> Double {
        mean + standardDeviation * normal()
    }

    /// exp of a normal: `logMean` and `logStandardDeviation` are those of the logarithm.
    public mutating func logNormal(logMean: Double, logStandardDeviation: Double) -> Double {
        exp(logMean + logStandardDeviation * normal())
    }

    /// Exponential of mean 1.
    public mutating func exponential() -> Double { -log1p(-uniform()) }

    /// Laplace with location 0 and scale 1 (variance 2).
    public mutating func laplace() -> Double {
        let magnitude = exponential()
        return bernoulli(0.5) ? magnitude : -magnitude
    }

    /// Cauchy with location 0 and scale 1.
    public mutating func cauchy() -> Double { tan(.pi * (uniform() - 0.5)) }

    /// Gamma of scale 1 (mean = shape); multiply by a scale.
    public mutating func gamma(shape: Double) -> Double { exp(logGamma(shape: shape)) }

    /// The logarithm of a gamma draw of scale 1: small shapes, whose draws lie below the smallest double, keep theirs.
    ///
    /// Marsaglia & Tsang 2000, "A simple method for generating gamma variables"; below shape 1 by their identity
    /// G(a) = G(a + 1) · U^(1/a).
    private mutating func logGamma(shape: Double) -> Double {
        precondition(shape > 0, "a gamma's shape is positive, not \(shape)")
        if shape < 1 { return logGamma(shape: shape + 1) - exponential() / shape }
        let d = shape - 1 / 3.0
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let root = 1 + c * x
            if root <= 0 { continue }
            let v = root * root * root
            if log1p(-uniform()) < 0.5 * x * x + d * (1 - v + log(v)) { return log(d) + log(v) }
        }
    }

    /// Beta with those two shapes, as a ratio of gammas taken in logarithms.
    public mutating func beta(_ a: Double, _ b: Double) -> Double {
        let first = logGamma(shape: a)
        return 1 / (1 + exp(logGamma(shape: b) - first))
    }

    /// Poisson: inversion below mean 10, above it transformed rejection (PTRS, Hörmann 1993, "The transformed rejection
    /// method for generating Poisson random variables").
    public mutating func poisson(mean: Double) -> Int {
        precondition(mean >= 0 && mean < 1e15, "a Poisson mean lies in 0..<1e15, not at \(mean)")
        if mean < 10 {
            var product = uniform()
            let limit = exp(-mean)
            var count = 0
            while product > limit {
                product *= uniform()
                count += 1
            }
            return count
        }
        let b = 0.931 + 2.53 * mean.squareRoot()
        let a = -0.059 + 0.02483 * b
        let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
        let squeeze = 0.9277 - 3.6224 / (b - 2)
        let logMean = log(mean)
        while true {
            let u = uniform() - 0.5
            let v = 1 - uniform()
            let us = 0.5 - abs(u)
            let k = ((2 * a / us + b) * u + mean + 0.43).rounded(.down)
            if us >= 0.07, v <= squeeze { return Int(k) }
            if k < 0 || (us < 0.013 && v > us) { continue }
            if log(v * inverseAlpha / (a / (us * us) + b)) <= k * logMean - mean - logFactorial(k) { return Int(k) }
        }
    }

    /// Binomial: inversion where few successes (or few failures) are expected, else transformed rejection (BTRS, Hörmann
    /// 1993, "The generation of binomial random variates").
    public mutating func binomial(trials: Int, probability: Double) -> Int {
        precondition(trials >= 0 && (0...1).contains(probability), "\(trials) trials of probability \(probability)")
        if probability > 0.5 { return trials - binomial(trials: trials, probability: 1 - probability) }
        let n = Double(trials)
        let p = probability
        if n * p < 10 {
            // The gaps between successes are geometric.
            if p == 0 { return 0 }
            let logFailure = log1p(-p)
            var position = 0.0
            var count = 0
            while true {
                position += (-exponential() / logFailure).rounded(.down) + 1
                if position > n { return count }
                count += 1
            }
        }
        let spread = (n * p * (1 - p)).squareRoot()
        let b = 1.15 + 2.53 * spread
        let a = -0.0873 + 0.0248 * b + 0.01 * p
        let center = n * p + 0.5
        let squeeze = 0.92 - 4.2 / b
        let alpha = (2.83 + 5.1 / b) * spread
        let logOdds = log(p) - log1p(-p)
        let mode = ((n + 1) * p).rounded(.down)
        let atMode = logFactorial(mode) + logFactorial(n - mode)
        while true {
            let u = uniform() - 0.5
            let v = 1 - uniform()
            let us = 0.5 - abs(u)
            let k = ((2 * a / us + b) * u + center).rounded(.down)
            if us >= 0.07, v <= squeeze { return Int(k) }
            if k < 0 || k > n { continue }
            let logRatio = atMode - logFactorial(k) - logFactorial(n - k) + (k - mode) * logOdds
            if log(v * alpha / (a / (us * us) + b)) <= logRatio { return Int(k) }
        }
    }

    private func logFactorial(_ k: Double) -> Double {
        let (value, _) = lgamma(k + 1)
        return value
    }
}
