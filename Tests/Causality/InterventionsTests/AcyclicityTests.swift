import Foundation
import Testing

@testable import Interventions

@Suite struct AcyclicityTests {
    @Test("The measure is 0 on a chain and −log(1 − ab) on a two-cycle")
    func closedForms() {
        #expect(abs(Acyclicity.logDeterminant([0, 0.9, 0, 0, 0, 0.9, 0, 0, 0], genes: 3).value) < 1e-12)
        let (value, gradient) = Acyclicity.logDeterminant([0, 0.5, 0.4, 0], genes: 2)
        #expect(abs(value + log(1 - 0.2)) < 1e-12)
        #expect(abs(gradient[1] - 0.4 / 0.8) < 1e-12)
        #expect(gradient[0] == 0)
    }

    @Test("The spectral radius of a two-cycle is √(ab), with its slopes, and that of a chain nearly 0")
    func spectralRadius() {
        let (value, gradient) = Acyclicity.measure([0, 0.5, 0.4, 0], genes: 2, by: .spectral)
        // The iteration on P + I shrinks what is left by (1 − 0.45)/(1 + 0.45) a step: 200 steps leave nothing.
        #expect(abs(value - 0.2.squareRoot()) < 1e-9)
        #expect(abs(gradient[1] - 0.5 * (0.4 / 0.5).squareRoot()) < 1e-8)
        #expect(gradient[0] == 0)
        // A chain has radius 0, to which the iteration comes like 1 / steps.
        let chain = Acyclicity.measure([0, 0.9, 0, 0, 0, 0.9, 0, 0, 0], genes: 3, by: .spectral).value
        #expect(chain >= 0 && chain < 0.02)
    }

    @Test("The spectral bound lies above the radius and close to it")
    func spectralBound() {
        // A ring of three with product 0.064 has radius 0.4; all of 0.5 among 4 genes has radius 1.5.
        let ring = Acyclicity.spectralBound([0, 0.4, 0, 0, 0, 0.4, 0.4, 0, 0], genes: 3)
        #expect(ring >= 0.4 - 1e-9 && ring < 0.45)
        let full = Acyclicity.spectralBound((0..<16).map { $0 % 5 == 0 ? 0 : 0.5 }, genes: 4)
        #expect(full >= 1.5 - 1e-9 && full < 1.6)
    }

    @Test("A cycle is broken at its least probable edge, which is reported")
    func breaking() {
        let (kept, refused) = Acyclicity.breakCycles([(0, 1, 0.9), (1, 2, 0.6), (2, 0, 0.8), (0, 3, 0.55)], genes: 4)
        #expect(refused.count == 1 && refused[0] == (1, 2, 0.6))
        #expect(kept.count == 3 && !kept.contains { $0 == (1, 2) })
    }
}
