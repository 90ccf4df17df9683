import Foundation

/// What `body` makes of 0, 1, … `count` − 1, in this order, whichever core made it.
/// - Throws: What the first of those that failed threw.
func concurrentMap<Result: Sendable>(
    _ count: Int, _ body: @Sendable (Int) throws -> Result
) throws -> [Result] {
    guard count > 1 else { return try (0..<count).map(body) }
    let slots = UnsafeMutableBufferPointer<Swift.Result<Result, any Error>?>.allocate(capacity: count)
    slots.initialize(repeating: nil)
    defer { slots.deinitialize().deallocate() }
    // Every place is written by one iteration only, and read when all are done.
    nonisolated(unsafe) let places = slots
    DispatchQueue.concurrentPerform(iterations: count) { place in
        places[place] = Swift.Result { try body(place) }
    }
    return try slots.map { slot in
        guard let slot else { preconditionFailure("an iteration left nothing") }
        return try slot.get()
    }
}

/// How many parts keep all cores busy.
var workerCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }
