import CKernels
import Foundation

/// How many cores this process may use. Results do not depend on it.
public enum Workers {
    /// Binds the process to its first `count` cores where it may use more.
    ///
    /// The rooms divide their work over all cores and know no other limit; the operating system keeps it.
    public static func limit(to count: Int) { interventome_limit_cores(Int32(clamping: count)) }

    /// What `body` makes of each item, in the order of the items, whichever core made it.
    ///
    /// - Parameter report: The share that is done and the item done last; called by one thread at a time.
    /// - Throws: What the first of the items that failed threw.
    static func map<Item: Sendable, Result: Sendable>(
        _ items: [Item], report: @Sendable (_ fraction: Double, _ item: Item) -> Void = { _, _ in },
        _ body: @Sendable (Item) throws -> Result
    ) throws -> [Result] {
        let results = Locked([Swift.Result<Result, any Error>?](repeating: nil, count: items.count))
        let done = Locked(0)
        DispatchQueue.concurrentPerform(iterations: items.count) { place in
            let result = Swift.Result { try body(items[place]) }
            results.withLock { $0[place] = result }
            done.withLock {
                $0 += 1
                report(Double($0) / Double(items.count), items[place])
            }
        }
        return try results.withLock { try $0.compactMap { try $0?.get() } }
    }
}
