import Foundation
import Probability

/// A Hill curve through the measured mean shifts of one gene over doses: E(d) = E₀ + Emax · dʰ / (EC50ʰ + dʰ)
/// (Hill 1910).
///
/// | symbol | here              | prior                                                                        |
/// |--------|-------------------|------------------------------------------------------------------------------|
/// | E₀     | what dose 0 has   | flat; the controls are a measurement of it                                   |
/// | Emax   | `emax`            | normal around 0, three times the largest measured shift wide                 |
/// | EC50   | `halfEffective`   | flat on the logarithm, from a decade below the lowest dose to one above all   |
/// | h      | `slope`           | flat on the logarithm, 0.4 to 5                                              |
///
/// E₀ and Emax enter linearly, so for every EC50 and h of a grid their posterior and its evidence stand in closed form:
/// nothing is searched and nothing fails to converge. Where the means scatter around the best curve by more than their
/// errors, all errors are widened by that factor (Birge 1932). Estimates are posterior medians with central 90 %
/// intervals; what the doses don't tell is not given, and `abstention` says why.
public struct HillFit: Codable, Sendable, Equatable {
    /// A measured mean shift; `error` is the standard error of the treatment's mean, without that of the controls.
    public struct Measurement: Sendable, Equatable {
        public var dose: Double
        public var shift: Double
        public var error: Double

        public init(dose: Double, shift: Double, error: Double) {
            self.dose = dose
            self.shift = shift
            self.error = error
        }
    }

    public struct Parameter: Codable, Sendable, Equatable {
        public let value: Double
        public let lower: Double
        public let upper: Double
    }

    public struct CurvePoint: Codable, Sendable, Equatable {
        public let dose: Double
        public let shift: Double
    }

    /// The change from dose 0 to a dose without end, in the units of the shifts.
    public let emax: Parameter?
    /// EC50, in the unit of the doses.
    public let halfEffectiveDose: Parameter?
    public let slope: Parameter?
    /// Why a parameter is missing, or why the others are wide; nil where there is nothing to say.
    public let abstention: String?
    /// The posterior mean over the measured doses; empty where nothing was fitted or nothing changes.
    public let curve: [CurvePoint]

    /// Doses that a fit needs beside the controls, which hold the curve at dose 0.
    public static let fewestDoses = 3
    static let slopes = 0.4...5.0
    private static let (slopeSteps, perDecade, curvePoints) = (16, 12, 25)

    /// - Parameters:
    ///   - measurements: at doses above 0; others and those without an error are left out.
    ///   - controlError: standard error of the controls' mean, which all shifts share.
    public init(_ measurements: [Measurement], controlError: Double) {
        let known = measurements.filter { $0.dose > 0 && $0.dose.isFinite && $0.shift.isFinite && $0.error > 0 }
        let doses = Set(known.map(\.dose)).sorted()
        guard doses.count >= Self.fewestDoses, controlError > 0 else {
            self.init(
                abstention: "measured with an error at \(doses.count) \(doses.count == 1 ? "dose" : "doses"); a curve "
                    + "takes \(Self.fewestDoses)")
            return
        }
        let grid = Grid(lowest: doses[0], highest: doses[doses.count - 1])
        var posterior = Posterior(known, controlError: controlError, grid: grid, widening: 1)
        let freedom = Double(known.count - 3)
        let widening = freedom > 0 ? (posterior.leastSquares / freedom).squareRoot() : 1
        if widening > 1 { posterior = Posterior(known, controlError: controlError, grid: grid, widening: widening) }
        let scatter =
            widening > 2
            ? "the means leave the curve by \(Self.text(widening)) times their errors, which were widened so much" : nil
        let top = posterior.change(at: doses[doses.count - 1])
        guard top.lower > 0 || top.upper < 0 else {
            self.init(abstention: Self.joined(["no change over the doses can be told from none", scatter]))
            return
        }
        let (middle, slope) = (posterior.middle, posterior.slope)
        let isLate = middle.upper >= doses[doses.count - 1]
        let isEarly = middle.lower <= doses[0]
        // Told is what the data narrowed to less than two thirds of what was thought possible.
        let slopeSpan = log(slope.upper / slope.lower) / (0.9 * log(Self.slopes.upperBound / Self.slopes.lowerBound))
        let isSteepnessTold = slopeSpan < 2.0 / 3
        var reasons: [String?] = []
        if isLate {
            reasons.append(
                "the curve may not have levelled off at the highest dose: EC50 is not below \(Self.text(middle.lower)), "
                    + "and Emax is open")
        } else if isEarly {
            reasons.append("the effect may be whole at the lowest dose: EC50 is not above \(Self.text(middle.upper))")
        }
        if !isSteepnessTold { reasons.append("the doses do not tell the slope") }
        self.init(
            emax: isLate ? nil : posterior.change(at: .infinity), halfEffectiveDose: isLate || isEarly ? nil : middle,
            slope: isSteepnessTold ? slope : nil, abstention: Self.joined(reasons + [scatter]),
            curve: (0..<Self.curvePoints).map { step in
                let share = Double(step) / Double(Self.curvePoints - 1)
                let dose = doses[0] * pow(doses[doses.count - 1] / doses[0], share)
                return CurvePoint(dose: dose, shift: posterior.mean(at: dose))
            })
    }

    private init(
        emax: Parameter? = nil, halfEffectiveDose: Parameter? = nil, slope: Parameter? = nil, abstention: String?,
        curve: [CurvePoint] = []
    ) {
        self.emax = emax
        self.halfEffectiveDose = halfEffectiveDose
        self.slope = slope
        self.abstention = abstention
        self.curve = curve
    }

    private static func joined(_ reasons: [String?]) -> String? {
        let said = reasons.compactMap { $0 }
        return said.isEmpty ? nil : said.joined(separator: "; ")
    }

    private static func text(_ value: Double) -> String { String(format: "%.2g", value) }

    /// Every EC50 with every slope.
    private struct Grid {
        let middles: [Double]
        let slopes: [Double]

        init(lowest: Double, highest: Double) {
            let decades = log10(highest / lowest) + 2
            let steps = Int((decades * Double(HillFit.perDecade)).rounded(.up))
            middles = (0...steps).map { lowest / 10 * pow(10, decades * Double($0) / Double(steps)) }
            let range = log(HillFit.slopes.upperBound / HillFit.slopes.lowerBound)
            slopes = (0...HillFit.slopeSteps).map {
                HillFit.slopes.lowerBound * exp(range * Double($0) / Double(HillFit.slopeSteps))
            }
        }
    }

    /// What is believed after the means were seen: on the grid, with E₀ and Emax in closed form.
    private struct Posterior {
        /// Of one EC50 and slope: its weight, the means of E₀ and Emax, the standard deviation of Emax.
        struct Member {
            var middle: Double
            var slope: Double
            var weight: Double
            var base: Double
            var amplitude: Double
            var deviation: Double

            /// The share of Emax at a dose.
            func response(_ dose: Double) -> Double { dose.isInfinite ? 1 : 1 / (1 + pow(middle / dose, slope)) }
        }

        private(set) var members: [Member] = []
        /// Σ ((mean − curve) / error)² of the best curve, controls among the means.
        private(set) var leastSquares = Double.infinity

        init(_ known: [Measurement], controlError: Double, grid: Grid, widening: Double) {
            let weights = known.map { 1 / ($0.error * $0.error * widening * widening) }
            let control = 1 / (controlError * controlError * widening * widening)
            let spread = 3 * (known.map { abs($0.shift) }.max() ?? 1)
            let prior = spread > 0 ? 1 / (spread * spread) : 1
            var evidences: [Double] = []
            for middle in grid.middles {
                for slope in grid.slopes {
                    var member = Member(
                        middle: middle, slope: slope, weight: 0, base: 0, amplitude: 0, deviation: 0)
                    // Normal equations of E₀ and Emax; the controls' shift is 0 at response 0.
                    var (a, b, c, p, q, r) = (control, 0.0, prior, 0.0, 0.0, 0.0)
                    for (one, weight) in zip(known, weights) {
                        let response = member.response(one.dose)
                        a += weight
                        b += weight * response
                        c += weight * response * response
                        p += weight * one.shift
                        q += weight * response * one.shift
                        r += weight * one.shift * one.shift
                    }
                    let determinant = a * c - b * b
                    member.base = (c * p - b * q) / determinant
                    member.amplitude = (a * q - b * p) / determinant
                    member.deviation = (a / determinant).squareRoot()
                    let explained = member.base * p + member.amplitude * q
                    let missed = r - explained - prior * member.amplitude * member.amplitude
                    leastSquares = min(leastSquares, max(0, missed))
                    members.append(member)
                    evidences.append((explained - log(determinant)) / 2)
                }
            }
            let best = evidences.max() ?? 0
            for place in members.indices { members[place].weight = exp(evidences[place] - best) }
            members.removeAll { $0.weight < 1e-6 }
            let total = members.reduce(0) { $0 + $1.weight }
            for place in members.indices { members[place].weight /= total }
        }

        var middle: Parameter { quantiles(\.middle) }
        var slope: Parameter { quantiles(\.slope) }

        /// Median and central 90 % of a value that lies on the grid.
        private func quantiles(_ value: (Member) -> Double) -> Parameter {
            let sorted = members.map { (value: value($0), weight: $0.weight) }.sorted { $0.value < $1.value }
            func quantile(_ level: Double) -> Double {
                var sum = 0.0
                for one in sorted {
                    sum += one.weight
                    if sum >= level { return one.value }
                }
                return sorted[sorted.count - 1].value
            }
            return Parameter(value: quantile(0.5), lower: quantile(0.05), upper: quantile(0.95))
        }

        /// Median and central 90 % of the change from dose 0 to a dose: quantiles of a mixture of normal distributions.
        func change(at dose: Double) -> Parameter {
            let parts = members.map { member in
                let response = member.response(dose)
                return (
                    weight: member.weight,
                    normal: NormalDistribution(
                        mean: member.amplitude * response,
                        standardDeviation: max(member.deviation * response, .leastNormalMagnitude))
                )
            }
            let low = parts.map { $0.normal.mean - 8 * $0.normal.standardDeviation }.min() ?? 0
            let high = parts.map { $0.normal.mean + 8 * $0.normal.standardDeviation }.max() ?? 0
            func quantile(_ level: Double) -> Double {
                var (below, above) = (low, high)
                for _ in 0..<40 {
                    let tried = (below + above) / 2
                    if parts.reduce(0, { $0 + $1.weight * $1.normal.cdf(tried) }) < level {
                        below = tried
                    } else {
                        above = tried
                    }
                }
                return (below + above) / 2
            }
            return Parameter(value: quantile(0.5), lower: quantile(0.05), upper: quantile(0.95))
        }

        func mean(at dose: Double) -> Double {
            members.reduce(0) { $0 + $1.weight * ($1.base + $1.amplitude * $1.response(dose)) }
        }
    }
}
