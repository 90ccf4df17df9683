import Foundation
import Testing

@testable import Formats

/// The arrays of `Pipelines/Golden/zarr_stores.py`, whose values have a closed form.
@Suite struct ZarrArrayTests {
    static let versions = [2, 3]

    private func store(_ version: Int) throws -> ZarrGroup {
        try ZarrStore.root(ZarrFixture.path("arrays_v\(version)"))
    }

    private static func count(_ place: Int) -> Int { place * 37 % 11 }
    private static let tableValues = (0..<7).flatMap { row in (0..<5).map { Int64(10 * row + $0) } }
    private static let texts = (0..<3).flatMap { _ in ["", "a", "βγ", "drug 10 µM"] }

    @Test(arguments: versions)
    func everyTypeAndCodecGivesTheSameCounts(version: Int) throws {
        let store = try store(version)
        let names = try store.names.filter { name in
            ["type_", "blosc_", "codec_", "big_i", "big_f"].contains { name.hasPrefix($0) } && name != "codec_bz2"
        }
        #expect(names.count == (version == 2 ? 26 : 17))
        for name in names {
            let values = try ZarrFixture.values(store, name)
            let found = try values.doubles()
            let expected = (0..<300).map { place -> Double in
                switch values.kind {
                case .boolean: Self.count(place) % 3 == 0 ? 1 : 0
                case .float: Double(Self.count(place) - 5) / 4
                case .integer(_, signed: false): Double(Self.count(place))
                default: Double(Self.count(place) - 5)
                }
            }
            #expect(found == expected, "\(name)")
            #expect(try values.floats() == expected.map { Float($0) }, "\(name)")
            #expect(try values.integers() == expected.map { Int64($0) }, "\(name)")
            #expect(try values.booleans() == expected.map { $0 != 0 }, "\(name)")
            // Chunks of 200: inside one, across the border, up to the end, nothing.
            for range in [3..<9, 190..<210, 200..<300, 7..<7] {
                #expect(try values.smallIntegers(in: range) == expected[range].map { Int32($0) }, "\(name)")
                #expect(try values.doubles(in: range) == Array(expected[range]), "\(name)")
            }
        }
    }

    @Test(arguments: versions)
    func tablesOfEveryLayoutHoldTheSame(version: Int) throws {
        let store = try store(version)
        let names =
            version == 2
            ? ["table", "table_columns", "table_slash", "larger_chunk"]
            : ["table", "table_columns", "table_dots", "shards", "shards_start", "larger_chunk"]
        for name in names {
            let values = try ZarrFixture.values(store, name)
            #expect(values.shape == [7, 5])
            #expect(try values.integers() == Self.tableValues, "\(name)")
            for rows in [0..<1, 2..<5, 3..<7, 6..<7] {
                let expected = Self.tableValues[rows.lowerBound * 5..<rows.upperBound * 5].map { Float($0) }
                #expect(try values.floats(in: rows) == expected, "\(name)")
            }
        }
        for name in version == 2 ? ["cube"] : ["cube", "cube_turned"] {
            #expect(try ZarrFixture.values(store, name).integers() == (0..<24).map { Int64($0) }, "\(name)")
        }
    }

    @Test(arguments: versions)
    func textsAndRecordsAreRead(version: Int) throws {
        let store = try store(version)
        for name in ["texts", "fixed_utf32"] + (version == 2 ? ["big_U10"] : ["shards_texts"]) {
            let values = try ZarrFixture.values(store, name)
            #expect(values.kind == .string)
            #expect(try values.strings { _ in } == Self.texts, "\(name)")
        }
        #expect(try ZarrFixture.values(store, "fixed_bytes").strings { _ in } == ["ab", "", "xyz"])
        let records = try store.array("records")
        #expect(records.values.kind == .compound(fields: ["count", "score", "code", "name", "passed"]))
        #expect(try records.field("count").integers() == [1, -2, 3])
        #expect(try records.field("score").doubles() == [0.5, .infinity, 2.5])
        #expect(try records.field("code").strings { _ in } == ["ab", "", "c"])
        #expect(try records.field("name").strings { _ in } == ["µ", "long", ""])
        #expect(try records.field("passed").booleans() == [true, false, true])
        if version == 3 { #expect(try ZarrFixture.values(store, "bytes").strings { _ in } == ["a", "", "ccc"]) }
    }

    @Test(arguments: versions)
    func whatWasNeverWrittenIsTheFillValue(version: Int) throws {
        let store = try store(version)
        #expect(try ZarrFixture.values(store, "fill_nan").floats().allSatisfy(\.isNaN))
        #expect(try ZarrFixture.values(store, "fill_infinity").doubles() == [-.infinity, -.infinity, -.infinity])
        #expect(try ZarrFixture.values(store, "fill_text").strings { _ in } == ["none", "none", "none"])
        #expect(try ZarrFixture.values(store, "fill_half").integers() == [-7, -7, -7, 1, 2, 3])
        #expect(try ZarrFixture.values(store, "scalar").doubles() == [2.5])
        #expect(try ZarrFixture.values(store, "scalar").shape.isEmpty)
        #expect(try ZarrFixture.values(store, "empty").floats().isEmpty)
        if version == 3 {
            #expect(try ZarrFixture.values(store, "shards_holes").integers() == [-7, -7, 1, 2, -7, -7, -7, -7])
        }
    }

    @Test(arguments: versions)
    func attributesAreValues(version: Int) throws {
        let store = try store(version)
        #expect(try store.attribute("text")?.strings { _ in } == ["β\n\"\\ 𝄞"])
        #expect(store.attribute("text")?.shape == [])
        #expect(try store.attribute("number")?.doubles() == [2.5])
        #expect(try store.attribute("count")?.integers() == [7])
        #expect(try store.attribute("truth")?.booleans() == [true])
        #expect(store.attribute("truth")?.kind == .boolean)
        #expect(try store.attribute("texts")?.strings { _ in } == ["a", "b"])
        #expect(try store.attribute("counts")?.integers() == [1, 2])
        #expect(store.attribute("counts")?.shape == [2])
        #expect(try store.attribute("mixed")?.doubles() == [1, 2.5])
        #expect(store.attribute("nothing")?.isNull == true)
        #expect(store.attribute("empty")?.count == 0)
        #expect(store.attribute("object")?.kind == .other("JSON"))
        #expect(store.attribute("none") == nil)
    }

    @Test func codecsThatAreNotKnownAreNamed() throws {
        for (array, codec) in [("codec_bz2", "bz2"), ("filter_delta", "delta")] {
            let error = #expect(throws: FormatError.self) { try store(2).array(array) }
            #expect(error?.code == "FILTER_UNAVAILABLE" && error?.element == "/\(array)")
            #expect(error?.message.contains("'\(codec)'") == true)
        }
    }

    @Test func wrongKindsAreRefused() throws {
        let store = try store(3)
        for body in [
            { try ZarrFixture.values(store, "texts").floats().count },
            { try store.array("records").values.integers().count },
            { try ZarrFixture.values(store, "table").strings { _ in }.count },
        ] {
            #expect(#expect(throws: FormatError.self) { try body() }?.code == "DTYPE")
        }
    }
}
