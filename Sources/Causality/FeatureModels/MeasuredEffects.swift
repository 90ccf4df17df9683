import Foundation

/// What the cells of one measured perturbation say of its effects: candidates with probabilities.
///
/// Candidates may be draws from a posterior or, better where the features know the dose curve well, the nodes of a grid
/// over the dose parameters, each with the effects expected there.
public struct MeasuredEffects: Sendable, Equatable {
    public let name: String
    /// Rising positions of the genes that any candidate moves.
    public let targets: [Int]
    /// candidates × targets, row-major; 0 where that candidate leaves the gene alone.
    public let effects: [Double]
    /// candidates × dose parameters (ln EC50, ln h), row-major; empty without doses.
    public let doseParameters: [Double]
    /// Of the candidates, with sum 1.
    public internal(set) var probabilities: [Double]

    public init(
        name: String, targets: [Int], effects: [Double], doseParameters: [Double] = [], probabilities: [Double] = [1]
    ) {
        self.name = name
        self.targets = targets
        self.effects = effects
        self.doseParameters = doseParameters
        self.probabilities = probabilities
    }

    /// One candidate: effects of every gene, known exactly.
    public init(name: String, effects: [Double], doseParameters: [Double] = []) {
        let targets = effects.indices.filter { effects[$0] != 0 }
        self.init(
            name: name, targets: targets, effects: targets.map { effects[$0] }, doseParameters: doseParameters)
    }

    public var candidateCount: Int { probabilities.count }
    var doseCount: Int { candidateCount > 0 ? doseParameters.count / candidateCount : 0 }

    /// Expected effects of the targets.
    public var meanEffects: [Double] { mean(effects, width: targets.count) }
    /// Expected ln EC50 and ln h; empty without doses.
    public var meanDoseParameters: [Double] { mean(doseParameters, width: doseCount) }

    /// In single precision, as on disk.
    var rounded: MeasuredEffects {
        func single(_ values: [Double]) -> [Double] { values.map { Double(Float($0)) } }
        return MeasuredEffects(
            name: name, targets: targets, effects: single(effects), doseParameters: single(doseParameters),
            probabilities: single(probabilities))
    }

    private func mean(_ values: [Double], width: Int) -> [Double] {
        (0..<width).map { c in
            probabilities.indices.reduce(0) { $0 + probabilities[$1] * values[$1 * width + c] }
        }
    }

    func check(genes: Int, doseCount: Int) throws(FeatureModelError) {
        let shares = probabilities
        let total = shares.reduce(0, +)
        guard !shares.isEmpty, shares.allSatisfy({ $0 >= 0 && $0.isFinite }), abs(total - 1) < 1e-6 else {
            throw failure("probabilities of at least one candidate with sum 1 expected, found a sum of \(total)")
        }
        guard effects.count == shares.count * targets.count, doseParameters.count == shares.count * doseCount else {
            throw failure(
                "\(shares.count) × \(targets.count) effects and \(shares.count) × \(doseCount) dose parameters expected, "
                    + "found \(effects.count) and \(doseParameters.count) numbers")
        }
        guard targets.allSatisfy({ (0..<genes).contains($0) }), zip(targets, targets.dropFirst()).allSatisfy(<) else {
            throw failure("rising positions among \(genes) genes expected, found others")
        }
        guard (effects + doseParameters).allSatisfy(\.isFinite) else {
            throw failure("finite effects and dose parameters expected, found others")
        }
    }

    private func failure(_ message: String) -> FeatureModelError {
        FeatureModelError(
            code: "EFFECTS", element: name, message: message, remedy: "estimate the effects of \(name) from its cells")
    }
}
