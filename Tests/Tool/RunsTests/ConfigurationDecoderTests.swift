import Testing

@testable import Runs

struct ConfigurationDecoderTests {
    struct Inner: Codable, Equatable {
        var seeds = 3
        var rate = 0.5
        var label: String?
        var names: [String] = ["a"]
        var filters: [String: [String]] = [:]
    }
    struct Outer: Codable, Equatable {
        var inner = Inner()
        var on = true
        var seed: UInt64 = 0
    }

    private func decoded(_ yaml: String, sets: [String] = []) throws -> Outer {
        var tree = ConfigurationTree(encoding: Outer()).overlaid(
            with: try ConfigurationTree(yaml: yaml, file: "c.yaml"))
        for set in sets { tree = tree.overlaid(with: try ConfigurationTree(setting: set)) }
        return try ConfigurationDecoder.decode(Outer.self, from: tree, file: "c.yaml")
    }

    @Test func anEmptyFileGivesTheDefaults() throws {
        #expect(try decoded("") == Outer())
        #expect(try decoded("# nothing\n") == Outer())
    }

    @Test func theOrderIsDefaultsFileSet() throws {
        let yaml = """
            on: false
            inner:
              seeds: 5
              label: x
              names: [b, c]
              filters: {time_h: ["24"]}
            """
        let result = try decoded(yaml, sets: ["inner.seeds=7", "seed=18446744073709551615"])
        let inner = Inner(seeds: 7, rate: 0.5, label: "x", names: ["b", "c"], filters: ["time_h": ["24"]])
        #expect(result == Outer(inner: inner, on: false, seed: .max))
    }

    struct Ranged: Codable, Equatable {
        var span: ClosedRange<Int> = 1...2
    }

    @Test func aRangeWithoutItsTwoEndsIsAnError() throws {
        func span(_ yaml: String) throws -> ClosedRange<Int> {
            let tree = try ConfigurationTree(yaml: yaml, file: "c.yaml")
            return try ConfigurationDecoder.decode(Ranged.self, from: tree, file: "c.yaml").span
        }
        #expect(try span("span: [3, 5]") == 3...5)
        for yaml in ["span: []", "span: [3]", "span: [5, 3]"] {
            let failure = #expect(throws: Failure.self) { try span(yaml) }
            #expect(failure?.exit == .badConfiguration && failure?.element == "line 1")
        }
    }

    @Test func aliasesThatMultiplyAreRefused() {
        // Nine levels of ten: a thousand million values.
        var yaml = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        for (before, name) in zip("abcdefgh", "bcdefghi") {
            yaml += "\(name): &\(name) [" + Array(repeating: "*\(before)", count: 10).joined(separator: ",") + "]\n"
        }
        let failure = #expect(throws: Failure.self) { try ConfigurationTree(yaml: yaml, file: "c.yaml") }
        #expect(failure?.exit == .badConfiguration)
    }

    @Test func nullRestoresAnAbsentValue() throws {
        #expect(try decoded("inner: {label: x}", sets: ["inner.label=null"]).inner.label == nil)
    }

    @Test func anUnknownKeyIsNamedWithItsLineAndTheKnownKeys() throws {
        let failure = #expect(throws: Failure.self) { try decoded("on: true\ninner:\n  seed: 5\n") }
        #expect(failure?.element == "line 3")
        #expect(failure?.message == "unknown key 'inner.seed'")
        #expect(failure?.remedy == "known keys here: filters, label, names, rate, seeds")
        #expect(failure?.exit == .badConfiguration)
    }

    @Test func aWrongKindIsNamedWithItsLine() throws {
        let failure = #expect(throws: Failure.self) { try decoded("inner:\n  seeds: many\n") }
        #expect(failure?.element == "line 2")
        #expect(failure?.message == "inner.seeds: expected a whole number, found 'many'")
        #expect(throws: Failure.self) { try decoded("inner: 3") }
        #expect(throws: Failure.self) { try decoded("on: 1") }
        #expect(throws: Failure.self) { try decoded("seed: -1") }
    }

    @Test func brokenYAMLIsNamedWithItsLine() throws {
        let failure = #expect(throws: Failure.self) { try decoded("on: true\ninner: [1, 2\n") }
        #expect(failure?.file == "c.yaml")
        #expect(failure?.element?.hasPrefix("line ") == true)
    }

    @Test func aSettingWithoutValueIsRefused() throws {
        #expect(throws: Failure.self) { try decoded("", sets: ["inner.seeds"]) }
        let failure = #expect(throws: Failure.self) { try decoded("", sets: ["inner.sed=1"]) }
        #expect(failure?.element == "--set inner.sed")
    }

    @Test func theCompleteTreeNamesKeysWithoutAValue() throws {
        let yaml = try ConfigurationDecoder.completeTree(of: Outer()).yaml
        #expect(yaml.contains("  label: null\n"))
        #expect(try decoded(yaml) == Outer())
    }
}
