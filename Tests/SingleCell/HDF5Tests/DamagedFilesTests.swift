import Foundation
import HDF5
import Testing

/// Whatever the bytes of a file are: it is read, or refused with an error of the room. Nothing may end the program.
struct DamagedFilesTests {
    /// SplitMix64.
    private struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private func damaged(_ whole: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = whole
        if Int.random(in: 0..<12, using: &random) == 0 {
            bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
        }
        for _ in 0...Int.random(in: 0..<6, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let extreme = ([0, 0x7F, 0x80, 0xFF] as [UInt8]).randomElement(using: &random)!
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = extreme
            default: for offset in 0..<min(8, bytes.count - place) { bytes[place + offset] = extreme }
            }
        }
        return bytes
    }

    /// - Returns: How many elements were refused.
    private func readEverything(_ path: String, _ elements: [String]) throws -> Int {
        var refused = 0
        func attempt(_ body: () throws -> Void) throws {
            do { try body() } catch let error as HDF5Error {
                refused += 1
                #expect(error.file == path && !error.message.isEmpty && !error.remedy.isEmpty)
            }
        }
        try attempt {
            let root = try HDF5File(reading: path).root
            try attempt { _ = try root.names }
            for element in elements {
                try attempt {
                    guard let values = try GoldenFiles.values(element, in: root) else { return }
                    if values.kind == .string {
                        _ = try values.strings()
                    } else {
                        _ = try values.floats()
                        if let rows = values.shape.first, rows > 1 { _ = try values.integers(in: 1..<rows) }
                    }
                }
            }
        }
        return refused
    }

    @Test(arguments: [("earliest.h5", 250), ("latest.h5", 250), ("userblock.h5", 1500)])
    func damagedFilesAreReadOrRefused(name: String, count: Int) throws {
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: GoldenFiles.path(name))))
        let elements = try GoldenFiles.expected(name).keys.sorted().filter { !$0.contains("member") }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("interventome-\(UUID().uuidString).h5")
        defer { try? FileManager.default.removeItem(at: path) }
        var random = SeededGenerator(state: 7)
        var refused = 0
        for _ in 0..<count {
            try Data(damaged(whole, &random)).write(to: path)
            if try readEverything(path.path, elements) > 0 { refused += 1 }
        }
        #expect(refused > count / 4)
    }
}
