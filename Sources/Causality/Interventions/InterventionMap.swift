import Foundation

/// The map g_φ from perturbation features and dose to the distribution over atomic interventions.
///
/// | paper   | code        | shape            | meaning                                                      |
/// |---------|-------------|------------------|--------------------------------------------------------------|
/// | γ       | inputs      | inputs × size    | encoded features (`PerturbationEncoding`)                     |
/// | π(γ)    | targetLogits| contexts × genes | log-odds                                                     |
/// | m(γ)    | locations   | contexts × genes | Hill: E · doseʰ / (EC50ʰ + doseʰ)                             |
/// | s(γ)    | logScales   | contexts × genes | bounded by ±log 4                                            |
/// | φ       | parameters  | see `Layout`     | encoder and heads                                            |
///
/// Deviation from the paper: the heads read the encoder's hidden units and its inputs, so that a linear map is a special
/// case (with a few dozen drugs it is often all that can be learnt); EC50 and h belong to the perturbation, not to the
/// gene; log-odds π = head + κ|E|, so that a gene for which the features foretell no location is no target and vice versa
/// (a drug that raises a gene and one that lowers it both target it, which no linear head could say); under the Hill head
/// log s follows the dose like m does, and π does not depend on the dose except that it is 0 at dose 0; a combination of
/// perturbations is the product of their interventions (`TargetUnion`).
struct InterventionMap: Codable, Sendable, Equatable {
    /// Places of φ within one flat vector.
    struct Layout: Codable, Sendable, Equatable {
        let size: Int
        let hidden: Int
        let genes: Int

        var outputs: Int { 3 * genes + 2 }
        var encoder: Range<Int> { 0..<size * hidden }
        var encoderBias: Range<Int> { encoder.upperBound..<encoder.upperBound + hidden }
        /// (hidden + size) × outputs: hidden units first.
        var heads: Range<Int> { encoderBias.upperBound..<encoderBias.upperBound + (hidden + size) * outputs }
        var headBias: Range<Int> { heads.upperBound..<heads.upperBound + outputs }
        /// ln κ: how far a large location speaks for a target.
        var coupling: Int { headBias.upperBound }
        var count: Int { coupling + 1 }
    }

    /// Where the Hill head's dose scale stands.
    struct DoseScale: Codable, Sendable, Equatable {
        /// Mean and spread of ln dose over the treated contexts.
        var center: Double
        var spread: Double
    }

    let layout: Layout
    let kind: InterventionKind
    /// nil: the dose, if any, is one of the inputs.
    let hill: DoseScale?
    let targetProbability: Double
    let locationDeviation: Double
    /// Total variance of the inputs.
    let inputVariance: Double

    static let scaleBound = log(4.0)
    static let slopeBound = log(3.0)

    /// One of the perturbations of which a treatment is made, as the map sees it.
    struct Part: Sendable, Equatable {
        /// Row of `inputs`.
        var input: Int
        /// Known targets replace what the map says of π.
        var known: [Bool]?
    }

    /// A treatment: a perturbation, or several at once, at a dose.
    struct Query: Sendable, Equatable {
        var parts: [Part]
        /// ln dose; −∞ at dose 0; nil without doses.
        var logDose: Double?
        var isControl = false

        static let control = Query(parts: [], isControl: true)
    }

    /// What is kept from the way forward for the way back.
    struct Trace {
        var hidden: [Double]
        var outputs: [Double]
        /// Of every part of every query: the share of its full effect at the dose.
        var fractions: [[Double]]
    }

    private static let certainty = 7.0  // log-odds of a known target: 0.999

    func forward(
        _ parameters: [Double], inputs: [Double], queries: [Query]
    ) -> (AtomicInterventions, Trace) {
        let (q, h, d, o) = (layout.size, layout.hidden, layout.genes, layout.outputs)
        let count = q == 0 ? 1 : inputs.count / q
        var hidden = [Double](repeating: 0, count: count * h)
        for r in 0..<count { for u in 0..<h { hidden[r * h + u] = parameters[layout.encoderBias.lowerBound + u] } }
        DenseProducts.multiply(
            inputs, Array(parameters[layout.encoder]), m: count, n: h, k: q, keep: 1, into: &hidden)
        for i in hidden.indices { hidden[i] = tanh(hidden[i]) }
        var outputs = [Double](repeating: 0, count: count * o)
        for r in 0..<count { for c in 0..<o { outputs[r * o + c] = parameters[layout.headBias.lowerBound + c] } }
        let split = layout.heads.lowerBound + h * o
        DenseProducts.multiply(
            hidden, Array(parameters[layout.heads.lowerBound..<split]), m: count, n: o, k: h, keep: 1, into: &outputs)
        DenseProducts.multiply(
            inputs, Array(parameters[split..<layout.heads.upperBound]), m: count, n: o, k: q, keep: 1, into: &outputs)
        let coupling = exp(parameters[layout.coupling])
        var result = AtomicInterventions(zeros: queries.count * d)
        var fractions: [[Double]] = []
        for (k, query) in queries.enumerated() {
            fractions.append(query.parts.map { fraction(query, outputs[($0.input * o)..<($0.input + 1) * o]) })
            for j in 0..<d {
                // Most treatments are no combinations and need no memory here.
                let value =
                    query.parts.count == 1
                    ? part(query, 0, j, outputs, fractions[k], coupling)
                    : TargetUnion(
                        query.parts.indices.map { part(query, $0, j, outputs, fractions[k], coupling) }, kind: kind
                    ).value
                result.targetLogits[k * d + j] = value.logit
                result.locations[k * d + j] = value.location
                result.logScales[k * d + j] = value.logScale
            }
        }
        return (result, Trace(hidden: hidden, outputs: outputs, fractions: fractions))
    }

    /// The share of its full effect that a perturbation has at a dose; `outputs`: its row.
    private func fraction(_ query: Query, _ outputs: ArraySlice<Double>) -> Double {
        guard hill != nil, let logDose = query.logDose else { return 1 }
        let curve = outputs.startIndex + 3 * layout.genes
        let (slope, middle) = hillParameters(outputs[curve], outputs[curve + 1])
        return logDose == -.infinity ? 0 : sigmoid(slope * (logDose - middle))
    }

    /// What one part of a query does to gene j.
    private func part(
        _ query: Query, _ index: Int, _ j: Int, _ outputs: [Double], _ fractions: [Double], _ coupling: Double
    ) -> TargetUnion.Part {
        let (d, part) = (layout.genes, query.parts[index])
        let row = part.input * layout.outputs
        let base = log(targetProbability / (1 - targetProbability))
        return TargetUnion.Part(
            logit: query.logDose == -.infinity
                ? -.infinity
                : part.known.map { $0[j] ? Self.certainty : -Self.certainty }
                    ?? (base + outputs[row + d + j] + coupling * Self.magnitude(outputs[row + j])),
            location: outputs[row + j] * fractions[index],
            logScale: Self.scaleBound * tanh(outputs[row + 2 * d + j]) * fractions[index])
    }

    private static let rounding = 0.1

    /// |x|, rounded off at 0.
    private static func magnitude(_ x: Double) -> Double { (x * x + rounding * rounding).squareRoot() - rounding }

    /// Hill slope and ln EC50 from the two raw outputs.
    private func hillParameters(_ rawMiddle: Double, _ rawSlope: Double) -> (slope: Double, middle: Double) {
        let scale = hill ?? DoseScale(center: 0, spread: 1)
        return (exp(Self.slopeBound * tanh(rawSlope)), scale.center + scale.spread * rawMiddle)
    }

    /// EC50 (in the unit of the dose) and slope of each input row; nil without the Hill head.
    func hillCurves(_ trace: Trace) -> [(ec50: Double, slope: Double)]? {
        guard hill != nil else { return nil }
        let o = layout.outputs
        return (0..<trace.outputs.count / o).map { r in
            let (slope, middle) = hillParameters(
                trace.outputs[r * o + 3 * layout.genes], trace.outputs[r * o + 3 * layout.genes + 1])
            return (exp(middle), slope)
        }
    }

    /// Adds the derivative by φ, given that by the interventions.
    func backward(
        _ parameters: [Double], inputs: [Double], queries: [Query], trace: Trace,
        outer: AtomicInterventions, into gradient: inout [Double]
    ) {
        let (q, h, d, o) = (layout.size, layout.hidden, layout.genes, layout.outputs)
        let count = trace.outputs.count / o
        let coupling = exp(parameters[layout.coupling])
        var outputs = [Double](repeating: 0, count: count * o)
        for (k, query) in queries.enumerated() where !query.isControl && query.logDose != -.infinity {
            let fractions = trace.fractions[k]
            var byFractions = fractions.map { _ in 0.0 }
            for j in 0..<d {
                let by = TargetUnion.Part(
                    logit: outer.targetLogits[k * d + j], location: outer.locations[k * d + j],
                    logScale: outer.logScales[k * d + j])
                if query.parts.count == 1 {
                    addPart(0, j, by)
                    continue
                }
                let union = TargetUnion(
                    query.parts.indices.map { part(query, $0, j, trace.outputs, fractions, coupling) }, kind: kind)
                for (index, by) in union.backward(by).enumerated() { addPart(index, j, by) }
            }

            func addPart(_ index: Int, _ j: Int, _ by: TargetUnion.Part) {
                let row = query.parts[index].input * o
                let bounded = tanh(trace.outputs[row + 2 * d + j])
                let location = trace.outputs[row + j]
                outputs[row + j] += by.location * fractions[index]
                outputs[row + 2 * d + j] +=
                    by.logScale * fractions[index] * Self.scaleBound * (1 - bounded * bounded)
                if query.parts[index].known == nil {
                    outputs[row + d + j] += by.logit
                    outputs[row + j] += by.logit * coupling * location / (Self.magnitude(location) + Self.rounding)
                    gradient[layout.coupling] += by.logit * coupling * Self.magnitude(location)
                }
                byFractions[index] += by.location * location + by.logScale * Self.scaleBound * bounded
            }
            guard let hill, let logDose = query.logDose else { continue }
            for (index, part) in query.parts.enumerated() {
                let row = part.input * o
                let rawSlope = tanh(trace.outputs[row + 3 * d + 1])
                let (slope, middle) = hillParameters(trace.outputs[row + 3 * d], trace.outputs[row + 3 * d + 1])
                let steep = byFractions[index] * fractions[index] * (1 - fractions[index])
                outputs[row + 3 * d] -= steep * slope * hill.spread
                outputs[row + 3 * d + 1] +=
                    steep * (logDose - middle) * slope * Self.slopeBound * (1 - rawSlope * rawSlope)
            }
        }
        let split = layout.heads.lowerBound + h * o
        add(
            DenseProducts.product(trace.hidden, transposed: true, outputs, m: h, n: o, k: count),
            layout.heads.lowerBound)
        add(DenseProducts.product(inputs, transposed: true, outputs, m: q, n: o, k: count), split)
        for r in 0..<count { for c in 0..<o { gradient[layout.headBias.lowerBound + c] += outputs[r * o + c] } }
        var hidden = DenseProducts.product(
            outputs, Array(parameters[layout.heads.lowerBound..<split]), secondTransposed: true, m: count, n: h, k: o)
        for i in hidden.indices { hidden[i] *= 1 - trace.hidden[i] * trace.hidden[i] }
        add(DenseProducts.product(inputs, transposed: true, hidden, m: q, n: h, k: count), layout.encoder.lowerBound)
        for r in 0..<count { for u in 0..<h { gradient[layout.encoderBias.lowerBound + u] += hidden[r * h + u] } }

        func add(_ values: [Double], _ start: Int) {
            for i in values.indices { gradient[start + i] += values[i] }
        }
    }
}

/// The Gaussian prior on φ: an output's linear part and its hidden part each have the same prior deviation at a typical
/// input, whatever the number of features.
extension InterventionMap {
    /// Prior deviations of location, log-odds of a target, raw log scale, raw ln EC50, raw slope.
    private func deviation(ofOutput c: Int) -> Double {
        let d = layout.genes
        if c < d { return locationDeviation }
        if c < 2 * d { return 3 }
        return c < 3 * d ? 0.3 : (c == 3 * d ? 1 : 0.5)
    }

    /// Prior precision of every parameter; 0 for the biases of π, which the prior on targets governs.
    var precisions: [Double] {
        let (h, o) = (layout.hidden, layout.outputs)
        var result = [Double](repeating: 1, count: layout.count)
        for i in layout.encoder { result[i] = inputVariance }
        for i in layout.heads {
            let place = i - layout.heads.lowerBound
            let deviation = deviation(ofOutput: place % o)
            result[i] = (place / o < h ? Double(h) : inputVariance) / (deviation * deviation)
        }
        for i in layout.headBias {
            let c = i - layout.headBias.lowerBound
            let deviation = deviation(ofOutput: c)
            result[i] = c >= layout.genes && c < 2 * layout.genes ? 0 : 1 / (deviation * deviation)
        }
        return result
    }
}
