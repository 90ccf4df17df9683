import Testing

@testable import Preprocessing

struct ValueProfileTests {
    /// Around 2²³ single precision goes over from halves to whole numbers.
    private let values: [Float] = [
        0, 1, -1, 0.5, -0.5, 255, .nan, .infinity, -.infinity, -0.0, 4_194_304.5, -4_194_303.5, 8_388_607.5, 8_388_607,
        -8_388_609, 1e30, -.leastNonzeroMagnitude, 3, 2.9999998, 7,
    ]

    /// Counted one by one, with the rounding of the standard library.
    @Test(arguments: 0...20)
    func countsAreThoseOfSingleValues(count: Int) {
        let values = Array(values[..<count])
        let finite = values.filter(\.isFinite)
        var profile = ValueProfile(smallest: 2, largest: 2)
        values.withUnsafeBytes { profile.add($0) }
        #expect(profile.zeroCount == values.filter { $0 == 0 }.count)
        #expect(profile.negativeCount == finite.filter { $0 < 0 }.count)
        #expect(profile.notWholeCount == finite.filter { $0 != $0.rounded() }.count)
        #expect(profile.notFiniteCount == count - finite.count)
        #expect(profile.smallest.min() == finite.reduce(2, min))
        #expect(profile.largest.max() == finite.reduce(2, max))
    }
}
