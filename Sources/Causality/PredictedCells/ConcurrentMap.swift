import Foundation

/// What `body` makes of 0, 1, … `count` − 1, in this order, by at most so many threads. Each item is made whole by one
/// thread, so results do not depend on how many there are.
func concurrentMap<Result: Sendable>(
    _ count: Int, workers: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
    let lanes = min(count, max(1, workers))
    guard lanes > 1 else { return (0..<count).map(body) }
    return Array(unsafeUninitializedCapacity: count) { buffer, filled in
        // Every place is written by one lane only.
        nonisolated(unsafe) let places = buffer
        DispatchQueue.concurrentPerform(iterations: lanes) { lane in
            for place in stride(from: lane, to: count, by: lanes) {
                places.initializeElement(at: place, to: body(place))
            }
        }
        filled = count
    }
}
