import Testing

@testable import Concurrency

struct ConcurrentMapTests {
    @Test(arguments: [nil, 1, 3, 100]) func everyItemIsMadeOnceAndStandsInItsPlace(workers: Int?) {
        #expect(concurrentMap(1000, workers: workers) { $0 * $0 } == (0..<1000).map { $0 * $0 })
    }

    @Test func nothingIsMadeOfNothing() {
        #expect(concurrentMap(0) { "\($0)" }.isEmpty)
    }
}
