import Foundation
import Testing

/// `sample` as a user calls it.
struct SampleTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: temporary.url.appendingPathComponent(name))
        return temporary.path(name)
    }

    private func graph() throws -> String {
        try file(
            "front.json",
            #"{"nodes": ["x", "s", "y"], "directed": [["x", "s"], ["s", "y"]], "bidirected": [["x", "y"]]}"#)
    }

    /// A front door of words and numbers: u and x agree three times of four, s follows x and y follows s and u, nine times
    /// of ten each, by counters in place of chance.
    private func rows(_ count: Int = 800, _ change: (Int, inout [String]) -> Void = { _, _ in }) throws -> String {
        var lines = ["x,s,y"]
        for row in 0..<count {
            let u = row % 2
            let x = row / 2 % 4 == 0 ? 1 - u : u
            let s = row / 8 % 10 == 0 ? 1 - x : x
            let y = (row / 80 % 10 == 0 ? 1 - s : s) + u
            var fields = [x == 1 ? "treated" : "not", "\(s)", "\(y)"]
            change(row, &fields)
            lines.append(fields.joined(separator: ","))
        }
        return try file("rows.csv", lines.joined(separator: "\n") + "\n")
    }

    private func sample(_ arguments: [String], data: String? = nil, query: String = "P(y | do(x=treated))") throws
        -> Binary.Result
    {
        try Binary.run(
            ["sample", "--graph", graph(), "--query", query, "--data", data ?? rows()] + arguments, in: temporary.url)
    }

    private func table(_ name: String, separator: Character = ",") throws -> [[String]] {
        try String(contentsOfFile: temporary.path(name), encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        }
    }

    @Test func drawsAreWritten() throws {
        let result = try sample(["-n", "4000", "-o", "draws.csv", "--json"])
        #expect(result.status == 0, "\(result.error)")
        let rows = try table("draws.csv")
        #expect(rows[0] == ["draw", "x", "y"] && rows.count == 4001)
        #expect(rows.dropFirst().allSatisfy { $0[1] == "treated" && ["0", "1", "2"].contains($0[2]) })
        // do(x): s = 1 with .9, so y − u = 1 with .9 · .9 + .1 · .1 = .82; u is 1 half the time: P(y = 2) = .41. Observed,
        // u follows x and P(y = 2 | x) = .75 · .82 = .615. Four standard errors of 4,000 draws are .03.
        let share = Double(rows.count { $0.last == "2" }) / 4000
        #expect(abs(share - 0.41) < 0.04)
        let summary = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(summary["identifiable"] as? Bool == true && summary["draws"] as? Int == 4000)
        let models = try #require((summary["diagnostics"] as? [String: Any])?["models"] as? [[String: Any]])
        #expect(Set(models.compactMap { $0["node"] as? String }) == ["x", "s", "y"])
        #expect(models.contains { ($0["overlap"] as? [String: Any])?["effectiveRows"] != nil })
        // What was assumed of numbers that look like labels.
        #expect(result.error.contains("note: y was taken as a category of 3 labels"))
    }

    @Test func threadsDoNotMatter() throws {
        #expect(try sample(["-o", "one.tsv", "-@", "1", "-q"]).status == 0)
        #expect(try sample(["-o", "two.tsv", "-@", "2", "-q"]).status == 0)
        #expect(
            try Data(contentsOf: temporary.url.appending(path: "one.tsv"))
                == Data(contentsOf: temporary.url.appending(path: "two.tsv")))
    }

    @Test func savedNetworksAnswerOtherValues() throws {
        #expect(try sample(["-o", "first.csv", "--save", "net", "-q"]).status == 0)
        let settings = try file("at.csv", "x\nnot\ntreated\n")
        let arguments = ["sample", "--model", "net", "--query", "P(y | do(x))", "--at", settings, "-q", "-n", "1000"]
        let result = try Binary.run(arguments + ["-o", "second.csv"], in: temporary.url)
        #expect(result.status == 0, "\(result.error)")
        let rows = try table("second.csv")
        #expect(rows.count == 2001 && rows[1][1] == "not" && rows[2000][1] == "treated")
        // The same values ask for the same draws.
        let again = try Binary.run(
            ["sample", "--model", "net", "--query", "P(y | do(x=treated))", "-o", "third.csv", "-q"],
            in: temporary.url)
        #expect(again.status == 0)
        #expect(try table("third.csv") == table("first.csv"))
        expectFourLines(
            try Binary.run(
                ["sample", "--model", "net", "--query", "P(s | do(x=not))", "-o", "no.csv"], in: temporary.url),
            status: 65, code: "MISMATCH", in: "net")
        expectFourLines(
            try Binary.run(
                ["sample", "--model", "none", "--query", "P(y | do(x))", "-o", "no.csv"], in: temporary.url),
            status: 66, code: "UNREADABLE", in: "none")
    }

    @Test func h5adHoldsNumbersAndLabels() throws {
        let data = try rows(800) { row, fields in fields[2] = "\(Double(row % 97) / 10 + Double(fields[2])!)" }
        let result = try sample(
            ["-o", "draws.h5ad", "-q", "--generator", "linear-gaussian"], data: data, query: "P(y, s | do(x=not))")
        #expect(result.status == 0, "\(result.error)")
        let inspection = try Binary.run(["inspect", temporary.path("draws.h5ad"), "--json"])
        #expect(inspection.status == 0)
        let found = try #require(
            try JSONSerialization.jsonObject(with: Data(inspection.output.utf8)) as? [String: Any])
        #expect(found["cells"] as? Int == 1000 && found["firstGenes"] as? [String] == ["y"])
        // The draws serve as data again: genes and obs columns are nodes.
        let back = try file("back.json", #"{"nodes": ["s", "y"], "directed": [["s", "y"]]}"#)
        let again = try Binary.run(
            [
                "sample", "--graph", back, "--query", "P(y | do(s=1))", "--data", "draws.h5ad", "-o", "again.csv",
                "--generator", "linear-gaussian", "-q",
            ], in: temporary.url)
        #expect(again.status == 0, "\(again.error)")
    }

    @Test func aRefusedEffectEndsWithOne() throws {
        let bow = try file("bow.dot", "digraph { x -> y; x -> y [dir=both] }")
        let result = try Binary.run(
            ["sample", "--graph", bow, "--query", "P(y | do(x=not))", "--data", rows(), "-o", "no.csv", "-q"],
            in: temporary.url)
        #expect(result.status == 1)
        #expect(result.output.contains("measure the cause that x and y share"))
        #expect(!FileManager.default.fileExists(atPath: temporary.path("no.csv")))
    }

    // MARK: Bad input

    private func expectRefused(
        _ result: @autoclosure () throws -> Binary.Result, status: Int32 = 65, code: String, in place: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        expectFourLines(try result(), status: status, code: code, in: place, sourceLocation: sourceLocation)
        #expect(!FileManager.default.fileExists(atPath: temporary.path("no.csv")), sourceLocation: sourceLocation)
    }

    @Test func badQuestions() throws {
        let out = ["-o", "no.csv", "-q"]
        try expectRefused(sample(out, query: "P(y | do(x=treated)"), status: 64, code: "BAD_QUERY", in: "character")
        try expectRefused(sample(out, query: "P(| do(x=treated))"), status: 64, code: "NO_OUTCOMES", in: "character")
        try expectRefused(sample(out, query: "P(q | do(x=treated))"), code: "UNKNOWN_NODES", in: "q")
        try expectRefused(sample(out, query: "P(y, y | do(x=treated))"), status: 64, code: "REPEATED", in: "y")
        try expectRefused(sample(out, query: "P(y | do(y=1))"), status: 64, code: "OVERLAP", in: "y")
        try expectRefused(sample(out, query: "P(y | do(x))"), code: "NO_VALUE", in: "x")
        try expectRefused(sample(out, query: "P(y | do(x=half))"), status: 64, code: "UNKNOWN_LABEL", in: "x")
        try expectRefused(sample(["-o", "no.txt"]), status: 64, code: "USAGE", in: "no.txt")
        try expectRefused(sample(out + ["--kind", "q=scalar"]), status: 64, code: "USAGE", in: "q=scalar")
        try expectRefused(sample(out + ["--kind", "y=colour"]), status: 64, code: "USAGE", in: "y=colour")
        try expectRefused(
            sample(out + ["--at", file("at.csv", "x\nnot\n")]), status: 64, code: "AMBIGUOUS", in: "x")
        try expectRefused(
            sample(out + ["--at", file("at.csv", "x,q\nnot,1\n")], query: "P(y | do(x))"), code: "UNKNOWN_NODES",
            in: "q")
        try expectRefused(
            sample(out + ["--at", file("at.csv", "x\nnot\nhalf\n")], query: "P(y | do(x))"), code: "UNKNOWN_LABEL",
            in: "x, row 2")
    }

    @Test func badRows() throws {
        let out = ["-o", "no.csv", "-q"]
        try expectRefused(
            sample(out, data: rows { row, fields in fields[1] = row == 3 ? "" : fields[1] }), code: "MISSING_VALUES",
            in: "s, row 4")
        try expectRefused(sample(out, data: rows { _, fields in fields[1] = "1" }), code: "CONSTANT", in: "s")
        try expectRefused(sample(out, data: rows(8)), code: "TOO_FEW_ROWS", in: "rows.csv")
        try expectRefused(
            sample(out, data: file("less.csv", "x,y\n" + String(repeating: "a,1\nb,2\n", count: 20))),
            code: "MISSING_COLUMN", in: "s")
        try expectRefused(sample(out + ["--kind", "x=scalar"]), code: "CSV_VALUE", in: "x")
        try expectRefused(sample(out, data: temporary.path("none.csv")), status: 66, code: "NOT_FOUND", in: "none.csv")
        let cause = try file("cause.tsv", "source\ttarget\nu\tx\nu\ty\nx\ts\ns\ty\n")
        let measured = try file("measured.csv", "x,s,y,u\n" + String(repeating: "a,1,1,0\nb,2,2,1\n", count: 20))
        try expectRefused(
            Binary.run(
                ["sample", "--graph", cause, "--latent", "u", "--query", "P(y | do(x=a))", "--data", measured] + out,
                in: temporary.url), code: "LATENT", in: "u")
        // s follows x always but for one row: what y does at other pairs is not in the data.
        try expectRefused(
            sample(out, data: rows { row, fields in fields[1] = (fields[0] == "treated") != (row == 0) ? "1" : "0" }),
            code: "FEW_EFFECTIVE_ROWS", in: "s")
        let numbers = try rows { row, fields in fields[0] = "\(Double(row % 50) + (fields[0] == "treated" ? 0.5 : 0))" }
        try expectRefused(
            sample(out + ["--generator", "linear-gaussian"], data: numbers, query: "P(y | do(x=99))"),
            code: "OUTSIDE_SUPPORT", in: "x")
    }
}
