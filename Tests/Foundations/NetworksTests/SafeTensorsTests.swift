import Foundation
import Tensors
import Testing

@testable import Networks

/// The files are by the Python package: `Pipelines/Golden/safetensors_fixture.py`, which names their values.
@Suite struct SafeTensorsTests {
    static let small = Result { try Data(contentsOf: goldenFile("Networks/small.safetensors")) }

    @Test func readsWhatThePythonPackageWrote() throws {
        let file = try SafeTensors(file: goldenFile("Networks/small.safetensors").path)
        #expect(file.metadata == ["title \"quoted\"\n": "tab\t, backslash \\, bell \u{7}, ünïcode 🧬"])
        #expect(file["layer.weight"]?.shape == [2, 3])
        #expect(file["layer.weight"]?.values == [0, 0.25, 0.5, 0.75, 1, 1.25])
        #expect(file["layer.bias"]?.values == [-1.5, 3e-8])
        #expect(file["scale"]?.shape == [] && file["scale"]?.values == [2.5])
        #expect(file["empty"]?.shape == [0, 3])
        #expect(file.entries.count == 4)
    }

    /// Byte by byte: so the package reads what we write.
    @Test func writesWhatThePythonPackageWrites() throws {
        let golden = try Self.small.get()
        #expect(try SafeTensors(data: golden).encoded() == golden)
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: file) }
        try SafeTensors(data: golden).write(to: file.path)
        #expect(try Data(contentsOf: file) == golden)
    }

    @Test func readsOtherFloatsThatAreExact() throws {
        let file = try SafeTensors(file: goldenFile("Networks/types.safetensors").path)
        func patterns(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern } }
        let half: [Float] = [
            0, -0.0, 1, -2.5, 0x1p-24, 1023 * 0x1p-24, 0x1p-14, 65504, 1 + 0x1p-10, .infinity, -.infinity, .nan,
        ]
        let brain: [Float] = [0, -0.0, 1, -2.5, 0x1p-133, 0x1.FEp127, 1 + 0x1p-7, .infinity, .nan]
        let double: [Float] = [0, 0.5, -1.25, 0x1p-149, .greatestFiniteMagnitude, .infinity, .nan]
        #expect(patterns(file["half"]?.values ?? []) == patterns(half))
        #expect(patterns(file["brain"]?.values ?? []) == patterns(brain))
        #expect(patterns(file["double"]?.values ?? []) == patterns(double))
    }

    @Test(arguments: ["inexact": "double", "integers": "count"])
    func otherTypesAreRefused(_ name: String, _ element: String) {
        let error = #expect(throws: WeightsError.self) {
            try SafeTensors(file: goldenFile("Networks/\(name).safetensors").path)
        }
        #expect(error?.code == "DTYPE" && error?.element == element)
    }

    @Test func whatIsWrittenIsRead() throws {
        let tensors = SafeTensors(
            entries: [
                .init(name: "z", shape: [2], values: [1, .infinity]),
                .init(name: "a/b \u{1F}\r\u{8}\u{C}", shape: [1, 1], values: [-0.0]),
                .init(name: "none", shape: [0, 3], values: []),
            ], metadata: ["k": "v", "": ""])
        #expect(try SafeTensors(data: tensors.encoded()) == tensors)
    }

    @Test func escapesAreRead() throws {
        let text = #"{"__metadata__": {"a": "\u00e9\uD83E\uddec\/\b\f\n\r\t\\\""}}"#
        #expect(try SafeTensors(data: weightsFile(text)).metadata == ["a": "é🧬/\u{8}\u{C}\n\r\t\\\""])
    }

    @Test func aFileThatIsNotThereIsNamed() {
        let error = #expect(throws: WeightsError.self) { try SafeTensors(file: "/nowhere/w.safetensors") }
        #expect(error?.code == "UNREADABLE" && error?.file == "/nowhere/w.safetensors")
        let folder = #expect(throws: WeightsError.self) { try SafeTensors(file: NSTemporaryDirectory()) }
        #expect(folder?.code == "UNREADABLE" && folder?.message.contains("it is a folder") == true)
        let other = #expect(throws: WeightsError.self) { try SafeTensors(entries: []).write(to: "/nowhere/w") }
        #expect(other?.code == "CANNOT_WRITE" && other?.file == "/nowhere/w")
    }

    @Test func anInterruptedWriteLeavesTheOldFile() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "w.safetensors")
        try Self.small.get().write(to: file)
        #expect(throws: WeightsError.self) {
            try SafeTensors.replace(file.path) { stream in
                fputs("half of", stream)
                return false
            }
        }
        #expect(try Data(contentsOf: file) == Self.small.get())
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["w.safetensors"])
    }
}
