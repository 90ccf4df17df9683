import Foundation
import Testing

@testable import Interventions

@Suite struct TargetUnionTests {
    @Test("Certain shifts add up, hard ones meet in the middle, and targets are joined by noisy-or")
    func closedForms() {
        let sure = [TargetUnion.Part(logit: 40, location: 2, logScale: 0.2), .init(logit: 40, location: -0.5)]
        let shift = TargetUnion(sure, kind: .shift).value
        #expect(abs(shift.location - 1.5) < 1e-12 && abs(shift.logScale - 0.2) < 1e-12)
        #expect(abs(TargetUnion(sure, kind: .hard).value.location - 0.75) < 1e-12)
        // 1 − (1 − 1/2)(1 − 1/2) = 3/4, log-odds log 3.
        let even = TargetUnion([.init(logit: 0, location: 1), .init(logit: 0, location: 3)], kind: .shift).value
        #expect(abs(even.logit - log(3.0)) < 1e-12)
        // E(Σ I m | any) = (1/2 + 3/2) / (3/4)
        #expect(abs(even.location - 2 / 0.75) < 1e-12)
        let none = TargetUnion([.init(logit: -.infinity), .init(logit: -.infinity)], kind: .shift)
        #expect(none.value.logit == -.infinity && none.value.location == 0)
    }

    @Test("Slopes are those of central differences", arguments: [InterventionKind.shift, .hard])
    func slopes(kind: InterventionKind) {
        let parts = [
            TargetUnion.Part(logit: 0.4, location: 1.5, logScale: -0.3),
            .init(logit: -1.2, location: -2, logScale: 0.5),
            .init(logit: 2, location: 0.3, logScale: 0.1),
        ]
        let outer = TargetUnion.Part(logit: 0.7, location: -1.1, logScale: 2.3)
        func value(_ parts: [TargetUnion.Part]) -> Double {
            let union = TargetUnion(parts, kind: kind).value
            return outer.logit * union.logit + outer.location * union.location + outer.logScale * union.logScale
        }
        let found = TargetUnion(parts, kind: kind).backward(outer)
        for part in parts.indices {
            for (key, slope) in [
                (\TargetUnion.Part.logit, found[part].logit), (\.location, found[part].location),
                (\.logScale, found[part].logScale),
            ] {
                var (up, down) = (parts, parts)
                up[part][keyPath: key] += 1e-6
                down[part][keyPath: key] -= 1e-6
                // Central differences of values of order 1 are right to 10⁻⁹.
                #expect(abs((value(up) - value(down)) / 2e-6 - slope) < 1e-8)
            }
        }
    }
}
