import Foundation

/// Runs the built executable: the one that `INTERVENTOME_BINARY` names, else the one built beside the tests.
enum Binary {
    struct Result {
        var status: Int32
        var output: String
        var error: String
    }

    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["INTERVENTOME_BINARY"] { return path }
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return tests.appendingPathComponent("interventome").path
    }()

    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Starts the binary without waiting for it.
    /// - Parameter wrapper: A command that is to start it, such as `script`, with its arguments.
    static func start(
        _ arguments: [String], in folder: URL? = nil, wrapper: [String] = [], environment: [String: String] = [:]
    ) throws -> (Process, Pipe, Pipe) {
        let process = Process()
        let words = wrapper + [path] + arguments
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        let error = Pipe()
        process.standardOutput = output
        process.standardError = error
        try process.run()
        return (process, output, error)
    }

    static func run(
        _ arguments: [String], in folder: URL? = nil, wrapper: [String] = [], environment: [String: String] = [:]
    ) throws -> Result {
        let (process, output, error) = try start(arguments, in: folder, wrapper: wrapper, environment: environment)
        return wait(for: process, output, error)
    }

    /// What a started binary said in all, once it has ended.
    static func wait(for process: Process, _ output: Pipe, _ error: Pipe) -> Result {
        // Both pipes are drained at the same time, lest the process waits for one of them.
        let errors = Drain(error)
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: text, error: errors.text)
    }

    private final class Drain: @unchecked Sendable {
        private var data = Data()
        private let group = DispatchGroup()

        init(_ pipe: Pipe) {
            DispatchQueue.global().async(group: group) { self.data = pipe.fileHandleForReading.readDataToEndOfFile() }
        }

        var text: String {
            group.wait()
            return String(decoding: data, as: UTF8.self)
        }
    }
}

/// A folder that is removed with the value that owns it.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("interventome-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
