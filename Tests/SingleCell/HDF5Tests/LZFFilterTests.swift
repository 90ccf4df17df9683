import Testing

@testable import HDF5

struct LZFFilterTests {
    @Test func copiesMayOverlapTheirOwnOutput() {
        // Two literal bytes, then six bytes from distance 2: the copy repeats what it has just written.
        let packed: [UInt8] = [1, 0x61, 0x62, 4 << 5, 1]
        var output = [UInt8](repeating: 0, count: 8)
        let length = packed.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { LZFFilter.expand(input, into: $0) }
        }
        #expect(length == 8)
        #expect(output == Array("abababab".utf8))
    }

    @Test(arguments: [[5, 0x61] as [UInt8], [4 << 5, 1], [7 << 5], [1, 0x61, 0x62, 7 << 5, 200, 1]])
    func brokenInputIsRefused(packed: [UInt8]) {
        var output = [UInt8](repeating: 0, count: 8)
        let length = packed.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { LZFFilter.expand(input, into: $0) }
        }
        #expect(length == nil)
    }
}
