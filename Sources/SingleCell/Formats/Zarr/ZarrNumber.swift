/// A number as an array stores it.
protocol ZarrNumber {
    associatedtype Pattern: FixedWidthInteger & BitwiseCopyable
    init(pattern: Pattern)
    func converted<Number: WantedNumber>() -> Number
}

/// A number as it is asked for. Conversions saturate at the ends of the type; what is no number becomes 0 in a type that
/// has no other word for it.
protocol WantedNumber: BitwiseCopyable, Sendable {
    static var zero: Self { get }
    init(stored integer: some FixedWidthInteger)
    init(stored number: Double)
}

extension ZarrNumber where Self: FixedWidthInteger {
    init(pattern: Self) { self = pattern }
    func converted<Number: WantedNumber>() -> Number { Number(stored: self) }
}

extension Int8: ZarrNumber {}
extension Int16: ZarrNumber {}
extension Int32: ZarrNumber {}
extension Int64: ZarrNumber {}
extension UInt8: ZarrNumber {}
extension UInt16: ZarrNumber {}
extension UInt32: ZarrNumber {}
extension UInt64: ZarrNumber {}

extension Float16: ZarrNumber {
    init(pattern: UInt16) { self.init(bitPattern: pattern) }
    func converted<Number: WantedNumber>() -> Number { Number(stored: Double(self)) }
}

extension Float: ZarrNumber {
    init(pattern: UInt32) { self.init(bitPattern: pattern) }
    func converted<Number: WantedNumber>() -> Number { Number(stored: Double(self)) }
}

extension Double: ZarrNumber {
    init(pattern: UInt64) { self.init(bitPattern: pattern) }
    func converted<Number: WantedNumber>() -> Number { Number(stored: self) }
}

/// A byte that is 0 for false.
struct ZarrBoolean: ZarrNumber {
    let isTrue: Bool
    init(pattern: UInt8) { isTrue = pattern != 0 }
    func converted<Number: WantedNumber>() -> Number { Number(stored: isTrue ? 1 : 0 as UInt8) }
}

extension Float: WantedNumber {
    init(stored integer: some FixedWidthInteger) { self.init(integer) }
    init(stored number: Double) { self.init(number) }
}

extension Double: WantedNumber {
    init(stored integer: some FixedWidthInteger) { self.init(integer) }
    init(stored number: Double) { self = number }
}

extension Int32: WantedNumber {
    init(stored integer: some FixedWidthInteger) { self.init(clamping: integer) }
    init(stored number: Double) { self.init(clamping: Int64(stored: number)) }
}

extension Int64: WantedNumber {
    init(stored integer: some FixedWidthInteger) { self.init(clamping: integer) }
    init(stored number: Double) {
        self = number.isNaN ? 0 : Self(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
    }
}

extension Bool: WantedNumber {
    static var zero: Bool { false }
    init(stored integer: some FixedWidthInteger) { self = integer != 0 }
    init(stored number: Double) { self = number != 0 }
}
