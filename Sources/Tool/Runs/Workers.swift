import CKernels

/// How many cores this process may use. Results do not depend on it.
public enum Workers {
    /// Binds the process to its first `count` cores where it may use more.
    ///
    /// The rooms divide their work over all cores and know no other limit; the operating system keeps it.
    public static func limit(to count: Int) { interventome_limit_cores(Int32(clamping: count)) }
}
