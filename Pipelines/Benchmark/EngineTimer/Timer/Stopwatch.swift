import Foundation

/// Seconds of the wall clock and of all of the process's threads together.
struct Stopwatch {
    private let wall = Self.seconds(CLOCK_MONOTONIC)
    private let processor = Self.seconds(CLOCK_PROCESS_CPUTIME_ID)

    var times: [String: Double] {
        [
            "seconds": Self.seconds(CLOCK_MONOTONIC) - wall,
            "processor_seconds": Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - processor,
        ]
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
