import AnnotatedData
import HDF5

/// Numbers of a file as `Float`, with the file's own where these do not fit.
struct StoredNumbers: Sendable {
    var floats: [Float]
    /// nil where `floats` hold all of them exactly.
    var exact: [Double]?
    /// Of whole numbers that had to be rounded.
    var notice: Notice?

    /// Whole entries of the first axis.
    init(_ values: any StoreValues, in range: Range<Int>) throws(FormatError) {
        let doubles: [Double]
        switch values.kind {
        case .float(let bytes) where bytes > 4:
            doubles = try values.doubles(in: range)
        case .integer(4, true):
            let integers = try values.smallIntegers(in: range)
            guard integers.contains(where: { $0.magnitude > 1 << 24 }) else {
                floats = integers.map { Float($0) }
                return
            }
            doubles = integers.map { Double($0) }
        case .integer(let bytes, _) where bytes >= 4:
            let integers = try values.integers(in: range)
            guard integers.contains(where: { $0.magnitude > 1 << 24 }) else {
                floats = integers.map { Float($0) }
                return
            }
            doubles = integers.map { Double($0) }
        default:
            floats = try values.floats(in: range)
            return
        }
        floats = doubles.map { Float($0) }
        guard zip(doubles, floats).contains(where: { Double($1) != $0 && !$0.isNaN }) else { return }
        exact = doubles
        if let whole = doubles.first(where: { $0.rounded() == $0 && $0.isFinite && Double(Float($0)) != $0 }) {
            notice = Notice(
                code: "PRECISION", message: "\(values.element): \(whole) and maybe others are rounded to 24 bits")
        }
    }

    /// The place of the first value that is not finite.
    static func firstNotFinite(_ values: [Float]) -> Int? {
        // One pass over the bits, which the compiler turns into vector instructions, as it does not with `isFinite`.
        let largest = values.withUnsafeBufferPointer { values in
            values.reduce(UInt32(0)) { max($0, $1.bitPattern & 0x7FFF_FFFF) }
        }
        return largest < Float.infinity.bitPattern ? nil : values.firstIndex { !$0.isFinite }
    }
}
