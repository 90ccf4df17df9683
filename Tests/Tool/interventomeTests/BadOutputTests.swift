import Foundation
import Testing

/// Output that can't be written: exit code 73, four lines, nothing half-written.
struct BadOutputTests {
    private let screen: SmallScreen
    private let temporary: TemporaryFolder

    init() throws {
        screen = try SmallScreen.shared.get()
        temporary = try TemporaryFolder()
    }

    private func run(into output: String, _ arguments: [String] = []) throws -> Binary.Result {
        try Binary.run(["run", screen.path("config.yaml"), "-o", output] + arguments)
    }

    @Test func aFolderWithOtherFiles() throws {
        try Data("mine".utf8).write(to: temporary.url.appendingPathComponent("mine.txt"))
        let folder = temporary.url.path
        expectFourLines(try run(into: folder), status: 73, code: "OUTPUT_EXISTS", in: folder)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["mine.txt"])
        expectFourLines(try run(into: temporary.path("mine.txt")), status: 73, code: "OUTPUT_EXISTS")
        expectFourLines(
            try Binary.run(["simulate", "screen", "-o", folder]), status: 73, code: "OUTPUT_EXISTS", in: folder)
    }

    @Test func aPlaceBelowAFile() throws {
        try Data("mine".utf8).write(to: temporary.url.appendingPathComponent("mine.txt"))
        expectFourLines(try run(into: temporary.path("mine.txt/out")), status: 73, code: "CANNOT_WRITE")
    }

    @Test(.enabled(if: Mount.isPermitted, "a full disk needs a small tmpfs, which only root may mount"))
    func aFullDisk() throws {
        // Full in preprocess, between stages, in explain, and in report.
        for size in ["16k", "120k", "300k", "600k"] {
            let mount = try Mount(at: temporary.path("disk-\(size)"), options: "size=\(size)")
            let result = try run(into: mount.path + "/out", ["--quiet"])
            expectFourLines(result, status: 73, code: "CANNOT_WRITE", in: mount.path)
            for name in Snapshot.names(in: mount.path, foldersToo: true) {
                #expect(!name.contains(".partial"), "left \(name) on \(size)")
            }
            // What has its final name is whole: another run can use it.
            let finished = try FileManager.default.contentsOfDirectory(atPath: mount.path + "/out/stages")
            for record in finished {
                let data = try Data(contentsOf: URL(fileURLWithPath: mount.path + "/out/stages/" + record))
                #expect((try? JSONSerialization.jsonObject(with: data)) != nil, "\(record) on \(size)")
            }
        }
        let mount = try Mount(at: temporary.path("disk"), options: "size=20k")
        let simulated = try Binary.run(["simulate", "screen", "-o", mount.path + "/sim"] + SmallScreen.size)
        expectFourLines(simulated, status: 73, code: "CANNOT_WRITE", in: mount.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: mount.path).isEmpty)
    }

    /// Root may write everywhere, so the folder is on a file system that takes nothing, or else another's.
    @Test(.enabled(if: getuid() != 0 || Mount.isPermitted, "root may write everywhere and a mount is not permitted"))
    func noPermissionToWrite() throws {
        var mount: Mount?
        if getuid() == 0 {
            mount = try Mount(at: temporary.path("closed"), options: "ro")
        } else {
            try FileManager.default.createDirectory(
                atPath: temporary.path("closed"), withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o555])
        }
        let closed = temporary.path("closed")
        expectFourLines(try run(into: closed + "/out"), status: 73, code: "CANNOT_WRITE", in: closed)
        expectFourLines(try run(into: closed), status: 73, code: "CANNOT_WRITE", in: closed)
        expectFourLines(
            try Binary.run(["simulate", "screen", "-o", closed + "/sim"]), status: 73, code: "CANNOT_WRITE", in: closed)
        #expect(try FileManager.default.contentsOfDirectory(atPath: closed).isEmpty)
        // A folder that can't be written to is no reason not to read from it.
        let read = try Binary.run(
            ["inspect", screen.path("screen.h5ad")], in: URL(fileURLWithPath: closed))
        #expect(read.status == 0)
        withExtendedLifetime(mount) {}
    }

    /// The shell's limit of a file's size, in blocks of 512 bytes.
    @Test(arguments: [1, 40])
    func aFileLargerThanItsLimit(blocks: Int) throws {
        let folder = temporary.url.path
        let store = screen.path("screen.h5ad")
        let limited = ["/bin/sh", "-c", #"ulimit -f \#(blocks) && exec "$0" "$@""#]
        for (name, arguments) in [
            ("copy.h5ad", ["convert", store, "copy.h5ad"]), ("copy.csv", ["convert", store, "copy.csv"]),
            ("simulated", ["simulate", "screen", "-o", "simulated"]),
        ] {
            let result = try Binary.run(arguments + ["-q"], in: temporary.url, wrapper: limited)
            expectFourLines(result, status: 73, code: "CANNOT_WRITE", in: name)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty, "after \(name)")
        }
    }

    @Test func aFullStandardOutput() throws {
        guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
        let result = try Binary.run(
            [screen.path("screen.h5ad")], wrapper: ["/bin/sh", "-c", #"exec "$0" inspect "$1" >/dev/full"#])
        expectFourLines(result, status: 73, code: "CANNOT_WRITE", in: "standard output")
    }

    @Test(arguments: ["2>&-", "2>/dev/full", "2>&- >&-"])
    func aStandardErrorThatTakesNothing(redirection: String) throws {
        guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
        let output = temporary.path("out")
        let result = try Binary.run(
            [screen.path("config.yaml"), output],
            wrapper: ["/bin/sh", "-c", #"exec "$0" run "$1" -o "$2" "# + redirection])
        #expect(result.status == 0)
        let difference = Snapshot.differences(try Snapshot(output), try Snapshot(screen.path("run")))
        #expect(difference.isEmpty)
        let missing = try Binary.run(
            ["missing"], wrapper: ["/bin/sh", "-c", #"exec "$0" inspect "$1" "# + redirection])
        #expect(missing.status == 66)
    }
}

/// A tmpfs, mounted while this value lives.
final class Mount {
    let path: String

    init(at path: String, options: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try #require(Self.call("/usr/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]) == 0)
        self.path = path
    }

    deinit { _ = Self.call("/usr/bin/umount", ["--lazy", path]) }

    /// Whether this process may mount: root in a container often may not.
    static let isPermitted: Bool = {
        guard getuid() == 0, let folder = try? TemporaryFolder() else { return false }
        return (try? Mount(at: folder.path("probe"), options: "size=16k")) != nil
    }()

    private static func call(_ tool: String, _ arguments: [String]) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
