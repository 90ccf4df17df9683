import Testing

@testable import Formats

@Suite struct DecompressionTests {
    @Test func checksumsAreThoseOfTheStandard() {
        // RFC 3720, B.4, and the usual check value of "123456789".
        #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.of([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.of(Array("123456789".utf8)) == 0xE306_9283)
    }

    private func lz4(_ packed: [UInt8], size: Int) -> [UInt8]? {
        Decompression.lz4([UInt8(size), 0, 0, 0] + packed, size: size, limit: 1000)
    }

    @Test func blocksOfLZ4AreExpanded() {
        // Five literals; a copy of 9 at a distance of 2, over itself; the last literals.
        let block: [UInt8] = [0x55, 1, 2, 3, 4, 5, 2, 0, 0x10, 7]
        #expect(lz4(block, size: 15) == [1, 2, 3, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 7])
        #expect(lz4([0xF0, 0] + (0..<15), size: 15) == Array(0..<15))
        #expect(lz4([0x00], size: 0) == [])
    }

    @Test(
        arguments: [
            [0x55, 1, 2, 3, 4, 5, 6, 0, 0x10, 7],  // a copy from before the start
            [0x55, 1, 2, 3, 4, 5, 0, 0, 0x10, 7],  // from nowhere
            [0x55, 1, 2, 3, 4, 5, 2],  // half a distance
            [0xF0, 255, 255],  // a length without its end
            [0x55, 1, 2], [], [0x5F, 1, 2, 3, 4, 5, 1, 0, 255, 255, 255, 0, 0x10, 1],
        ] as [[UInt8]])
    func damagedBlocksAreRefused(block: [UInt8]) {
        #expect(lz4(block, size: 15) == nil)
    }

    @Test func bombsAreNotUnpacked() {
        // A header of blosc that promises 2 GiB, one of zstd that promises 2^40 bytes.
        let blosc: [UInt8] = [2, 1, 2, 1, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 1, 0, 16, 0, 0, 0]
        #expect(Decompression.blosc(blosc, size: nil, limit: 1 << 20) == nil)
        let zstd: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]
        #expect(Decompression.zstd(zstd, size: nil, limit: 1 << 20) == nil)
        #expect(Decompression.limit(packed: .max / 2) > 0)
    }
}
