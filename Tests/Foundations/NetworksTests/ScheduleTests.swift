import Testing

@testable import Networks

@Suite struct ScheduleTests {
    @Test func aCosineFallsToItsFloor() {
        let schedule = Schedule.warmupCosine(warmup: 10, total: 110, floor: 0.1)
        #expect(schedule.scale(at: 0) == 0.1 && schedule.scale(at: 9) == 1 && schedule.scale(at: 10) == 1)
        // Rounding of the cosine.
        #expect(abs(schedule.scale(at: 60) - 0.55) < 1e-12)
        #expect(abs(schedule.scale(at: 110) - 0.1) < 1e-12 && abs(schedule.scale(at: 999) - 0.1) < 1e-12)
    }

    /// A cosine after a plateau: until it falls, nothing depends on where it ends.
    @Test func aPlateauEndsInACosine() {
        let schedule = Schedule.warmupStableCosine(warmup: 10, total: 210, decay: 100, floor: 0.1)
        #expect(schedule.scale(at: 0) == 0.1 && schedule.scale(at: 9) == 1 && schedule.scale(at: 110) == 1)
        // Rounding of the cosine.
        #expect(abs(schedule.scale(at: 160) - 0.55) < 1e-12 && abs(schedule.scale(at: 210) - 0.1) < 1e-12)
        let longer = Schedule.warmupStableCosine(warmup: 10, total: 1000, decay: 100)
        #expect((0...110).allSatisfy { schedule.scale(at: $0) == longer.scale(at: $0) })
        let whole = Schedule.warmupStableCosine(warmup: 10, total: 110, decay: 100)
        let cosine = Schedule.warmupCosine(warmup: 10, total: 110)
        #expect((0...120).allSatisfy { whole.scale(at: $0) == cosine.scale(at: $0) })
        #expect(Schedule.warmupStableCosine(warmup: 0, total: 5, decay: 0).scale(at: 4) == 1)
    }

    @Test func aLineFallsToZero() {
        let schedule = Schedule.warmupLinear(warmup: 4, total: 12)
        #expect([0, 3, 4, 8, 12, 13].map(schedule.scale) == [0.25, 1, 1, 0.5, 0, 0])
        #expect(Schedule.warmupLinear(warmup: 0, total: 2).scale(at: 1) == 0.5)
    }

    /// The published schedule: a tenth from step 200,000 on and a hundredth from 300,000 on.
    @Test func piecesAreConstant() {
        let schedule = Schedule.piecewiseConstant(factor: 0.1, steps: [200_000, 300_000])
        #expect([0, 199_999, 200_000, 299_999].map(schedule.scale) == [1, 1, 0.1, 0.1])
        // Rounding of 0.1².
        #expect(abs(schedule.scale(at: 300_000) - 0.01) < 1e-16)
        #expect(Schedule.constant.scale(at: 7) == 1)
    }
}
