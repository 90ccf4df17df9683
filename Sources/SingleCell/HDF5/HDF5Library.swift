import CHDF5
import Foundation

/// The library behind files that are written. It keeps global state and must not be entered by two threads at once, so every call
/// goes through `locked`.
enum HDF5Library {
    private static let lock = NSRecursiveLock()

    /// Filters may not be loaded from shared objects that an environment variable names, and the library does nothing at
    /// the end of the program: after a failed write that would end in a crash.
    private static let prepared: Bool = {
        H5dont_atexit() >= 0 && H5open() >= 0 && H5PLset_loading_state(0) >= 0
    }()

    static func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        precondition(prepared, "the HDF5 library does not start")
        chdf5_silence_errors()
        return try body()
    }
}

/// An identifier of the library, closed with its last owner.
final class Handle: Sendable {
    let id: hid_t
    private let close: @Sendable (hid_t) -> Void

    /// - Returns: nil where `id` says that the call which made it failed.
    init?(_ id: hid_t, close: @escaping @Sendable (hid_t) -> Void) {
        guard id >= 0 else { return nil }
        self.id = id
        self.close = close
    }

    deinit {
        HDF5Library.locked { close(id) }
    }

    static func type(_ id: hid_t) -> Handle? { Handle(id) { H5Tclose($0) } }
    static func space(_ id: hid_t) -> Handle? { Handle(id) { H5Sclose($0) } }
    static func properties(_ id: hid_t) -> Handle? { Handle(id) { H5Pclose($0) } }
    static func attribute(_ id: hid_t) -> Handle? { Handle(id) { H5Aclose($0) } }
    static func object(_ id: hid_t) -> Handle? { Handle(id) { H5Oclose($0) } }
}

/// The release of the HDF5 library that writes, such as `1.10.8`.
public func hdf5Version() -> String {
    HDF5Library.locked {
        var (major, minor, release) = (UInt32(0), UInt32(0), UInt32(0))
        return H5get_libversion(&major, &minor, &release) < 0 ? "unknown" : "\(major).\(minor).\(release)"
    }
}
