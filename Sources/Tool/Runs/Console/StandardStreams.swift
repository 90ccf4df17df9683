import Foundation

/// The two streams that a process is given to write to, whatever state they are in.
public enum StandardStreams {
    /// To be called first: gives a stream that the caller closed to `/dev/null`, lest a file that is opened later gets its
    /// number and our words; and has a write beyond the limit of a file's size (`ulimit -f`) fail like any other, where the
    /// system's signal would end the process and leave what was half written.
    public static func secure() {
        signal(SIGXFSZ, SIG_IGN)
        for number: Int32 in 0...2 where fcntl(number, F_GETFD) == -1 { _ = open("/dev/null", O_RDWR) }
    }

    /// Words for the user. A stream that takes none is no reason to stop.
    public static func tell(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    /// To be called last: results that standard output did not take are an error.
    public static func finish() throws(Failure) {
        guard fflush(nil) == 0 else { throw .unwritable("standard output") }
    }
}
