import Foundation
import Tensors
import Testing

@testable import Networks

@Suite struct SafeTensorsTests {
    static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Reference/Golden/small.safetensors")
        .path

    /// The file is from the Python package; the values are those that its script names.
    @Test func readsWhatThePythonPackageWrote() throws {
        let file = try SafeTensors(file: Self.golden)
        #expect(file.metadata == ["title": "a small fixture", "note": "quotes \" and ünïcode"])
        #expect(file["layer.weight"]?.shape == [2, 3])
        #expect(file["layer.weight"]?.values == [0, 0.25, 0.5, 0.75, 1, 1.25])
        #expect(file["layer.bias"]?.values == [-1.5, 3e-8])
        #expect(file["scale"]?.shape == [] && file["scale"]?.values == [2.5])
        #expect(file.entries.count == 3)
    }

    @Test func whatIsWrittenIsRead() throws {
        let tensors = SafeTensors(
            entries: [
                .init(name: "z", shape: [2], values: [1, .infinity]),
                .init(name: "a/b", shape: [1, 1], values: [-0.0]),
                .init(name: "none", shape: [0, 3], values: []),
            ], metadata: ["k": "v"])
        let data = try tensors.encoded()
        let read = try SafeTensors(data: data)
        #expect(read.metadata == tensors.metadata)
        for entry in tensors.entries { #expect(read[entry.name] == entry) }
        #expect(try read.encoded() == data)
    }

    static let damage: [(String, @Sendable (inout Data) -> Void)] = [
        ("an empty file", { $0 = Data() }),
        ("a cut header", { $0 = $0.prefix(20) }),
        ("cut data", { $0 = $0.dropLast(4) }),
        ("data to spare", { $0.append(0) }),
        ("a header length beyond all memory", { $0.replaceSubrange(0..<8, with: Array(repeating: 255, count: 8)) }),
        ("no JSON", { $0[8] = UInt8(ascii: "[") }),
        ("another type", { $0 = replaced($0, "F32", "I32") }),
        ("an impossible shape", { $0 = replaced($0, "[2,3]", "[2,9]") }),
        ("a shape that overflows", { $0 = replaced($0, "[2,3]", "[9223372036854775807,3]") }),
        ("a negative shape", { $0 = replaced($0, "[2,3]", "[-2,-3]") }),
        ("overlapping data", { $0 = replaced($0, "[8,32]", "[0,24]") }),
    ]

    @Test(arguments: damage.indices) func damageIsNamed(_ index: Int) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: Self.golden))
        let before = data
        Self.damage[index].1(&data)
        #expect(data != before, "\(Self.damage[index].0) changes nothing")
        let error = #expect(throws: WeightsError.self, "\(Self.damage[index].0)") {
            try SafeTensors(data: data, file: "w.safetensors")
        }
        #expect(error?.code == "MALFORMED" && error?.file == "w.safetensors")
    }

    /// Any byte of length and header changed: the file is read or refused, never a trap or another kind of error.
    @Test func noChangedByteTraps() throws {
        let original = try Data(contentsOf: URL(fileURLWithPath: Self.golden))
        for place in 0..<(original.count - 36) {
            for change: UInt8 in [1, 2, 16, 128, 255] {
                var data = original
                data[place] ^= change
                do {
                    let tensors = try SafeTensors(data: data)
                    #expect(tensors.entries.allSatisfy { $0.values.count == $0.shape.reduce(1, *) })
                } catch {
                    #expect(error is WeightsError)
                }
            }
        }
    }

    @Test func weightsOfAnotherShapeAreRefused() throws {
        var weights = Weights()
        _ = weights.add("layer.weight", shape: [3, 2], values: Array(repeating: 0, count: 6))
        let file = try SafeTensors(file: Self.golden)
        let error = #expect(throws: WeightsError.self) { try weights.load(file) }
        #expect(error?.code == "MISMATCH" && error?.element == "layer.weight")
        var missing = Weights()
        _ = missing.add("other", shape: [1], values: [0])
        #expect(throws: WeightsError.self) { try missing.load(file) }
    }
}

/// The header with one text in the place of another, and its length set anew.
private func replaced(_ data: Data, _ old: String, _ new: String) -> Data {
    let length = Int(data[0]) | Int(data[1]) << 8
    let header = String(decoding: data[8..<8 + length], as: UTF8.self).replacingOccurrences(of: old, with: new)
    var result = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { result.append(contentsOf: $0) }
    result.append(contentsOf: header.utf8)
    result.append(data[(8 + length)...])
    return result
}
