import Foundation

/// The value that stands where a chunk was never written, as the metadata give it.
struct ZarrFill: Sendable, Equatable {
    /// One element as a chunk would have it; empty for texts of varying length.
    let bytes: [UInt8]
    /// The text, where texts vary in length.
    let text: String

    /// - Returns: nil where the value does not fit the type.
    init?(_ json: JSONValue?, _ type: ZarrDataType) {
        text = json?.string ?? ""
        let bytes: [UInt8]? =
            switch json ?? .null {
            case .null: [UInt8](repeating: 0, count: type.width)
            case let json: Self.bytes(json, type)
            }
        guard let bytes else { return nil }
        self.bytes = bytes
    }

    private static func bytes(_ json: JSONValue, _ type: ZarrDataType) -> [UInt8]? {
        let zeros = [UInt8](repeating: 0, count: type.width)
        switch type.layout {
        case .variable: return []
        case .opaque: return zeros
        case .number: return number(json, type)
        case .utf32:
            guard case .string(let text) = json else { return zeros }
            let units = text.unicodeScalars.flatMap { scalar in
                ordered(UInt64(scalar.value), width: 4, isBigEndian: type.isBigEndian)
            }
            return units.count <= type.width ? units + zeros.dropFirst(units.count) : nil
        case .bytes, .record:
            guard case .string(let text) = json, !text.isEmpty else { return zeros }
            guard let data = Data(base64Encoded: text), data.count <= type.width else { return nil }
            return Array(data) + zeros.dropFirst(data.count)
        }
    }

    private static func number(_ json: JSONValue, _ type: ZarrDataType) -> [UInt8]? {
        let pattern: UInt64? =
            switch (type.kind, json) {
            case (.boolean, .boolean(let truth)): truth ? 1 : 0
            case (.boolean, .integer(let number)): number == 0 ? 0 : 1
            case (.integer, .integer(let number)): UInt64(bitPattern: number)
            // Beyond the largest signed number.
            case (.integer, .number(let number)): UInt64(exactly: number.rounded()) ?? .max
            case (.float(let width), .integer(let number)): floatPattern(Double(number), width)
            case (.float(let width), .number(let number)): floatPattern(number, width)
            case (.float(let width), .string(let name)): floatPattern(named: name, width)
            default: nil
            }
        return pattern.map { ordered($0, width: type.width, isBigEndian: type.isBigEndian) }
    }

    private static func floatPattern(named name: String, _ width: Int) -> UInt64? {
        switch name {
        case "NaN": floatPattern(.nan, width)
        case "Infinity": floatPattern(.infinity, width)
        case "-Infinity": floatPattern(-.infinity, width)
        default: name.hasPrefix("0x") ? UInt64(name.dropFirst(2), radix: 16) : nil
        }
    }

    private static func floatPattern(_ number: Double, _ width: Int) -> UInt64 {
        switch width {
        case 2: UInt64(Float16(number).bitPattern)
        case 4: UInt64(Float(number).bitPattern)
        default: number.bitPattern
        }
    }

    private static func ordered(_ pattern: UInt64, width: Int, isBigEndian: Bool) -> [UInt8] {
        let bytes = (0..<width).map { UInt8(truncatingIfNeeded: pattern >> UInt64(8 * $0)) }
        return isBigEndian ? bytes.reversed() : bytes
    }
}
