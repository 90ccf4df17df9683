import Testing

@testable import Reports

@Suite struct AxisScaleTests {
    /// By hand from Heckbert's table: the rough step span/target is rounded to 1, 2, 5 or 10 times a power of ten
    /// (below 1.5, 3, 7).
    @Test(arguments: [
        (10.0, 5, 2.0), (1, 5, 0.2), (7, 5, 1), (8, 5, 2), (100, 4, 20), (0.003, 5, 0.0005), (1234, 5, 200),
        (40, 5, 10),
    ])
    func stepIsNice(span: Double, target: Int, step: Double) {
        #expect(abs(AxisScale.niceStep(span: span, target: target) / step - 1) < 1e-12)
    }

    @Test func ticksCoverTheValues() {
        let scale = AxisScale([-0.83, 1.91], from: 0, to: 300)
        #expect(scale.ticks.map(\.label) == ["−1.0", "−0.5", "0.0", "0.5", "1.0", "1.5", "2.0"])
        #expect(scale.position(-1) == 0)
        #expect(abs(scale.position(0.5) - 150) < 1e-9)
        #expect(scale.position(2) == 300)
    }

    @Test func unroundedAxisEndsAtTheValues() {
        let scale = AxisScale([3, 47], from: 0, to: 44, rounded: false)
        #expect(scale.ticks.map(\.label) == ["10", "20", "30", "40"])
        #expect(scale.position(3) == 0)
        #expect(scale.position(47) == 44)
    }

    @Test func decadesOfALogarithmicAxis() {
        let scale = AxisScale([10, 100, 1000, 10000], from: 0, to: 300, kind: .logarithmic)
        #expect(scale.ticks.map(\.label) == ["10", "100", "1,000", "10,000"])
        #expect(abs(scale.position(100) - 100) < 1e-9)
    }

    @Test func zeroDoseStandsHalfADecadeLeft() {
        let scale = AxisScale([0, 1, 10], from: 0, to: 150, kind: .logarithmic)
        #expect(scale.ticks.map(\.label) == ["0", "1", "10"])
        #expect(scale.position(0) == 0)
        #expect(abs(scale.position(1) - 50) < 1e-9)
    }

    @Test(arguments: [[], [.nan], [.infinity, .nan], [0], [4, 4], [-2], [1e300], [1e-300, 2e-300]] as [[Double]])
    func oddValuesStillGiveAnAxis(values: [Double]) {
        for kind in [AxisScale.Kind.linear, .logarithmic] {
            let scale = AxisScale(values, from: 0, to: 100, kind: kind)
            #expect(scale.upper > scale.lower)
            #expect(scale.ticks.allSatisfy { scale.position($0.value).isFinite })
        }
    }
}
