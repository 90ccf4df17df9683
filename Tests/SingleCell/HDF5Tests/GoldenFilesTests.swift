import Foundation
import HDF5
import Testing

struct GoldenFilesTests {
    private func number(_ value: Any) -> Double? {
        switch value {
        case let text as String: Double(text)
        case let number as NSNumber: number.doubleValue
        default: nil
        }
    }

    private func isSame(_ left: Double, _ right: Double?) -> Bool {
        guard let right else { return false }
        return left == right || left.isNaN && right.isNaN
    }

    @Test(arguments: GoldenFiles.names)
    func valuesAreThoseGivenToTheWriter(name: String) throws {
        let root = try HDF5File(reading: GoldenFiles.path(name)).root
        let expected = try GoldenFiles.expected(name)
        #expect(!expected.isEmpty)
        for (element, entry) in expected {
            let values = try #require(try GoldenFiles.values(element, in: root), "\(element)")
            #expect(values.shape == entry.shape, "\(element)")
            #expect(values.kind.name == entry.kind, "\(element)")
            if entry.kind == "string" {
                #expect(try values.strings() == entry.values as? [String], "\(element)")
                continue
            }
            let found = try values.doubles()
            #expect(found.count == entry.values.count, "\(element)")
            #expect(zip(found, entry.values).allSatisfy { isSame($0, number($1)) }, "\(element): \(found)")
            let floats = try values.floats()
            #expect(zip(floats, found).allSatisfy { isSame(Double($0), Double(Float($1))) }, "\(element)")
            guard entry.kind.contains("int") else { continue }
            #expect(try values.integers().map { Double($0) } == found, "\(element)")
            #expect(try values.smallIntegers() == values.integers().map { Int32(clamping: $0) }, "\(element)")
        }
    }

    /// Parts of any size, in any order, are what the whole holds there.
    @Test(arguments: GoldenFiles.names)
    func partsAreThoseOfTheWhole(name: String) throws {
        let root = try HDF5File(reading: GoldenFiles.path(name)).root
        for (element, entry) in try GoldenFiles.expected(name) where entry.kind != "string" && !entry.shape.isEmpty {
            let values = try #require(try GoldenFiles.values(element, in: root))
            guard values.count > 0 else { continue }
            let whole = try values.doubles().map { $0.isNaN ? -1 : $0 }
            let rows = entry.shape[0]
            let width = whole.count / rows
            for size in [1, 3, max(1, rows / 2), rows] {
                var parts: [Double] = []
                for start in stride(from: 0, to: min(rows, 60), by: size) {
                    parts += try values.doubles(in: start..<min(start + size, rows))
                }
                #expect(parts.map { $0.isNaN ? -1 : $0 } == Array(whole.prefix(parts.count)), "\(element) by \(size)")
            }
            let last = try values.floats(in: rows - 1..<rows)
            #expect(last.count == width, "\(element)")
            #expect(try values.integers(in: 0..<0) == [])
        }
    }

    @Test(arguments: ["earliest.h5", "latest.h5"])
    func whatLeadsNowhereIsRefusedByName(name: String) throws {
        let root = try HDF5File(reading: GoldenFiles.path(name)).root
        for (element, code) in try GoldenFiles.refused(name) {
            let error = #expect(throws: HDF5Error.self, "\(element)") {
                _ = try root.dataset(String(element.dropFirst())).values.doubles()
            }
            #expect(error?.code == code && error?.file == GoldenFiles.path(name), "\(element): \(error?.code ?? "")")
        }
        for element in try GoldenFiles.nulls(name) {
            let values = try #require(try GoldenFiles.values(element, in: root))
            #expect(values.isNull && values.count == 0, "\(element)")
            #expect(try values.doubles() == [])
        }
        #expect(root.contains("links/dangling") && root.contains("links/folder/member 3"))
        #expect(!root.contains("links/none") && !root.contains("links/target/x"))
        #expect(try root.group("links/many").address == root.group("links/folder").address)
        #expect(try root.group("links").names.count == 10)
    }

    /// A wrong byte in a chunk with a checksum is found, whichever it is.
    @Test func damagedChunksAreFound() throws {
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: GoldenFiles.path("earliest.h5"))))
        // The bytes of 0 to 3 as floats divided by 4, where the array without compression has its first chunk's start.
        let needle = [Float](arrayLiteral: 0, 0.25, 0.5, 0.75).withUnsafeBytes { [UInt8]($0) }
        let places = whole.indices.dropLast(needle.count).filter { whole[$0..<$0 + needle.count].elementsEqual(needle) }
        #expect(!places.isEmpty)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("interventome-\(UUID().uuidString).h5")
        defer { try? FileManager.default.removeItem(at: path) }
        var bytes = whole
        for place in places { bytes[place + 5] ^= 0x10 }
        try Data(bytes).write(to: path)
        let root = try HDF5File(reading: path.path).root
        let error = #expect(throws: HDF5Error.self) { try root.dataset("layouts/sum_fixed").values.floats() }
        #expect(error?.code == "CORRUPT_CHUNK" && error?.element == "/layouts/sum_fixed")
        #expect(try root.dataset("layouts/plain_fixed").values.floats()[1] != 0.25)
    }
}
