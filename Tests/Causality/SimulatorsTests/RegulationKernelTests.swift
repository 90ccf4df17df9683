import CKernels
import Foundation
import Probability
import Testing

@testable import Simulators

struct RegulationKernelTests {
    static let normals: [Float] = {
        var stream = RandomStream(seed: 11)
        return stream.normals(1 << 16)
    }()

    /// Relative error as documented. The exponent and the half response are compared as the kernel has them, in `Float`.
    @Test func hillFunctionsAgreeWithDoublePrecision() {
        var values: [Float] = [0, 1e-30, 1e-10, 1e-3, 0.5, 1, 1.5, 2, 7, 100, 1e6, 1e30]
        values += Self.normals.prefix(1000).map { abs($0) * 3 }
        for exponent in [0.5, 1, 1.9, 2, 2.5, 4] {
            for half in [0.01, 1, 3.75] {
                let power = Float(pow(half, exponent))
                var found = values
                kernel_hill(
                    values, Float(exponent), Array(repeating: power, count: values.count), &found, values.count)
                for (x, y) in zip(values, found) {
                    // The exponent and the power as the kernel has them; what it cannot hold (2^±126) is 0 or 1.
                    let p = min(0x1p126, pow(Double(x), Double(Float(exponent))))
                    let expected = p < 0x1p-126 ? 0 : p / (Double(power) + p)
                    let tolerance = expected * 1e-6 * (1 + exponent * abs(log(max(1e-30, Double(x)))))
                    #expect(abs(Double(y) - expected) <= tolerance + 0x1p-125 / Double(power), "\(x) to \(exponent)")
                }
            }
        }
    }

    /// Where the half response is 0 its regulator was never seen expressed: any expression is saturating.
    @Test func hillFunctionsOfAbsentRegulators() {
        var found: [Float] = [9, 9]
        kernel_hill([0, 0.5], 2, [0, 0], &found, 2)
        #expect(found == [0, 1])
    }

    /// Every step against its equation in double precision; a step rounds about five times, each by at most 2⁻²⁴ of
    /// terms that stay below 20.
    @Test(arguments: [1, 5, 37]) func stepsObeyTheirEquation(lanes: Int) {
        let steps = 200
        let normals = Array(Self.normals.prefix(2 * steps * lanes))
        let production = (0..<steps * lanes).map { Float($0 % 7) * 0.5 }
        var x = [Float](repeating: 1, count: (steps + 1) * lanes)
        let (dt, decay, noise) = (0.01, 0.8, 1.5)
        kernel_langevin(production, normals, Float(dt), Float(decay), Float(noise), &x, steps, lanes)
        var clamped = 0
        for place in 0..<steps * lanes {
            let (p, old) = (Double(production[place]), Double(x[place]))
            let diffusion =
                p.squareRoot() * Double(normals[place])
                + (decay * old).squareRoot() * Double(normals[steps * lanes + place])
            let expected = old + dt * (p - decay * old) + dt.squareRoot() * noise * diffusion
            #expect(abs(Double(x[lanes + place]) - max(0, expected)) < 1e-5)
            if expected < 0 { clamped += 1 }
        }
        #expect(clamped > 0 || lanes == 1)
    }

    /// The stationary law of a gene that nothing regulates, closed form for steps of length dt: mean P/λ, variance
    /// P ζ² / (λ (1 − λ dt/2)). Here λ dt/2 = 0.1, ten standard errors of the variance of 20,000 lanes (√(2/n) = 1 %);
    /// five are allowed. With ζ = 0.2 zero lies seven standard deviations away, so the bound there plays no part.
    @Test func stationaryMomentsOfAMasterRegulator() {
        let (lanes, steps) = (20_000, 40)
        let (production, decay, noise, dt) = (4.0, 2.0, 0.2, 0.1)
        var stream = RandomStream(seed: 12)
        let normals = stream.normals(2 * steps * lanes)
        var x = [Float](repeating: 1, count: (steps + 1) * lanes)
        // Of the distance 1 from the start to the mean 0.8⁴⁰ = 1.3e-4 is left, a sixteenth of a standard error of the mean.
        kernel_langevin(
            Array(repeating: Float(production), count: steps * lanes), normals, Float(dt), Float(decay), Float(noise),
            &x, steps, lanes)
        let last = x.suffix(lanes).map(Double.init)
        let n = Double(lanes)
        let mean = last.reduce(0, +) / n
        let variance = last.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        let expected = production * noise * noise / (decay * (1 - decay * dt / 2))
        #expect(abs(mean - production / decay) < 5 * (expected / n).squareRoot())
        #expect(abs(variance / expected - 1) < 5 * (2 / n).squareRoot())
    }
}
