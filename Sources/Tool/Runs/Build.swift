import Foundation

/// What this build is and which libraries it works with.
public struct Build: Codable, Sendable {
    public static let version = "0.1.0"

    public var version = Build.version
    public var configuration: String
    public var threads: Int

    public static func current(threads: Int) -> Build {
        #if DEBUG
            let configuration = "debug"
        #else
            let configuration = "release"
        #endif
        return Build(configuration: configuration, threads: threads)
    }

    public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }

    public var text: String {
        """
        interventome  \(version) (\(configuration))
        threads       \(threads)
        """
    }
}
