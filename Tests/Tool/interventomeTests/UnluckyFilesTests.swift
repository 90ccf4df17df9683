import Foundation
import Testing

/// Names and kinds of files that nobody means well with, or that one has without knowing: read and written by the verbs
/// that take any file.
struct UnluckyFilesTests {
    private let screen: SmallScreen
    private let temporary: TemporaryFolder

    init() throws {
        screen = try SmallScreen.shared.get()
        temporary = try TemporaryFolder()
    }

    /// A tool that waits for a pipe is ended by `timeout`, with status 124.
    private func run(_ arguments: [String]) throws -> Binary.Result {
        try Binary.run(arguments, wrapper: ["/usr/bin/timeout", "20"])
    }

    private func makePipe(_ name: String) throws -> String {
        try #require(mkfifo(temporary.path(name), 0o600) == 0)
        return temporary.path(name)
    }

    // MARK: Input

    @Test(arguments: ["pipe.h5ad", "pipe.csv"])
    func aPipeIsNotWaitedFor(name: String) throws {
        let pipe = try makePipe(name)
        expectFourLines(try run(["inspect", pipe]), status: 66, code: "UNREADABLE", in: pipe, says: "pipe")
        let copy = temporary.path("copy.h5ad")
        expectFourLines(try run(["convert", pipe, copy]), status: 66, code: "UNREADABLE", in: pipe)
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path) == [name])
    }

    @Test func aPipeAmongTheFilesOfAFolder() throws {
        let folder = temporary.path("tenx")
        try #require(try Binary.run(["convert", screen.path("screen.h5ad"), folder, "-q"]).status == 0)
        try FileManager.default.removeItem(atPath: folder + "/barcodes.tsv.gz")
        let pipe = try makePipe("tenx/barcodes.tsv.gz")
        expectFourLines(try run(["inspect", folder]), status: 66, code: "UNREADABLE", in: pipe)
    }

    @Test func devices() throws {
        for device in ["/dev/null", "/dev/zero"] {
            expectFourLines(try run(["inspect", device]), status: 66, code: "UNREADABLE", in: device, says: "device")
        }
    }

    @Test func aLinkThatLeadsToItself() throws {
        let link = temporary.path("link.h5ad")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: link)
        expectFourLines(try run(["inspect", link]), status: 66, code: "NOT_FOUND", in: link)
    }

    /// A size is a claim: a table with a hole of a terabyte behind its lines gets no room for a terabyte of numbers before
    /// the line with a field too many is met.
    @Test func aTableWithAHole() throws {
        let path = temporary.path("hole.csv")
        let rows = (1...600).map { "cell\($0),1,2\n" }.joined()
        try Data(("name,ACTB,GAPDH\n" + rows + "last,1,2,3\n").utf8).write(to: URL(fileURLWithPath: path))
        try #require(truncate(path, 1 << 40) == 0)
        expectFourLines(try run(["inspect", path]), status: 65, code: "CSV_RAGGED", in: "line 602")
    }

    @Test(
        .enabled(
            if: getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv"),
            "becoming another user takes root and setpriv"))
    func whatAnotherUserKeepsClosed() throws {
        let folder = temporary.path("tenx")
        try #require(try Binary.run(["convert", screen.path("screen.h5ad"), folder, "-q"]).status == 0)
        let file = temporary.path("closed.h5ad")
        try FileManager.default.copyItem(atPath: screen.path("screen.h5ad"), toPath: file)
        chmod(temporary.url.path, 0o755)
        for path in [folder, file] {
            chmod(path, 0)
            let result = try Binary.run(
                ["inspect", path],
                wrapper: ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
            expectFourLines(result, status: 66, code: "UNREADABLE", in: path)
        }
    }

    // MARK: Names

    @Test(arguments: [
        "two words.h5ad", "quote'\"s.h5ad", "first\nsecond.h5ad", "Ἀριστοτέλης.h5ad", "🧬🧫.h5ad", "--dash.h5ad",
        "%s%n.h5ad", "star*?[].h5ad", String(repeating: "n", count: 250) + ".h5ad",
        String(repeating: "γ", count: 124) + ".tsv.gz", String(repeating: "t", count: 255),
    ])
    func anyNameIsWrittenAndRead(name: String) throws {
        let written = try Binary.run(
            ["convert", "-q", "--", screen.path("screen.h5ad"), name], in: temporary.url)
        try #require(written.status == 0, "\(written.error)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path) == [name])
        let read = try Binary.run(
            ["inspect", "--set", "read.orientation=cellsByGenes", "--", name], in: temporary.url)
        #expect(read.status == 0 && read.output.contains("cells         260"), "\(read.error)")
    }

    /// Four lines stay four, and a name moves no cursor.
    @Test func aNameIsToldOnOneLine() throws {
        let result = try run(["inspect", temporary.path("first\nsecond\u{1B}[2J.h5ad")])
        expectFourLines(result, status: 66, code: "NOT_FOUND", in: #"first\nsecond\u{1B}[2J.h5ad"#)
        #expect(!result.error.contains("\u{1B}"))
    }

    // MARK: Output

    /// Neither a device nor a pipe is replaced by a file, whatever is forced.
    @Test(arguments: ["convert", "preprocess"])
    func aPipeAsOutput(verb: String) throws {
        let pipe = try makePipe("pipe.h5ad")
        let place = verb == "convert" ? [pipe] : ["-o", pipe]
        let result = try run([verb, screen.path("screen.h5ad")] + place + ["--force"])
        expectFourLines(result, status: 73, code: "CANNOT_WRITE", in: pipe, says: "pipe")
        var status = stat()
        #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }

    @Test func anEmptyName() throws {
        expectFourLines(try run(["convert", screen.path("screen.h5ad"), ""]), status: 64, code: "USAGE")
    }

    @Test(
        .enabled(if: Mount.isPermitted, "a full disk needs a small tmpfs, which only root may mount"),
        arguments: ["o.h5ad", "o.h5", "o.tsv", "o.csv.gz", "folder"])
    func aFullDisk(name: String) throws {
        let mount = try Mount(at: temporary.path("disk"), options: "size=8k")
        let result = try run(["convert", screen.path("screen.h5ad"), mount.path + "/" + name, "-q"])
        expectFourLines(result, status: 73, code: "CANNOT_WRITE", in: mount.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: mount.path).isEmpty)
    }

    /// Where the tool stands, for whom and in which tongue changes no byte.
    @Test func theSurroundingsChangeNothing() throws {
        let surroundings: [[String: String]] = [
            ["LANG": "C", "LC_ALL": "C"],
            ["LC_ALL": "de_DE.UTF-8", "HOME": "/nowhere", "TMPDIR": "/nowhere", "TZ": "x"],
        ]
        for (place, environment) in surroundings.enumerated() {
            let folder = temporary.url.appendingPathComponent("\(place)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            let source = screen.path("screen.h5ad")
            for arguments in [
                ["convert", source, "a.h5ad"], ["convert", source, "b.tsv.gz"], ["convert", source, "tenx"],
                ["preprocess", source, "-o", "c.h5ad", "--set", "preprocess.scale=counts"],
                [
                    "compare", source, "-o", "d.tsv", "--groupby", "perturbation", "--reference", "control", "--scale",
                    "counts", "--permutations", "20",
                ],
            ] {
                let result = try Binary.run(
                    arguments + ["-q", "-@", "\(place + 1)"], in: folder, environment: environment)
                #expect(result.status == 0, "\(result.error)")
            }
        }
        let (one, other) = (try Snapshot(temporary.path("0")), try Snapshot(temporary.path("1")))
        #expect(one.files.count == 8 && Snapshot.differences(one, other).isEmpty)
    }
}
