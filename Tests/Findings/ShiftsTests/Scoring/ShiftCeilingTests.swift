import Matrices
import Probability
import Testing

@testable import Shifts

@Suite struct ShiftCeilingTests {
    /// Signal of variance s² over genes, noise of variance 1/n + 1/m in the shift.
    @Test("Ceilings are those of signal and noise")
    func ceilings() {
        var random = RandomStream(seed: 5)
        let (n, m, genes) = (40, 60, 800)
        let signal = (0..<genes).map { _ in 0.3 * random.normal() }
        func cells(_ count: Int, _ shift: [Double]?) -> Matrix<Float> {
            Matrix(
                rows: count, columns: genes,
                values: (0..<count * genes).map { Float(random.normal() + (shift?[$0 % genes] ?? 0)) })
        }
        let found = ShiftCeiling(treated: cells(n, signal), controls: cells(m, nil), random: random.stream("halves"))
        let (s, noise) = (0.09, 1.0 / 40 + 1.0 / 60)
        // Each of 800 genes says something of the noise: a relative error of √(2/800) / 2 = 2.5 %, here four times that.
        #expect(abs((found.noise ?? 0) / noise.squareRoot() - 1) < 0.1)
        #expect(abs((found.maximumPearson ?? 0) - (s / (s + noise)).squareRoot()) < 0.1)
        // Halves of the cells: twice the noise.
        #expect(abs((found.halvesCorrelation ?? 0) - s / (s + 2 * noise)) < 0.1)
        let none = ShiftCeiling(treated: cells(1, nil), controls: cells(2, nil), random: random)
        #expect(none == ShiftCeiling())
        #expect(ShiftCeiling.mean([found, none]).noise == found.noise)
    }
}
