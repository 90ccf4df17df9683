import Matrices

/// Effects and dose curves of the measured perturbations in the units of the kernel: effects divided by their root mean
/// square, ln EC50 and ln h centred, so that neither the unit of expression nor that of the dose matters.
struct EffectCoordinates: Codable, Sendable, Equatable {
    let genes: Int
    let effectScale: Double
    /// Centres of ln EC50 and ln h; empty without doses.
    let doseCentres: [Double]

    var groups: [Int] { [genes] + doseCentres.map { _ in 1 } }
    var count: Int { genes + doseCentres.count }

    init(genes: Int, effectScale: Double, doseCentres: [Double]) {
        self.genes = genes
        self.effectScale = effectScale
        self.doseCentres = doseCentres
    }

    init(genes: Int, measured: [MeasuredEffects], doseCount: Int) {
        self.genes = genes
        var square = 0.0
        var weight = 0.0
        for effects in measured {
            let width = effects.targets.count
            for (place, value) in effects.effects.enumerated() where value != 0 {
                square += effects.probabilities[place / width] * value * value
                weight += effects.probabilities[place / width]
            }
        }
        effectScale = weight > 0 ? (square / weight).squareRoot() : 1
        doseCentres = (0..<doseCount).map { c in
            measured.reduce(0) { $0 + $1.meanDoseParameters[c] } / Double(max(1, measured.count))
        }
    }

    /// Expected coordinates of each perturbation: n × (d + dose parameters).
    func means(_ measured: [MeasuredEffects]) -> Matrix<Double> {
        var result = Matrix<Double>(rows: measured.count, columns: count)
        for (row, effects) in measured.enumerated() {
            for (gene, value) in zip(effects.targets, effects.meanEffects) { result[row, gene] = value / effectScale }
            for (c, value) in effects.meanDoseParameters.enumerated() {
                result[row, genes + c] = value - doseCentres[c]
            }
        }
        return result
    }
}
