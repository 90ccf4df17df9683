import Foundation

/// Numbers in decimal notation, read from bytes as they lie in the file.
enum TextNumber {
    private static let powersOfTen: [Double] = (0...22).map { pow(10, Double($0)) }

    /// The number that the bytes spell, spaces around it left out, as `strtod` rounds it: `12`, `-0.5`, `+1.`, `.5`, `1e-05`.
    /// nil for anything else: no infinities, no NaN, no digits grouped by separators.
    ///
    /// Where the digits are below 2⁵³ and the power of ten is exact, one multiplication or division rounds correctly
    /// (Clinger 1990); elsewhere the C library decides.
    /// - Parameter text: not at the end of its buffer: at least one byte that does not belong to a number follows.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard var place = text.baseAddress else { return nil }
        var end = place + text.count
        while place < end, place.pointee == 0x20 { place += 1 }
        while place < end, (end - 1).pointee == 0x20 { end -= 1 }
        let start = place
        guard place < end else { return nil }
        let isNegative = place.pointee == UInt8(ascii: "-")
        if isNegative || place.pointee == UInt8(ascii: "+") { place += 1 }
        var digits: UInt64 = 0
        var exponent = 0
        var kept = 0
        let whole = place
        scan(&place, end, &digits, &kept)
        var found = place - whole
        exponent += found - kept
        if place < end, place.pointee == UInt8(ascii: ".") {
            place += 1
            let fraction = place
            let before = kept
            scan(&place, end, &digits, &kept)
            found += place - fraction
            exponent -= kept - before
        }
        guard found > 0 else { return nil }
        if place < end, place.pointee | 0x20 == UInt8(ascii: "e") {
            place += 1
            let isDown = place < end && place.pointee == UInt8(ascii: "-")
            if isDown || place < end && place.pointee == UInt8(ascii: "+") { place += 1 }
            let first = place
            var power = 0
            while place < end, place.pointee &- 0x30 <= 9 {
                if power < 100_000 { power = power * 10 + Int(place.pointee - 0x30) }
                place += 1
            }
            guard place > first else { return nil }
            exponent += isDown ? -power : power
        }
        guard place == end else { return nil }
        if digits <= 1 << 53, kept == found, abs(exponent) <= 22 {
            let value =
                exponent < 0
                ? Double(digits) / powersOfTen[-exponent] : Double(digits) * powersOfTen[exponent]
            return isNegative ? -value : value
        }
        let value = strtod(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self), nil)
        return value.isFinite ? value : nil
    }

    /// Reads digits; of the number, the first nineteen that count are kept.
    @inline(__always)
    private static func scan(
        _ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ digits: inout UInt64, _ kept: inout Int
    ) {
        while place < end {
            let digit = place.pointee &- 0x30
            guard digit <= 9 else { return }
            if kept < 19 {
                digits = digits &* 10 &+ UInt64(digit)
                kept += 1
            }
            place += 1
        }
    }
}
