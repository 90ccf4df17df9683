import HDF5

/// Numbers as `Float`, with what it cannot hold.
struct StoredNumbers {
    var floats: [Float]
    /// The values as the file has them; nil where `floats` are these values.
    var exact: [Double]?
}

extension HDF5Values {
    /// Whole entries of the first axis, and their exact values where `Float` rounds one of them: whole numbers beyond 24
    /// bits, and float64.
    func numbers(in range: Range<Int>) throws(HDF5Error) -> StoredNumbers {
        if case .float(let bytes) = kind, bytes > 4 {
            let doubles = try doubles(in: range)
            let floats = doubles.map { Float($0) }
            let isExact = zip(floats, doubles).allSatisfy { Double($0) == $1 || $1.isNaN }
            return StoredNumbers(floats: floats, exact: isExact ? nil : doubles)
        }
        let floats = try floats(in: range)
        // Up to 2^24 every whole number is a float, and beyond none is rounded to less.
        guard case .integer(let bytes, _) = kind, bytes >= 4, floats.contains(where: { $0.magnitude >= 0x1p24 }) else {
            return StoredNumbers(floats: floats, exact: nil)
        }
        let doubles = try doubles(in: range)
        let isExact = zip(floats, doubles).allSatisfy { Double($0) == $1 }
        return StoredNumbers(floats: floats, exact: isExact ? nil : doubles)
    }
}
