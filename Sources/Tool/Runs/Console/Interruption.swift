import Dispatch
import Foundation

/// Ends the process cleanly on SIGINT and SIGTERM: nothing half-written is left, what is finished stays, exit code 75.
///
/// A stage's outputs get their names only when they are whole, so all there is to do is to remove the scratch files that
/// are open at that moment.
public enum Interruption {
    private static let scratch = Locked<Set<String>>([])
    private static let isUnderway = Locked(false)
    private static let sources = Locked<[any DispatchSourceSignal]>([])
    /// Whether some work ends by itself when asked to, and whether it was asked.
    private static let isAwaiting = Locked(false)
    private static let isAsked = Locked(false)

    /// From now on both signals end the process with `console`'s words and the given hint of how to go on.
    public static func handle(json: Bool, resumeHint: String) {
        let handlers = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
            source.setEventHandler {
                // The second signal does not wait.
                let isFirst = isAsked.withLock { asked in
                    defer { asked = true }
                    return !asked
                }
                if isFirst, isAwaiting.withLock({ $0 }) { return }
                isUnderway.withLock { $0 = true }
                removeScratch()
                let failure = Failure(
                    code: "INTERRUPTED", message: "a signal asked to stop; finished stages are kept",
                    remedy: resumeHint, exit: .interrupted)
                StandardStreams.tell("\n" + (json ? failure.json : failure.fourLines) + "\n")
                // Without the libraries' farewells: other threads are still at work in them.
                _exit(failure.exit.rawValue)
            }
            source.resume()
            return source
        }
        sources.withLock { $0 = handlers }
    }

    /// Runs `body`, which keeps what it has done by itself as soon as it finds `isAskedToStop`.
    static func awaiting<Result>(_ body: () throws -> Result) rethrows -> Result {
        isAwaiting.withLock { $0 = true }
        defer { isAwaiting.withLock { $0 = false } }
        return try body()
    }

    /// Whether a signal asked to stop.
    static var isAskedToStop: Bool { isAsked.withLock { $0 } }

    /// Never returns while the process is being stopped: what fails then, fails because its scratch files are gone.
    public static func waitIfUnderway() {
        while isUnderway.withLock({ $0 }) { pause() }
    }

    /// Runs `body` while `path` is known as a file or folder to be removed should the process be stopped.
    static func guarding<Result>(_ path: String, _ body: () throws -> Result) rethrows -> Result {
        _ = scratch.withLock { $0.insert(path) }
        waitIfUnderway()
        defer { _ = scratch.withLock { $0.remove(path) } }
        return try body()
    }

    /// The threads at work may still add files to a folder that is being removed, so it takes a few attempts.
    private static func removeScratch() {
        let paths = scratch.withLock { $0 }
        for _ in 0..<100 {
            for path in paths { try? FileManager.default.removeItem(atPath: path) }
            if paths.allSatisfy({ !FileManager.default.fileExists(atPath: $0) }) { return }
            usleep(1000)
        }
    }
}
