import Foundation
import Testing

/// `identify` as a user calls it.
struct IdentifyTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: temporary.url.appendingPathComponent(name))
        return temporary.path(name)
    }

    private func frontDoor() throws -> String {
        try file(
            "front.json",
            #"{"nodes": ["X", "S", "R"], "directed": [["X", "S"], ["S", "R"]], "bidirected": [["X", "R"]]}"#)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func anIdentifiableEffect() throws {
        let result = try Binary.run(["identify", "--graph", frontDoor(), "--query", "P(R | do(X))"])
        #expect(result.status == 0 && result.error.isEmpty)
        #expect(result.output.contains("Σ_{S} [Σ_{X′} P(X′) P(R | S, X′)] P(S | X)"))
        let json = try object(
            Binary.run(["identify", "--graph", frontDoor(), "--query", "P(R | do(X))", "--json"]).output)
        #expect(json["identifiable"] as? Bool == true && json["hedge"] is NSNull)
        #expect((json["steps"] as? [[String: Any]])?.compactMap { $0["line"] as? Int } == [4, 7, 2, 1, 2, 6])
        #expect((json["ast"] as? [Any])?.first as? String == "sum")
        for key in ["estimand", "latex", "milliseconds", "literal", "anyValue"] { #expect(json[key] != nil, "\(key)") }
    }

    @Test func aRefusedEffectEndsWithOne() throws {
        let bow = try file("bow.dot", "digraph { X -> Y; X -> Y [dir=both] }")
        let result = try Binary.run(["identify", "--graph", bow, "--query", "P(Y | do(X))"])
        #expect(result.status == 1 && result.error.isEmpty)
        #expect(result.output.contains("- measure the cause that X and Y share"))
        let json = try Binary.run(["identify", "--graph", bow, "--query", "P(Y | do(X))", "--json"])
        #expect(json.status == 1)
        let hedge = try #require(try object(json.output)["hedge"] as? [String: Any])
        #expect(hedge["F"] as? [String] == ["X", "Y"] && hedge["F_prime"] as? [String] == ["Y"])
        #expect(hedge["R"] as? [String] == ["Y"])
        // The experiment itself answers it.
        let experiment = try Binary.run(
            ["identify", "--graph", bow, "--query", "P(Y | do(X))", "--experiment", "X"])
        #expect(experiment.status == 0)
        #expect(experiment.output.contains("with the experiment do(X), at the asked value of X"))
    }

    @Test func latentNodesOfATable() throws {
        let table = try file("edges.tsv", "source\ttarget\nU\tX\nU\tY\nX\tY\n")
        #expect(try Binary.run(["identify", "--graph", table, "--query", "P(Y | do(X))"]).status == 0)
        #expect(
            try Binary.run(["identify", "--graph", table, "--query", "P(Y | do(X))", "--latent", "U"]).status == 1)
        expectFourLines(
            try Binary.run(["identify", "--graph", table, "--query", "P(Y | do(X))", "--latent", "W"]), status: 65,
            code: "UNKNOWN_NODES", in: "W")
    }

    @Test func aFileOfQueries() throws {
        let batch = try file(
            "batch.json",
            #"""
            {"queries": [
              {"id": "a", "graph": {"nodes": ["X", "Y"], "directed": [["X", "Y"]], "bidirected": []},
               "query": {"outcomes": ["Y"], "treatments": ["X"], "conditions": []}},
              {"id": "b", "graph": {"nodes": ["X", "Y"], "directed": [["X", "Y"]], "bidirected": [["X", "Y"]]},
               "query": {"outcomes": ["Y"], "treatments": ["X"], "conditions": []}}]}
            """#)
        let result = try Binary.run(["identify", "--batch", batch])
        #expect(result.status == 0 && result.error.isEmpty)
        let lines = try result.output.split(separator: "\n").map { try object(String($0)) }
        #expect(lines.map { $0["id"] as? String } == ["a", "b"])
        #expect(lines.map { $0["identifiable"] as? Bool } == [true, false])
        #expect(lines.allSatisfy { Set($0.keys) == ["id", "identifiable", "ast", "hedge", "microseconds"] })
        let bad = try file(
            "bad.json",
            #"{"queries": [{"id": "c", "graph": {"nodes": ["X"]}, "query": {"outcomes": ["Y"], "treatments": []}}]}"#)
        let refused = try Binary.run(["identify", "--batch", bad])
        #expect(refused.status == 65)
        #expect(refused.output.contains("UNKNOWN_NODES"))
    }

    @Test func inputThatCannotBeUsed() throws {
        let graph = try frontDoor()
        func run(_ query: String, _ graph: String) throws -> Binary.Result {
            try Binary.run(["identify", "--graph", graph, "--query", query])
        }
        expectFourLines(try run("P(R | do(X)", graph), status: 64, code: "BAD_QUERY", in: "character 12 of the query")
        expectFourLines(try run("P(R | do(R))", graph), status: 64, code: "OVERLAP", in: "R")
        expectFourLines(try run("P(R, R | do(X))", graph), status: 64, code: "REPEATED", in: "R")
        expectFourLines(try run("P( | do(X))", graph), status: 64, code: "NO_OUTCOMES")
        expectFourLines(try run("P(Q | do(X))", graph), status: 65, code: "UNKNOWN_NODES", in: "front.json, Q")
        expectFourLines(
            try run("P(R | do(X))", temporary.path("none.json")), status: 66, code: "NOT_FOUND", in: "none.json")
        expectFourLines(try run("P(R | do(X))", temporary.url.path), status: 66, code: "UNREADABLE")
        let cycle = try file("cycle.dot", "digraph { A -> B -> A }")
        expectFourLines(try run("P(A)", cycle), status: 65, code: "CYCLE", in: "cycle.dot, A, B")
        let damaged = try file("damaged.json", #"{"nodes": ["A", 1]}"#)
        expectFourLines(try run("P(A)", damaged), status: 65, code: "BAD_GRAPH", in: "damaged.json, /nodes/1")
        expectFourLines(try Binary.run(["identify", "--graph", graph]), status: 64, code: "USAGE", says: "--query")
        try expectJSONError(
            try Binary.run(["identify", "--graph", graph, "--query", "P(", "--json"]), status: 64, code: "BAD_QUERY")
    }
}
