/// A number as an array stores it.
protocol StoredNumber {
    associatedtype Pattern: FixedWidthInteger & BitwiseCopyable
    init(pattern: Pattern)
    func converted<Number: ReadNumber>() -> Number
}

/// A number as it is asked for. Conversions saturate at the ends of the type; what is no number becomes 0 in a type that
/// has no other word for it.
protocol ReadNumber: BitwiseCopyable, Sendable {
    static var zero: Self { get }
    init(stored integer: some FixedWidthInteger)
    init(stored number: Double)
}

extension StoredNumber where Self: FixedWidthInteger {
    init(pattern: Self) { self = pattern }
    func converted<Number: ReadNumber>() -> Number { Number(stored: self) }
}

extension Int8: StoredNumber {}
extension Int16: StoredNumber {}
extension Int32: StoredNumber {}
extension Int64: StoredNumber {}
extension UInt8: StoredNumber {}
extension UInt16: StoredNumber {}
extension UInt32: StoredNumber {}
extension UInt64: StoredNumber {}

extension Float16: StoredNumber {
    init(pattern: UInt16) { self.init(bitPattern: pattern) }
    func converted<Number: ReadNumber>() -> Number { Number(stored: Double(self)) }
}

extension Float: StoredNumber {
    init(pattern: UInt32) { self.init(bitPattern: pattern) }
    func converted<Number: ReadNumber>() -> Number { Number(stored: Double(self)) }
}

extension Double: StoredNumber {
    init(pattern: UInt64) { self.init(bitPattern: pattern) }
    func converted<Number: ReadNumber>() -> Number { Number(stored: self) }
}

/// A byte that is 0 for false.
struct StoredBoolean: StoredNumber {
    let isTrue: Bool
    init(pattern: UInt8) { isTrue = pattern != 0 }
    func converted<Number: ReadNumber>() -> Number { Number(stored: isTrue ? 1 : 0 as UInt8) }
}

extension Float: ReadNumber {
    init(stored integer: some FixedWidthInteger) { self.init(integer) }
    init(stored number: Double) { self.init(number) }
}

extension Double: ReadNumber {
    init(stored integer: some FixedWidthInteger) { self.init(integer) }
    init(stored number: Double) { self = number }
}

extension Int32: ReadNumber {
    init(stored integer: some FixedWidthInteger) { self.init(clamping: integer) }
    init(stored number: Double) { self.init(clamping: Int64(stored: number)) }
}

extension Int64: ReadNumber {
    init(stored integer: some FixedWidthInteger) { self.init(clamping: integer) }
    init(stored number: Double) {
        self = number.isNaN ? 0 : Self(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
    }
}

extension Bool: ReadNumber {
    static var zero: Bool { false }
    init(stored integer: some FixedWidthInteger) { self = integer != 0 }
    init(stored number: Double) { self = number != 0 }
}
