import Foundation

/// One gene under a combination of perturbations, the product of their interventions: the gene is a target where it is
/// one of any part's, 1 − π = ∏ᵣ (1 − πᵣ).
///
/// | code     | meaning                                                                                |
/// |----------|-----------------------------------------------------------------------------------------|
/// | logit    | log-odds of π                                                                            |
/// | location | shift: what the parts add up to, given that there is a target: Σ πᵣ mᵣ / π; hard: their mean |
/// | logScale | the same of log s                                                                        |
///
/// Deviation from the paper, which has no combinations: the parts' targets are not summed out one by one; a target's
/// location is the expected one.
struct TargetUnion {
    struct Part {
        var logit = 0.0
        var location = 0.0
        var logScale = 0.0
    }

    let value: Part
    private let parts: [Part]
    private let probabilities: [Double]
    private let probability: Double
    private let divisor: Double
    private let isShift: Bool

    init(_ parts: [Part], kind: InterventionKind) {
        self.parts = parts
        isShift = kind == .shift
        probabilities = parts.map { sigmoid($0.logit) }
        let logNone = -parts.reduce(0) { $0 + softplus($1.logit) }
        probability = -expm1(logNone)
        divisor = isShift ? probability : probabilities.reduce(0, +)
        guard parts.count > 1, probability > 0 else {
            value = parts.count == 1 ? parts[0] : Part(logit: -.infinity)
            return
        }
        let logit = log(probability) - logNone
        let locations = zip(probabilities, parts).reduce(0) { $0 + $1.0 * $1.1.location }
        let logScales = zip(probabilities, parts).reduce(0) { $0 + $1.0 * $1.1.logScale }
        value = Part(logit: logit, location: locations / divisor, logScale: logScales / divisor)
    }

    /// The derivatives by the parts, given those by the union.
    func backward(_ outer: Part) -> [Part] {
        if parts.count == 1 { return [outer] }
        guard probability > 0 else { return parts.map { _ in Part() } }
        return zip(probabilities, parts).map { p, part in
            let share = p / divisor
            // ∂ divisor/∂ logit
            let slope = isShift ? (1 - probability) * p : p * (1 - p)
            func byLogit(_ own: Double, _ union: Double) -> Double { (own * p * (1 - p) - union * slope) / divisor }
            return Part(
                logit: outer.logit * p / probability + outer.location * byLogit(part.location, value.location)
                    + outer.logScale * byLogit(part.logScale, value.logScale),
                location: outer.location * share, logScale: outer.logScale * share)
        }
    }
}
