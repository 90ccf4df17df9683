import Foundation
import Probability
import Tensors
import Testing

@testable import Networks

/// A file of that header and that many zeros behind it.
func weightsFile(_ header: String, zeros: Int = 0) -> Data {
    var result = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    result.append(contentsOf: header.utf8)
    result.append(Data(count: zeros))
    return result
}

/// Files that are damaged, and what is said of them.
@Suite struct DamagedWeightsTests {
    static func tensor(_ shape: String, _ offsets: String) -> String {
        "{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    /// Header, zeros behind it, the name at fault, part of the message.
    static let headers: [(header: String, zeros: Int, element: String?, message: String)] = [
        ("[]", 0, nil, "expected {, found []"),
        ("", 0, nil, "found its end"),
        ("{\"a\":{\"b\":{\"c\":{}}}}", 0, "a", "expected dtype, shape and data_offsets, found b"),
        ("{\"a\":\(String(repeating: "[", count: 100_000))", 0, "a", "expected {"),
        ("{\"a\":\(tensor(String(repeating: "[", count: 100_000), "[0,4]"))}", 4, "a", "expected a whole number"),
        ("{\"a\":\(tensor("[1]", "[0,4]")),\"a\":\(tensor("[1]", "[4,8]"))}", 8, nil, "the name a comes twice"),
        ("{\"a\":{\"shape\":[1],\"shape\":[1]}}", 0, "a", "the name shape comes twice"),
        ("{\"__metadata__\":{\"k\":\"v\",\"k\":\"v\"}}", 0, "__metadata__", "the name k comes twice"),
        ("{\"__metadata__\":{\"k\":1}}", 0, "__metadata__", "expected \", found 1}}"),
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "a", "two data_offsets"),
        ("{\"a\":\(tensor("[1]", "[0,4,8]"))}", 4, "a", "two data_offsets"),
        ("{\"a\":\(tensor("[-1]", "[0,4]"))}", 4, "a", "found -1"),
        ("{\"a\":\(tensor("[1.0]", "[0,4]"))}", 4, "a", "found 1.0"),
        ("{\"a\":\(tensor("[1e0]", "[0,4]"))}", 4, "a", "found 1e0"),
        ("{\"a\":\(tensor("[01]", "[0,4]"))}", 4, "a", "found 01"),
        ("{\"a\":\(tensor("[9223372036854775808]", "[0,4]"))}", 4, "a", "found 9223372036854775808"),
        ("{\"a\":\(tensor("[9223372036854775807,9]", "[0,4]"))}", 4, "a", "impossible"),
        ("{\"a\":\(tensor("[4611686018427387904]", "[0,0]"))}", 0, "a", "impossible"),
        ("{\"a\":\(tensor("[2]", "[0,4]"))}", 4, "a", "does not fill"),
        ("{\"a\":\(tensor("[1]", "[4,0]"))}", 4, "a", "does not fill"),
        ("{\"a\":\(tensor("[1]", "[0,4]")),\"b\":\(tensor("[1]", "[2,6]"))}", 6, "b", "begin at 2, expected 4"),
        ("{\"a\":\(tensor("[1]", "[0,4]")),\"b\":\(tensor("[1]", "[0,4]"))}", 4, "b", "begin at 0, expected 4"),
        ("{\"a\":\(tensor("[1]", "[0,4]")),\"b\":\(tensor("[1]", "[8,12]"))}", 12, "b", "begin at 8, expected 4"),
        ("{\"a\":\(tensor("[2]", "[0,8]"))}", 4, "a", "data end at 8, the file's at 4"),
        ("{\"a\":\(tensor("[1]", "[0,4]"))}", 5, nil, "expected 4 bytes of data, found 5"),
        ("{\"a\":\(tensor("[1]", "[0,4]"))} x", 4, nil, "expected the end of the header"),
        ("{\"a", 0, nil, "a text without its end"),
        ("{\"\\uD83E\":1}", 0, nil, "half a character"),
        ("{\"\\uZZZZ\":1}", 0, nil, "four hexadecimal digits"),
        ("{\"\\x\":1}", 0, nil, "a backslash before"),
        ("{\"\n\":1}", 0, nil, "a control character"),
    ]

    @Test(arguments: headers.indices) func damagedHeadersAreNamed(_ index: Int) {
        let damage = Self.headers[index]
        let error = #expect(throws: WeightsError.self) {
            try SafeTensors(data: weightsFile(damage.header, zeros: damage.zeros), file: "w.safetensors")
        }
        #expect(error?.code == "MALFORMED" && error?.file == "w.safetensors" && error?.element == damage.element)
        #expect(error?.message.contains(damage.message) == true, "\(error?.message ?? "")")
    }

    @Test func damagedLengthsAreNamed() throws {
        func message(_ data: Data) -> String {
            #expect(throws: WeightsError.self) { try SafeTensors(data: data) }?.message ?? ""
        }
        let whole = try SafeTensorsTests.small.get()
        #expect(message(Data()).contains("found 0"))
        #expect(message(whole.prefix(7)).contains("found 7"))
        #expect(message(whole.prefix(20)).contains("the file's end after 12"))
        #expect(message(Data(repeating: 255, count: 20)).contains("at most 100000000 bytes"))
        #expect(message(whole.dropLast()).contains("the file's at"))
        var header = whole
        header[12] = 0xFF
        #expect(message(header).contains("not UTF-8"))
    }

    /// Changed bytes, cuts, insertions and repetitions at random places: the file is read, to the same values where the
    /// data were left alone, or refused; never a trap, never another kind of error.
    @Test func noDamageTraps() throws {
        let original = try SafeTensorsTests.small.get()
        let dataStart = 8 + Int(original[0]) + Int(original[1]) << 8
        let intact = try SafeTensors(data: original)
        var like = Weights()
        for entry in intact.entries where !entry.values.isEmpty {
            _ = like.add(entry.name, shape: entry.shape, values: entry.values)
        }
        var generator = RandomStream(seed: 1)
        var (read, refused) = (0, 0)
        for _ in 0..<3000 {
            var data = original
            let place = Int.random(in: 0..<dataStart, using: &generator)
            let length = Int.random(in: 1...8, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: data[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: data[place] = "\"\\{}[],:0-.e \u{0}".utf8.randomElement(using: &generator)!
            case 2: data = data.prefix(Int.random(in: 0..<data.count, using: &generator))
            case 3: data.removeSubrange(place..<place + length)
            default: data.insert(contentsOf: original[place..<place + length], at: place)
            }
            var weights = like
            do {
                var tensors = try SafeTensors(data: data)
                tensors.entries.removeAll { $0.values.isEmpty }
                try weights.load(tensors)
                #expect(weights.values == like.values)
                read += 1
            } catch {
                #expect(error is WeightsError)
                refused += 1
            }
        }
        // Damage to the text of the metadata is no damage to the weights.
        #expect(read > 100 && refused > 1000)
    }

    static let weights: Weights = {
        var weights = Weights()
        for name in ["a", "b", "c", "d", "e"] { _ = weights.add("net." + name, shape: [1], values: [0]) }
        return weights
    }()

    private func error(_ change: (inout [SafeTensors.Entry]) -> Void) -> WeightsError? {
        var entries = Self.weights.entries(prefix: "w/")
        change(&entries)
        var weights = Self.weights
        let error = #expect(throws: WeightsError.self) {
            try weights.load(SafeTensors(entries: entries), prefix: "w/", file: "f")
        }
        #expect(weights == Self.weights && error?.file == "f")
        return error
    }

    @Test func weightsOfAnotherNetworkAreRefused() throws {
        let missing = error { $0.removeFirst(4) }
        #expect(missing?.code == "MISMATCH" && missing?.element == "w/net.a")
        #expect(missing?.message == "expected 5 tensors, 4 are missing: w/net.a, w/net.b, w/net.c and 1 more")
        let unknown = error { $0.append(.init(name: "w/net.f", shape: [], values: [1])) }
        #expect(unknown?.code == "MISMATCH" && unknown?.message == "expected 5 tensors, found 1 others: w/net.f")
        let shape = error { $0[1] = .init(name: "w/net.b", shape: [1, 1], values: [1]) }
        #expect(shape?.code == "MISMATCH" && shape?.message == "expected the shape [1], found [1, 1]")
        for value in [Float.nan, .infinity, -.infinity] {
            let wild = error { $0[2] = .init(name: "w/net.c", shape: [1], values: [value]) }
            #expect(wild?.code == "NOT_FINITE" && wild?.element == "w/net.c")
        }
        // What lies behind another prefix does not matter.
        var weights = Self.weights
        let other = SafeTensors.Entry(name: "moment", shape: [], values: [.nan])
        try weights.load(SafeTensors(entries: weights.entries(prefix: "w/") + [other]), prefix: "w/")
    }
}
