import Testing

@testable import HDF5

struct UnshuffleTests {
    /// Whole squares of eight elements, and what is left over of them, go different ways.
    @Test(arguments: [1, 2, 3, 4, 8, 16], [0, 1, 7, 8, 9, 24, 31])
    func bytesOfElementsStandTogetherAgain(width: Int, count: Int) {
        let plain = (0..<width * count + width / 2).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 251) }
        var shuffled = plain
        for element in 0..<count {
            for byte in 0..<width { shuffled[byte * count + element] = plain[element * width + byte] }
        }
        var target = [UInt8](repeating: 0, count: plain.count)
        shuffled.withUnsafeBytes { source in
            target.withUnsafeMutableBytes { if source.count > 0 { unshuffle(source, width: width, into: $0) } }
        }
        #expect(target == plain)
    }
}
