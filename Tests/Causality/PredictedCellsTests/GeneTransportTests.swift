import Foundation
import Probability
import Testing

@testable import PredictedCells

struct GeneTransportTests {
    let law = DetectionLaw([])

    func values(_ values: [Double], isFloored: Bool = false) -> GeneValues {
        GeneValues(values.map { Float($0) }, isFloored: isFloored)
    }

    @Test func quantilesGiveBackTheValues() {
        let own = values([3, 1, 2, 5])
        #expect((0..<4).map { own.quantile((Double($0) + 0.5) / 4) } == [1, 2, 3, 5])
        // Half way between the middles of ranks, and beyond the ends.
        #expect(own.quantile(0.75) == 4)
        #expect(own.quantile(0) == 1)
        #expect(own.quantile(1) == 5)
        #expect(values([0, 0, 4, 2], isFloored: true).detection == 0.5)
        #expect(values([0, 0, 4, 2], isFloored: true).mean == 1.5)
    }

    /// The treated distribution is the control's moved.
    @Test(arguments: [0.0, 0.3, 2, -5]) func movedGenesMoveAsTheyAre(shift: Double) {
        var stream = RandomStream(seed: 1)
        let base = (0..<101).map { _ in stream.normal() }
        let transport = GeneTransport(
            base: values(base), isFloored: false,
            templates: [.init(treated: values(base.map { $0 + 2 }), control: values(base), weight: 1)], law: law,
            mean: base.reduce(0, +) / 101 + shift)
        let found = transport.values(101, offset: 0.7)
        // Single precision of numbers below 10.
        for (a, b) in zip(found, base.sorted()) { #expect(abs(Double(a) - b - shift) < 1e-5) }
        // Without templates, too.
        let plain = GeneTransport(
            base: values(base), isFloored: false, templates: [], law: law, mean: base.reduce(0, +) / 101 + shift)
        for (a, b) in zip(plain.values(101, offset: 0), base.sorted()) { #expect(abs(Double(a) - b - shift) < 1e-5) }
    }

    @Test func templatesWidenTheSpread() {
        var stream = RandomStream(seed: 2)
        let base = (0..<400).map { _ in stream.normal() }
        let treated = (0..<400).map { _ in 1 + 2 * stream.normal() }
        func spread(mean: Double) -> Double {
            let found = GeneTransport(
                base: values(base), isFloored: false,
                templates: [.init(treated: values(treated), control: values(base), weight: 1)], law: law, mean: mean
            ).values(400, offset: 0).map(Double.init)
            let centre = found.reduce(0, +) / 400
            return (found.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / 399).squareRoot()
        }
        // The standard deviation of 400 draws varies by 0.07 of 2; quantile levels leave out the outermost 1/128.
        #expect(abs(spread(mean: 1.2) - 2) < 0.25)
        // Half of the change of the mean takes half of the change of the spread.
        #expect(abs(spread(mean: 0.5) - 1.5) < 0.2)
        // A gene that moves the other way stays as it is; 400 draws of 1 vary by 0.035.
        #expect(abs(spread(mean: -1) - 1) < 0.12)
    }

    /// Base cells detect a gene in 20 %, the template in 60 %.
    @Test(arguments: [0.45, 0.8, 1.1, 1.6]) func zerosLieBetweenControlAndTemplate(mean: Double) {
        var stream = RandomStream(seed: 3)
        func cells(_ detection: Double, _ level: Double) -> [Double] {
            (0..<500).map { _ in stream.bernoulli(detection) ? level + 0.4 * stream.uniform() : 0 }
        }
        let (base, treated) = (values(cells(0.2, 1.5), isFloored: true), values(cells(0.6, 1.8), isFloored: true))
        let transport = GeneTransport(
            base: base, isFloored: true, templates: [.init(treated: treated, control: base, weight: 1)], law: law,
            mean: mean)
        let found = transport.values(2000, offset: 0.4)
        // Exact but for single precision.
        #expect(abs(found.reduce(0) { $0 + Double($1) } / 2000 - mean) < 1e-5)
        #expect(found.allSatisfy { $0 >= 0 })
        let detection = Double(found.count { $0 > 0 }) / 2000
        if mean < treated.mean {
            #expect(detection > base.detection && detection < treated.detection)
        } else {
            #expect(detection > treated.detection)
        }
    }

    /// The template itself comes back where its own mean is asked for.
    @Test func templatesComeBack() {
        var stream = RandomStream(seed: 4)
        let base = values((0..<800).map { _ in Double(max(0, stream.normal())) }, isFloored: true)
        let treated = values((0..<800).map { _ in Double(max(0, stream.normal() + 0.8)) }, isFloored: true)
        let transport = GeneTransport(
            base: base, isFloored: true, templates: [.init(treated: treated, control: base, weight: 1)], law: law,
            mean: treated.mean)
        // Counts are drawn together by 1/800 of each other.
        #expect(abs(transport.detection - treated.detection) < 0.005)
        let found = transport.values(800, offset: 0.5).filter { $0 > 0 }.map(Double.init)
        let middle = found[found.count / 2]
        // Half a level of the 64, where 570 values are 1/250 apart.
        #expect(abs(middle - treated.quantile(0.5)) < 0.03)
    }

    @Test(arguments: [-1.0, 0, 1e-4, 0.01, 3]) func meansAreMetFromAlmostNothing(mean: Double) {
        let silent = values([Double](repeating: 0, count: 50), isFloored: true)
        let transport = GeneTransport(base: silent, isFloored: true, templates: [], law: law, mean: mean)
        let found = transport.values(10_000, offset: 0.5)
        #expect(found.allSatisfy { $0 >= 0 && $0.isFinite })
        // One cell in 10,000 more or less: 1e-4 of the value 1 of a gene never seen.
        #expect(abs(found.reduce(0) { $0 + Double($1) } / 10_000 - max(0, mean)) < 1.1e-4)
    }

    @Test func genesAlwaysDetectedStaySo() {
        let base = values((0..<40).map { 2 + 0.01 * Double($0) }, isFloored: true)
        let transport = GeneTransport(
            base: base, isFloored: true, templates: [.init(treated: base, control: base, weight: 1)], law: law,
            mean: 2.5)
        #expect(transport.detection == 1)
        let found = transport.values(40, offset: 0.9)
        #expect(abs(found.reduce(0) { $0 + Double($1) } / 40 - 2.5) < 1e-5)
    }

    @Test func oneBaseCellAndEmptyTemplates() {
        let empty = GeneValues([], isFloored: true)
        for isFloored in [false, true] {
            let one = values([1.5], isFloored: isFloored)
            let transport = GeneTransport(
                base: one, isFloored: isFloored, templates: [.init(treated: empty, control: one, weight: 1)], law: law,
                mean: 2)
            let found = transport.values(7, offset: 0)
            // Single precision.
            #expect(abs(found.reduce(0) { $0 + Double($1) } / 7 - 2) < 1e-5)
        }
    }
}
