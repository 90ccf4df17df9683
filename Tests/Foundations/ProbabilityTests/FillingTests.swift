import CKernels
import Foundation
import Testing

@testable import Probability

struct FillingTests {
    /// The first outputs of SplitMix64 seeded with 1234567, as published with many implementations of it.
    @Test func uniformValuesAreThoseOfTheGenerator() {
        let published: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ]
        var values = Array(repeating: Float(0), count: 5)
        kernel_random_uniform(1_234_567, &values, 5)
        #expect(values == published.map { Float($0 >> 40) * 0x1p-24 })
    }

    private func drawn(
        _ count: Int, _ fill: (inout RandomStream, UnsafeMutableBufferPointer<Float>) -> Void
    ) -> [Double] {
        var stream = RandomStream(seed: 11)
        var values = Array(repeating: Float.nan, count: count)
        values.withUnsafeMutableBufferPointer { fill(&stream, $0) }
        return values.map(Double.init)
    }

    /// The largest distance between the distribution functions of n = 100,001 values and of theory, times √n, is above 2.23 with
    /// probability 1e-4; the steps of single precision add less than 0.01. An odd number, so that the last value has no pair.
    @Test func valuesFollowTheirDistributions() {
        let n = 100_001
        func distance(_ values: [Double], _ cdf: (Double) -> Double) -> Double {
            let sorted = values.sorted()
            let gaps = sorted.enumerated().map { place, value in
                max(abs(cdf(value) - Double(place) / Double(n)), abs(cdf(value) - Double(place + 1) / Double(n)))
            }
            return gaps.max()! * Double(n).squareRoot()
        }
        #expect(distance(drawn(n) { $0.fillUniform($1) }) { $0 } < 2.24)
        #expect(distance(drawn(n) { $0.fillNormal($1) }) { 1 - NormalDistribution.standard.upperTail($0) } < 2.24)
        #expect(distance(drawn(n) { $0.fillLaplace($1) }) { $0 < 0 ? exp($0) / 2 : 1 - exp(-$0) / 2 } < 2.24)
        #expect(distance(drawn(n) { $0.fillCauchy($1) }) { 0.5 + atan($0) / .pi } < 2.24)
    }

    /// Moments of normal values, which single precision or a coarse angle would move: with 400,000 values the standard errors
    /// of mean, variance, third and fourth moment are 0.0016, 0.0022, 0.0061 and 0.0155; five of each. The two values of a
    /// pair, and a value and the square of its neighbour, are uncorrelated.
    @Test func normalValuesAreIndependent() {
        let n = 400_000
        let x = drawn(n) { $0.fillNormal($1) }
        func mean(_ value: (Int) -> Double) -> Double { (0..<n).reduce(0) { $0 + value($1) } / Double(n) }
        #expect(abs(mean { x[$0] }) < 0.008 && abs(mean { x[$0] * x[$0] } - 1) < 0.011)
        #expect(abs(mean { pow(x[$0], 3) }) < 0.031 && abs(mean { pow(x[$0], 4) } - 3) < 0.078)
        let half = n / 2
        func paired(_ value: (Double, Double) -> Double) -> Double {
            (0..<half).reduce(0) { $0 + value(x[$1], x[half + $1]) } / Double(half)
        }
        #expect(abs(paired { $0 * $1 }) < 0.0112)
        #expect(abs(paired { ($0 * $0 - 1) * ($1 * $1 - 1) }) < 0.0224)
        #expect(abs(mean { x[$0] * x[($0 + 1) % n] }) < 0.008)
    }

    /// Against the same numbers through Foundation in double precision: a radius from the low, an angle from the high half.
    @Test func normalValuesAgreeWithTheLibrary() {
        let n = 20_000
        var bits = Array(repeating: Float(0), count: n)
        kernel_random_normal(77, &bits, n)
        for i in 0..<n / 2 {
            var z = UInt64(77) &+ UInt64(i + 1) &* 0x9E37_79B9_7F4A_7C15
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            let radius = (-2 * log((Double(UInt32(truncatingIfNeeded: z)) + 0.5) * 0x1p-32)).squareRoot()
            let angle = 2 * Double.pi * Double(Int32(truncatingIfNeeded: z >> 32)) * 0x1p-32
            // Errors of the series and of the angle's rounding stay below 1e-6 of the radius; that of the logarithm near 1,
            // 1e-7, is 4e-4 where the radius itself is that small, which few of 10,000 are.
            let allowed = 2e-6 * radius + 2e-7 / max(radius, 1e-3)
            #expect(abs(Double(bits[i]) - radius * cos(angle)) < allowed)
            #expect(abs(Double(bits[n / 2 + i]) - radius * sin(angle)) < allowed)
        }
    }

    @Test func fillingTakesOneNumberOfTheStream() {
        var (a, b) = (RandomStream(seed: 1), RandomStream(seed: 1))
        let first = a.normals(1000)
        _ = b.next()
        #expect(a == b)
        #expect(a.normals(1000) != first)
        var again = RandomStream(seed: 1)
        #expect(again.normals(1000) == first)
        #expect(a.uniforms(0).isEmpty)
    }
}
