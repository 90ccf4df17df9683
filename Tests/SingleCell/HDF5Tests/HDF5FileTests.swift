import Foundation
import HDF5
import Testing

struct HDF5FileTests {
    private func withFile(_ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("interventome-\(UUID().uuidString).h5")
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path)
    }

    @Test func valuesAttributesAndGroupsAreReadBack() throws {
        try withFile { path in
            let file = try HDF5File(creating: path)
            let group = try file.root.makeGroup("a/b")
            try group.writeAttribute("names", .strings(["x", "ü"]))
            try group.writeAttribute("single", .integers([-7]), shape: [])
            let matrix = try file.root.group("a/b").write("matrix", .doubles([1, 2, 3, 4, 5, 6]), shape: [2, 3])
            try matrix.writeAttribute("isRight", .booleans([true, false]))
            try file.close()

            let root = try HDF5File(reading: path).root
            #expect(try root.names == ["a"])
            let read = try root.group("a/b")
            #expect(try read.attribute("names")?.strings() == ["x", "ü"])
            #expect(try read.attribute("single")?.integers() == [-7])
            #expect(try read.attribute("single")?.shape == [])
            #expect(try read.attribute("absent") == nil)
            let dataset = try read.dataset("matrix")
            #expect(dataset.values.shape == [2, 3])
            #expect(dataset.values.kind == .float(bytes: 8))
            #expect(try dataset.values.floats() == [1, 2, 3, 4, 5, 6])
            #expect(try dataset.values.integers() == [1, 2, 3, 4, 5, 6])
            #expect(try dataset.attribute("isRight")?.booleans() == [true, false])
            let missing = #expect(throws: HDF5Error.self) { try root.dataset("a/c") }
            #expect(missing?.code == "MISSING_ELEMENT" && missing?.element == "/a/c")
            let wrong = #expect(throws: HDF5Error.self) { try dataset.values.strings() }
            #expect(wrong?.code == "DTYPE")
        }
    }

    @Test func manyThreadsMayReadAtOnce() throws {
        try withFile { path in
            let values = (0..<200_000).map { Int64($0) }
            let file = try HDF5File(creating: path)
            try file.root.write("values", .integers(values))
            try file.close()
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                let read = try? HDF5File(reading: path).root.dataset("values").values.integers()
                #expect(read == values)
            }
        }
    }
}
