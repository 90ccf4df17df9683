/// A number type that values of a file are turned into.
protocol StoredNumber: BitwiseCopyable, Sendable {
    init(stored value: some FixedWidthInteger)
    init(stored value: some BinaryFloatingPoint)
    /// Whether values in that form are values of this type already.
    static func isForm(_ form: Datatype.Form, bytes: Int) -> Bool
}

extension Float: StoredNumber {
    @inline(__always) init(stored value: some FixedWidthInteger) { self = Float(value) }
    @inline(__always) init(stored value: some BinaryFloatingPoint) { self = Float(value) }
    static func isForm(_ form: Datatype.Form, bytes: Int) -> Bool { bytes == 4 && Datatype.isStandardFloat(form, 4) }
}

extension Double: StoredNumber {
    @inline(__always) init(stored value: some FixedWidthInteger) { self = Double(value) }
    @inline(__always) init(stored value: some BinaryFloatingPoint) { self = Double(value) }
    static func isForm(_ form: Datatype.Form, bytes: Int) -> Bool { bytes == 8 && Datatype.isStandardFloat(form, 8) }
}

/// Whole numbers end at the largest and smallest of their type; fractions are cut off, and what is not a number becomes
/// the smallest, as in the HDF5 library.
extension StoredNumber where Self: FixedWidthInteger {
    @inline(__always) init(stored value: some FixedWidthInteger) { self = Self(clamping: value) }

    @inline(__always) init<Source: BinaryFloatingPoint>(stored value: Source) {
        // Rounding may take the largest to the power of two above it, which is out of reach as well.
        if value >= Source(Self.max) {
            self = .max
        } else if value > Source(Self.min) {
            self = Self(value)
        } else {
            self = .min
        }
    }

    static func isForm(_ form: Datatype.Form, bytes: Int) -> Bool {
        guard case .integer(let integer) = form, bytes == MemoryLayout<Self>.size else { return false }
        return integer.isStandard(bytes: bytes) && integer.isSigned == Self.isSigned
    }
}

extension Int32: StoredNumber {}
extension Int64: StoredNumber {}

/// Turns elements as they stand in the file into values in memory.
struct ElementConversion: Sendable {
    /// Bytes of a value in memory.
    let width: Int
    /// Whether the bytes stay what they are.
    let isCopy: Bool
    /// Elements, how many, and where the values go.
    let convert: @Sendable (UnsafeRawPointer, Int, UnsafeMutableRawPointer) -> Void

    /// The elements as they are.
    static func copy(width: Int) -> ElementConversion {
        ElementConversion(width: width, isCopy: true) { source, count, target in
            target.copyMemory(from: source, byteCount: count * width)
        }
    }

    /// The same for one field of each element.
    func ofField(at offset: Int, width: Int, in elementBytes: Int) -> ElementConversion {
        ElementConversion(width: self.width, isCopy: false) { source, count, target in
            withUnsafeTemporaryAllocation(byteCount: count * width, alignment: 16) { fields in
                for index in 0..<count {
                    (fields.baseAddress! + index * width)
                        .copyMemory(from: source + index * elementBytes + offset, byteCount: width)
                }
                convert(UnsafeRawPointer(fields.baseAddress!), count, target)
            }
        }
    }

    /// Numbers of that type; nil where it is not one of numbers.
    static func numbers<Number: StoredNumber>(_ type: Datatype, as number: Number.Type) -> ElementConversion? {
        if Number.isForm(type.form, bytes: type.size) { return copy(width: type.size) }
        switch type.form {
        case .integer(let form):
            guard form.isStandard(bytes: type.size) else { return unusual(form, type.size, Number.self) }
            switch (type.size, form.isSigned) {
            case (1, true): return loop(Int8.self, Number.self)
            case (2, true): return loop(Int16.self, Number.self)
            case (4, true): return loop(Int32.self, Number.self)
            case (8, true): return loop(Int64.self, Number.self)
            case (1, false): return loop(UInt8.self, Number.self)
            case (2, false): return loop(UInt16.self, Number.self)
            case (4, false): return loop(UInt32.self, Number.self)
            default: return loop(UInt64.self, Number.self)
            }
        case .float(let form):
            if Datatype.isStandardFloat(type.form, 4), type.size == 4 { return loop(Float.self, Number.self) }
            if Datatype.isStandardFloat(type.form, 8), type.size == 8 { return loop(Double.self, Number.self) }
            return unusual(form, type.size, Number.self)
        case .fixedString, .variableString, .enumeration, .compound, .other: return nil
        }
    }

    private static func loop<Source: FixedWidthInteger & BitwiseCopyable & SendableMetatype, Number: StoredNumber>(
        _: Source.Type, _: Number.Type
    ) -> ElementConversion {
        ElementConversion(width: MemoryLayout<Number>.size, isCopy: false) { source, count, target in
            let values = target.assumingMemoryBound(to: Number.self)
            for index in 0..<count {
                let value = source.loadUnaligned(fromByteOffset: index * MemoryLayout<Source>.size, as: Source.self)
                values[index] = Number(stored: Source(littleEndian: value))
            }
        }
    }

    private static func loop<Source: BinaryFloatingPoint & BitwiseCopyable & SendableMetatype, Number: StoredNumber>(
        _: Source.Type, _: Number.Type
    ) -> ElementConversion {
        ElementConversion(width: MemoryLayout<Number>.size, isCopy: false) { source, count, target in
            let values = target.assumingMemoryBound(to: Number.self)
            for index in 0..<count {
                let value = source.loadUnaligned(fromByteOffset: index * MemoryLayout<Source>.size, as: Source.self)
                values[index] = Number(stored: value)
            }
        }
    }

    /// Whole numbers whose bits do not fill their bytes, or whose bytes are the other way round.
    private static func unusual<Number: StoredNumber>(
        _ form: Datatype.IntegerForm, _ bytes: Int, _: Number.Type
    ) -> ElementConversion {
        ElementConversion(width: MemoryLayout<Number>.size, isCopy: false) { source, count, target in
            let values = target.assumingMemoryBound(to: Number.self)
            let unused = UInt64(64 - form.precision)
            for index in 0..<count {
                let bits = bits(source + index * bytes, bytes, isBigEndian: form.isBigEndian).low
                let shifted = (bits >> UInt64(form.offset)) << unused
                values[index] =
                    form.isSigned
                    ? Number(stored: Int64(bitPattern: shifted) >> Int64(unused)) : Number(stored: shifted >> unused)
            }
        }
    }

    /// Floats of any layout, by their fields.
    private static func unusual<Number: StoredNumber>(
        _ form: Datatype.FloatForm, _ bytes: Int, _: Number.Type
    ) -> ElementConversion {
        ElementConversion(width: MemoryLayout<Number>.size, isCopy: false) { source, count, target in
            let values = target.assumingMemoryBound(to: Number.self)
            for index in 0..<count {
                let bits = bits(source + index * bytes, bytes, isBigEndian: form.isBigEndian)
                values[index] = Number(stored: form.value(bits))
            }
        }
    }

    /// Up to 16 bytes as one number.
    private static func bits(_ source: UnsafeRawPointer, _ bytes: Int, isBigEndian: Bool) -> (low: UInt64, high: UInt64)
    {
        var (low, high) = (UInt64(0), UInt64(0))
        for position in 0..<bytes {
            let place = isBigEndian ? bytes - 1 - position : position
            let byte = UInt64(source.load(fromByteOffset: place, as: UInt8.self))
            if position < 8 { low |= byte << UInt64(8 * position) } else { high |= byte << UInt64(8 * (position - 8)) }
        }
        return (low, high)
    }
}

extension Datatype.IntegerForm {
    func isStandard(bytes: Int) -> Bool { (!isBigEndian || bytes == 1) && offset == 0 && precision == 8 * bytes }
}

extension Datatype {
    /// Whether the float is that of IEEE 754 with so many bytes, little-endian.
    static func isStandardFloat(_ form: Form, _ bytes: Int) -> Bool {
        guard case .float(let float) = form else { return false }
        let mantissa = bytes == 4 ? 23 : 52
        return float
            == FloatForm(
                isBigEndian: false, hasImpliedBit: true, sign: 8 * bytes - 1, exponent: mantissa..<8 * bytes - 1,
                mantissa: 0..<mantissa, bias: bytes == 4 ? 127 : 1023)
    }
}

extension Datatype.FloatForm {
    func value(_ bits: (low: UInt64, high: UInt64)) -> Double {
        func field(_ range: Range<Int>) -> UInt64 {
            var value: UInt64 =
                range.lowerBound < 64
                ? bits.low >> UInt64(range.lowerBound) : bits.high >> UInt64(range.lowerBound - 64)
            if range.lowerBound < 64, range.upperBound > 64, range.lowerBound > 0 {
                value |= bits.high << UInt64(64 - range.lowerBound)
            }
            return range.count < 64 ? value & (1 << UInt64(range.count) - 1) : value
        }
        let isNegative = field(sign..<sign + 1) == 1
        let power = Int(field(exponent))
        let digits = field(mantissa)
        let magnitude: Double
        if power == 1 << exponent.count - 1 {
            // Where the first bit is stored it is set for infinity too.
            let fraction = hasImpliedBit ? digits : digits & (1 << UInt64(mantissa.count - 1) - 1)
            magnitude = fraction == 0 ? .infinity : .nan
        } else {
            let stored = hasImpliedBit ? mantissa.count : mantissa.count - 1
            let first = hasImpliedBit && power > 0 ? Double(sign: .plus, exponent: stored, significand: 1) : 0
            let exponent = max(power, 1) - bias - stored
            magnitude = Double(sign: .plus, exponent: exponent, significand: Double(digits) + first)
        }
        return isNegative ? -magnitude : magnitude
    }
}
