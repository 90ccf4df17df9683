import Dispatch
import Foundation

/// Ends the process cleanly on SIGINT and SIGTERM: nothing half-written is left, what is finished stays, exit code 75.
///
/// A stage's outputs get their names only when they are whole, so all there is to do is to remove the scratch files that
/// are open at that moment.
public enum Interruption {
    private static let scratch = Locked<Set<String>>([])
    private static let sources = Locked<[any DispatchSourceSignal]>([])

    /// From now on both signals end the process with `console`'s words and the given hint of how to go on.
    public static func handle(json: Bool, resumeHint: String) {
        let handlers = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
            source.setEventHandler {
                removeScratch()
                let failure = Failure(
                    code: "INTERRUPTED", message: "a signal asked to stop; finished stages are kept",
                    remedy: resumeHint, exit: .interrupted)
                FileHandle.standardError.write(Data(("\n" + (json ? failure.json : failure.fourLines) + "\n").utf8))
                exit(failure.exit.rawValue)
            }
            source.resume()
            return source
        }
        sources.withLock { $0 = handlers }
    }

    /// Runs `body` while `path` is known as a file or folder to be removed should the process be stopped.
    static func guarding<Result>(_ path: String, _ body: () throws -> Result) rethrows -> Result {
        _ = scratch.withLock { $0.insert(path) }
        defer { _ = scratch.withLock { $0.remove(path) } }
        return try body()
    }

    private static func removeScratch() {
        scratch.withLock { paths in
            for path in paths { try? FileManager.default.removeItem(atPath: path) }
        }
    }
}
