import CHDF5
import Foundation
import Testing

@testable import HDF5

/// Structures that share their bytes, so that a small file stands for more than memory holds.
struct OverlappingStructuresTests {
    /// Bytes put together as the format has them, with a superblock of version 0 at their beginning.
    private struct Crafted {
        var bytes: [UInt8] = HDF5Superblock.signature + [0, 0, 0, 0, 0, 8, 8, 0] + [UInt8](repeating: 0, count: 80)

        static func number(_ number: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }

        static let undefined = [UInt8](repeating: 0xFF, count: 8)

        /// Where the bytes stand.
        mutating func add(_ more: [UInt8], checked: Bool = false) -> Int {
            defer { bytes += more + (checked ? Self.number(Int(lookup3(more[...])), 4) : []) }
            return bytes.count
        }

        func opened(_ body: (FileStructures) throws -> Void) throws {
            var whole = bytes
            whole.replaceSubrange(40..<48, with: Self.number(bytes.count, 8))
            let url = FileManager.default.temporaryDirectory
                .appendingPathComponent("interventome-\(UUID().uuidString).h5")
            defer { try? FileManager.default.removeItem(at: url) }
            try Data(whole).write(to: url)
            try body(FileStructures(url.path, HDF5Superblock.read(url.path)))
        }
    }

    private func node(level: Int, children: [Int]) -> [UInt8] {
        Array("TREE".utf8) + [0, UInt8(level)] + Crafted.number(children.count, 2)
            + Crafted.number(0, 8) + Crafted.number(0, 8)
            + children.flatMap { [UInt8](repeating: 0, count: 8) + Crafted.number($0, 8) }
    }

    /// A tree of two levels is read; one whose second node begins within the first is refused.
    @Test(arguments: [false, true])
    func treesOfTheFirstKind(overlapping: Bool) throws {
        var file = Crafted()
        var first = node(level: 0, children: Array(1...60))
        // The same again from the 8th child on, where the file goes on behind the first.
        let second = node(level: 0, children: Array(1...52))
        if overlapping { first.replaceSubrange(24 + 7 * 16..<24 + 7 * 16 + 24, with: second[..<24]) }
        let at = file.add(first)
        let other = overlapping ? at + 24 + 7 * 16 : file.add(second)
        let root = file.add(node(level: 1, children: [at, other]))
        try file.opened { structures in
            let tree = BTree1(file: structures, kind: .group, keyBytes: 8)
            var leaves = 0
            func walk() throws(HDF5Error) {
                try tree.forEachLeaf(from: UInt64(root)) { (_, _) throws(HDF5Error) in leaves += 1 }
            }
            guard overlapping else {
                try walk()
                #expect(leaves == 112)
                return
            }
            let error = #expect(throws: HDF5Error.self) { try walk() }
            #expect(error?.code == "CORRUPT_HDF5" && error?.message.contains("upon each other") == true)
        }
    }

    /// An index of chunks names three blocks of 32 entries: three, or one of them three times.
    @Test(arguments: [false, true])
    func indexesOfGrowingArrays(overlapping: Bool) throws {
        var file = Crafted()
        func block(_ entries: Int) -> [UInt8] {
            Array("EADB".utf8) + [0, 0] + Crafted.number(0, 8) + [0, 0]
                + (0..<entries).flatMap { Crafted.number($0, 8) }
        }
        let once = file.add(block(32), checked: true)
        let others = (0..<2).map { _ in overlapping ? once : file.add(block(32), checked: true) }
        // The blocks of 16, 32, 32, 32, 64 and 64 entries, and three secondary ones.
        let unset = [[UInt8]](repeating: Crafted.undefined, count: 5)
        let named = [Crafted.undefined] + ([once] + others).map { Crafted.number($0, 8) } + unset
        let index = file.add(
            Array("EAIB".utf8) + [0, 0] + Crafted.number(0, 8) + named.flatMap { $0 }, checked: true)
        // Entries of 8 bytes, numbers of 10 bits, none in the index, 16 at least in a block, 4 pointers, no pages.
        let header = file.add(
            Array("EAHD".utf8) + [0, 0, 8, 10, 0, 16, 4, 31] + [UInt8](repeating: 0, count: 32)
                + Crafted.number(1000, 8) + [UInt8](repeating: 0, count: 8) + Crafted.number(index, 8),
            checked: true)
        try file.opened { structures in
            let array = try ExtensibleArray(structures, at: UInt64(header))
            guard overlapping else {
                #expect(try array.elements().count == 96)
                return
            }
            let error = #expect(throws: HDF5Error.self) { try array.elements() }
            #expect(error?.message.contains("upon each other") == true)
        }
    }

    /// Names that end at the same place: each is another, all together are longer than the file.
    @Test func namesWithinNames() throws {
        var file = Crafted()
        let text = file.add([UInt8](repeating: UInt8(ascii: "a"), count: 300) + [0])
        let heap = file.add(
            Array("HEAP".utf8) + [0, 0, 0, 0] + Crafted.number(301, 8) + Crafted.undefined + Crafted.number(text, 8))
        try file.opened { structures in
            var heap = try LocalHeap(structures, at: UInt64(heap))
            #expect(try heap.text(at: 100) == String(repeating: "a", count: 200))
            let error = #expect(throws: HDF5Error.self) {
                for offset in 0..<3 { _ = try heap.text(at: offset) }
            }
            #expect(error?.message.contains("upon each other") == true)
        }
    }

    /// Texts of one byte each take sixteen in memory: 30 million that were never written are refused.
    @Test func shortTextsThatWereNeverWritten() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("interventome-\(UUID().uuidString).h5")
        defer { try? FileManager.default.removeItem(at: url) }
        let file = try HDF5File(creating: url.path)
        let root = try file.root
        for (name, count) in [("many", 30_000_000), ("few", 1000)] {
            let made: Bool = HDF5Library.locked {
                var chunk = hsize_t(1000)
                guard let type = Handle.type(H5Tcopy(chdf5_c_string())), let space = Handle.space([count]),
                    let creation = Handle.datasetCreation(), H5Pset_chunk(creation.id, 1, &chunk) >= 0
                else { return false }
                return Handle.object(
                    H5Dcreate2(
                        root.place.handle.id, name, type.id, space.id, chdf5_default(), creation.id, chdf5_default()))
                    != nil
            }
            #expect(made)
        }
        try file.close()
        let read = try HDF5File(reading: url.path).root
        #expect(try read.dataset("few").values.strings() == [String](repeating: "", count: 1000))
        let error = #expect(throws: HDF5Error.self) { try read.dataset("many").values.strings() }
        #expect(error?.code == "LIMIT")
    }

    @Test func oneLongTextAmongManyIsNotWrittenAtOneWidth() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("interventome-\(UUID().uuidString).h5")
        defer { try? FileManager.default.removeItem(at: url) }
        let file = try HDF5File(creating: url.path)
        let texts = [String](repeating: "a", count: 20_000) + [String(repeating: "a", count: 80_000)]
        let error = #expect(throws: HDF5Error.self) { try file.root.writeFixedTexts("names", texts) }
        #expect(error?.code == "CANNOT_WRITE" && error?.element == "/names")
    }
}
