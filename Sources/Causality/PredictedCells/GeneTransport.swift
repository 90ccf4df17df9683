import Foundation

/// How the values of one gene in base cells become those of treated cells with a mean that is given: by rank, so that the
/// order of cells stays.
///
/// | symbol | code | meaning |
/// |---|---|---|
/// | p, Q | `base` | share of base cells above the floor, and the quantiles of their values |
/// | Δ, D | `logOdds`, `change` | what templates change: log odds of detection, and positive values level by level |
/// | s | `share` | how much of the templates' change the mean asks for, 0 … 1 |
/// | δ, b | `step`, `slope` | what is left: log odds of detection rise by δ and positive values by b δ |
///
/// detection = σ(logit p + s Δ + δ), value(v) = Q(v) + s D(v) + b δ, with s and then δ such that the mean is met.
/// A gene without a floor is always detected and has b = 1: the rest is a plain shift.
///
/// Source: our own. The second step follows from counts: where a gene's expression rises, it is seen in more cells, and with
/// more molecules in each; b is how the two go together over the genes of the base cells.
struct GeneTransport: Sendable {
    private let base: GeneValues
    private let isFloored: Bool
    private let slope: Double
    private let logOdds: Double
    private let change: [Double]
    private let baseLogOdds: Double
    /// Below which no positive value falls.
    private let least: Double
    private var share = 0.0
    private var step = 0.0
    private let mean: Double

    /// A template's values of the gene: treated, and in its own controls.
    struct Template: Sendable {
        let treated: GeneValues
        let control: GeneValues
        let weight: Double
    }

    /// Levels at which the mean is taken where there are more positives.
    private static let mostLevels = 512
    /// The fewest positives that make a distribution.
    private static let fewest = 3

    /// - Parameters:
    ///   - isFloored: whether the gene has a floor, which values are taken from.
    ///   - law: b, and a positive value where neither base cells nor templates have any.
    ///   - mean: to be met, less the floor.
    init(
        base: GeneValues, isFloored: Bool, templates: [Template], law: DetectionLaw, mean: Double
    ) {
        let change = TemplateChange(templates)
        self.isFloored = isFloored
        self.mean = mean
        if base.positives.count >= min(Self.fewest, base.count) || !isFloored {
            self.base = base
            self.change = change.positives
        } else {
            // The templates' own values stand for those that base cells lack.
            let values = change.treated.isEmpty ? base.positives.map(Double.init) : change.treated
            let known = GeneValues((values.isEmpty ? [law.usual] : values).map { Float($0) }, isFloored: true)
            self.base = known.positives.isEmpty ? GeneValues([1], isFloored: true) : known
            self.change = []
        }
        logOdds = isFloored ? change.logOdds : 0
        least = isFloored ? 0.5 * Double(self.base.positives[0]) : -.infinity
        self.slope = isFloored ? max(law.slope, 0.05 * self.base.meanOfPositives) : 1
        let (k, n) = (Double(base.positives.count), Double(base.count))
        if !isFloored || (k == n && logOdds >= 0) {
            baseLogOdds = .infinity
        } else {
            baseLogOdds = k > 0 && k < n ? log(k / (n - k)) : log((k + 0.5) / (n - k + 0.5))
        }
        meetMean()
    }

    /// Of treated cells, the share above the floor.
    var detection: Double {
        if isFloored, mean <= 0 { return 0 }
        return Self.probability(baseLogOdds + share * logOdds + step)
    }

    /// What `count` cells have, by rising rank, less the floor.
    /// - Parameter offset: uniform on [0, 1): by which the number of cells above the floor is rounded.
    func values(_ count: Int, offset: Double) -> [Float] {
        let positives = isFloored ? min(count, Int(detection * Double(count) + offset)) : count
        var result = [Double](repeating: 0, count: count)
        var sum = 0.0
        var last = -Double.infinity
        for place in 0..<positives {
            last = max(last, value((Double(place) + 0.5) / Double(positives), share, step))
            result[count - positives + place] = last
            sum += last
        }
        guard positives > 0 else { return result.map { Float($0) } }
        if isFloored {
            // Rounding may ask too much of a few cells.
            let factor = min(max(mean * Double(count) / sum, 0.8), 1.25)
            return result.map { Float($0 * factor) }
        }
        let rest = mean - sum / Double(count)
        return result.map { Float($0 + rest) }
    }

    private func value(_ level: Double, _ share: Double, _ step: Double) -> Double {
        max(base.quantile(level) + share * changeAt(level) + slope * step, least)
    }

    private func changeAt(_ level: Double) -> Double {
        guard let last = change.indices.last else { return 0 }
        let position = min(max(level * Double(change.count) - 0.5, 0), Double(last))
        let below = Int(position)
        return change[below] + (change[min(below + 1, last)] - change[below]) * (position - Double(below))
    }

    private mutating func meetMean() {
        let count = min(base.positives.count, Self.mostLevels)
        let levels = (0..<count).map { (Double($0) + 0.5) / Double(count) }
        let plain = levels.map(base.quantile)
        let steps = levels.map(changeAt)
        func mean(_ share: Double, _ step: Double) -> Double {
            var sum = 0.0
            for place in 0..<count { sum += max(plain[place] + share * steps[place] + slope * step, least) }
            return Self.probability(baseLogOdds + share * logOdds + step) * sum / Double(count)
        }
        let (start, end) = (mean(0, 0), mean(1, 0))
        if (self.mean - start) * (end - start) > 0 {
            share =
                abs(self.mean - start) >= abs(end - start)
                ? 1 : Self.root(0, 1, rising: end > start) { mean($0, 0) - self.mean }
        }
        guard isFloored else {
            step = self.mean - mean(share, 0)
            return
        }
        guard self.mean > 0 else { return }
        var (low, high) = (-1.0, 1.0)
        while mean(share, low) > self.mean, low > -1e6 { low *= 2 }
        while mean(share, high) < self.mean, high < 1e6 { high *= 2 }
        step = Self.root(low, high, rising: true) { mean(share, $0) - self.mean }
    }

    /// Where a monotone function is 0, by halving.
    private static func root(_ low: Double, _ high: Double, rising: Bool, _ function: (Double) -> Double) -> Double {
        var (low, high) = (low, high)
        for _ in 0..<50 {
            let middle = 0.5 * (low + high)
            if (function(middle) < 0) == rising { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }

    private static func probability(_ logOdds: Double) -> Double { 1 / (1 + exp(-logOdds)) }
}

/// What templates change on average, each against its own controls.
private struct TemplateChange {
    /// Of detection.
    var logOdds = 0.0
    /// Of positive values at each level; empty where nothing is known.
    var positives: [Double] = []
    /// Positive values of treated cells at each level; empty where there are none.
    var treated: [Double] = []

    init(_ templates: [GeneTransport.Template]) {
        let levels = GeneValues.levels
        var total = 0.0
        var (treatedWeight, changeWeight) = (0.0, 0.0)
        var treatedSum = [Double](repeating: 0, count: levels)
        var changeSum = treatedSum
        for template in templates where template.weight > 0 && template.treated.count > 0 && template.control.count > 0
        {
            total += template.weight
            logOdds += template.weight * Self.logOddsRatio(template.treated, template.control)
            let after = template.treated.quantiles
            guard !after.isEmpty else { continue }
            let own = template.weight * Double(template.treated.positives.count)
            treatedWeight += own
            for level in 0..<levels { treatedSum[level] += own * after[level] }
            let before = template.control.quantiles
            guard !before.isEmpty else { continue }
            // The less cells on either side, the less is known of the change.
            let known =
                template.weight
                / (1 / Double(template.treated.positives.count) + 1 / Double(template.control.positives.count))
            changeWeight += known
            for level in 0..<levels { changeSum[level] += known * (after[level] - before[level]) }
        }
        guard total > 0 else { return }
        logOdds /= total
        if treatedWeight > 0 { treated = treatedSum.map { $0 / treatedWeight } }
        if changeWeight > 0 {
            // A change seen in one pair of cells counts half.
            let reliability = changeWeight / (changeWeight + total)
            positives = changeSum.map { $0 / changeWeight * reliability }
        }
    }

    /// Of detection in treated cells against controls, each drawn a little towards both together, so that it is finite.
    private static func logOddsRatio(_ treated: GeneValues, _ control: GeneValues) -> Double {
        let (k, n) = (Double(treated.positives.count), Double(treated.count))
        let (l, m) = (Double(control.positives.count), Double(control.count))
        let pooled = (k + l + 0.5) / (n + m + 1)
        let weight = 1 / min(n, m)
        func logit(_ share: Double) -> Double {
            let drawn = (share + weight * pooled) / (1 + weight)
            return log(drawn / (1 - drawn))
        }
        return logit(k / n) - logit(l / m)
    }
}
