import Foundation
import Testing

/// `simulate grn`: files that the other verbs read, the same bytes from the same seed, and settings that cannot be.
struct SimulateRegulationTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private static let size = [
        "--set", "genes=8", "--set", "observationalCells=40", "--set", "interventionalCells=24",
    ]

    private func simulate(_ output: String, _ arguments: [String] = size) throws -> Binary.Result {
        try Binary.run(["simulate", "grn", "-o", temporary.path(output)] + arguments)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func filesThatOtherVerbsRead() throws {
        #expect(try simulate("out").status == 0)
        let snapshot = try Snapshot(temporary.path("out"))
        #expect(Set(snapshot.files.keys) == ["data.h5ad", "edges.tsv", "truth.json"])

        let inspected = try object(Binary.run(["inspect", temporary.path("out/data.h5ad"), "--json"]).output)
        #expect(inspected["cells"] as? Int == 64 && inspected["genes"] as? Int == 8)
        #expect(inspected["layers"] as? [String] == ["interventions"])
        let columns = try #require(inspected["obs"] as? [[String: Any]]).compactMap { $0["name"] as? String }
        #expect(columns == ["cell_type", "perturbation", "target", "is_control"])
        #expect((inspected["scale"] as? [String: Any])?["kind"] as? String == "counts")
        #expect((inspected["perturbation"] as? [String: Any])?["control"] as? [String] == ["control"])

        let truth = try object(String(decoding: try #require(snapshot.files["truth.json"]), as: UTF8.self))
        let edges = try #require(truth["edges"] as? [[String: Any]])
        let lines = String(decoding: try #require(snapshot.files["edges.tsv"]), as: UTF8.self).split(separator: "\n")
        #expect(lines.first == "source\ttarget\tweight" && lines.count == edges.count + 1)
        for (edge, line) in zip(edges, lines.dropFirst()) {
            let fields = line.split(separator: "\t")
            #expect(edge["source"] as? String == String(fields[0]) && edge["target"] as? String == String(fields[1]))
            #expect((1...5).contains(abs(try #require(Double(fields[2])))))
        }
        #expect((truth["cleanMeans"] as? [[Double]])?.count == 8)
        #expect(truth["technology"] as? String == "10x-chromium")
        #expect((truth["technicalNoise"] as? [String: Any])?["dropoutShape"] as? Double == 8)

        let predicted = try Binary.run([
            "structure", temporary.path("out/data.h5ad"), "-o", temporary.path("predicted.tsv"),
        ])
        #expect(predicted.status == 0, "\(predicted.error)")
    }

    @Test func theSameSeedTheSameBytes() throws {
        for (name, arguments) in [("a", ["--threads", "1"]), ("b", ["--threads", "2"]), ("c", ["--seed", "1"])] {
            #expect(try simulate(name, Self.size + arguments).status == 0)
        }
        let (a, b, c) = (
            try Snapshot(temporary.path("a")), try Snapshot(temporary.path("b")), try Snapshot(temporary.path("c"))
        )
        #expect(Snapshot.differences(a, b).isEmpty)
        #expect(Set(Snapshot.differences(a, c)) == Set(a.files.keys))
    }

    /// Dataset k does not depend on how many there are; the cost is told.
    @Test func severalDatasets() throws {
        let result = try simulate("three", Self.size + ["--datasets", "3", "--json"])
        #expect(try object(result.output)["datasets"] as? Int == 3)
        #expect(try simulate("one").status == 0)
        let three = try Snapshot(temporary.path("three"))
        let one = try Snapshot(temporary.path("one"))
        // Three files each, and the list of their folders.
        #expect(three.files.count == 10 && three.files["datasets.json"] != nil)
        #expect(three.files["dataset1/data.h5ad"] == one.files["data.h5ad"])
        #expect(three.files["dataset2/data.h5ad"] != one.files["data.h5ad"])
    }

    @Test(arguments: ["train", "ood", "ecoli"]) func presets(name: String) throws {
        let result = try simulate("out", ["--preset", name] + Self.size)
        #expect(result.status == 0, "\(result.error)")
        let truth = try object(String(contentsOfFile: temporary.path("out/truth.json"), encoding: .utf8))
        #expect((truth["cellTypes"] as? [String])?.count == (name == "train" ? 5 : 10))
    }

    @Test func aNetworkOfOnesOwn() throws {
        let file = temporary.path("network.tsv")
        try "TF1\tA\t+\nTF1\tB\t-\nA\tB\t?\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try simulate("out", ["--network", file]).status == 0)
        let edges = try String(contentsOfFile: temporary.path("out/edges.tsv"), encoding: .utf8)
            .split(separator: "\n").dropFirst().map { $0.split(separator: "\t").map(String.init) }
        #expect(edges.map { Array($0.prefix(2)) } == [["A", "B"], ["TF1", "A"], ["TF1", "B"]])
        #expect(try #require(Double(edges[1][2])) > 0 && #require(Double(edges[2][2])) < 0)

        // What was written is simulated again with the same strengths, whatever the seed.
        #expect(try simulate("again", ["--network", temporary.path("out/edges.tsv"), "--seed", "7"]).status == 0)
        let (first, second) = (try Snapshot(temporary.path("out")), try Snapshot(temporary.path("again")))
        #expect(first.files["edges.tsv"] == second.files["edges.tsv"])
        #expect(first.files["data.h5ad"] != second.files["data.h5ad"])

        try "A\tA\t+\nA\tB\t-\n".write(toFile: file, atomically: true, encoding: .utf8)
        expectFourLines(try simulate("loop", ["--network", file]), status: 65, code: "CYCLE")
        let large = (0...5000).map { "r\tg\($0)\t+\n" }.joined()
        try large.write(toFile: file, atomically: true, encoding: .utf8)
        expectFourLines(try simulate("large", ["--network", file]), status: 65, code: "LIMIT", in: file)
        try "A\tB\t+\nB\tA\t-\n".write(toFile: file, atomically: true, encoding: .utf8)
        expectFourLines(try simulate("cycle", ["--network", file]), status: 65, code: "CYCLE")
        try "A B\n".write(toFile: file, atomically: true, encoding: .utf8)
        expectFourLines(try simulate("fields", ["--network", file]), status: 65, code: "CSV_RAGGED")
        expectFourLines(
            try simulate("absent", ["--network", temporary.path("none.tsv")]), status: 66, code: "NOT_FOUND")
    }

    @Test(arguments: [
        ("decays", "[0]"), ("hillCoefficients", "[]"), ("cellTypes", "[0]"), ("basalRates", "[[-1, 2]]"),
        ("technologies", "[sanger]"), ("strengths", "[[3, 1]]"), ("targets", "[0]"), ("genes", "0"),
        ("observationalCells", "10000000"),
    ]) func settingsThatCannotBe(name: String, value: String) throws {
        let result = try simulate("out", ["--set", "\(name)=\(value)"])
        #expect(result.status == 78, "\(result.error)")
        #expect(result.error.contains(name))
        #expect(result.error.split(separator: "\n").count == 4)
        #expect(!FileManager.default.fileExists(atPath: temporary.path("out")))
    }
}
