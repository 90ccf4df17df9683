/// Signs, whole numbers, zeros and range of values, eight at a time.
struct ValueProfile {
    private var zeros = SIMD8<Int32>()
    private var negative = SIMD8<Int32>()
    private var notWhole = SIMD8<Int32>()
    private var notFinite = SIMD8<Int32>()
    /// Of the finite values.
    private(set) var smallest: SIMD8<Float>
    private(set) var largest: SIMD8<Float>

    init(smallest: Float, largest: Float) {
        self.smallest = SIMD8(repeating: smallest)
        self.largest = SIMD8(repeating: largest)
    }

    var zeroCount: Int { Int(zeros.wrappedSum()) }
    /// Of the finite values, as is `notWholeCount`.
    var negativeCount: Int { Int(negative.wrappedSum()) }
    var notWholeCount: Int { Int(notWhole.wrappedSum()) }
    var notFiniteCount: Int { Int(notFinite.wrappedSum()) }

    /// - Parameter values: The bytes of at most 2³⁰ of them.
    mutating func add(_ values: UnsafeRawBufferPointer) {
        let size = MemoryLayout<SIMD8<Float>>.size
        let whole = values.count / size * size
        for place in stride(from: 0, to: whole, by: size) {
            add(values.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self), isThere: SIMDMask(repeating: true))
        }
        guard whole < values.count else { return }
        var last = SIMD8<Float>()
        var isThere = SIMDMask<SIMD8<Int32>>()
        for lane in 0..<(values.count - whole) / 4 {
            last[lane] = values.loadUnaligned(fromByteOffset: whole + 4 * lane, as: Float.self)
            isThere[lane] = true
        }
        add(last, isThere: isThere)
    }

    @inline(__always)
    private mutating func add(_ value: SIMD8<Float>, isThere: SIMDMask<SIMD8<Int32>>) {
        let isNegative = value .< 0
        let size = value.replacing(with: -value, where: isNegative)
        // No comparison holds for what is no number.
        let isFinite = isThere .& (size .< .infinity)
        // From 2²³ on single precision has whole numbers only; below, adding that much rounds to one.
        let bound: Float = 0x1p23
        let isWhole = (size .>= bound) .| ((size + bound) - bound .== size)
        count(&zeros, isThere .& (value .== 0))
        count(&negative, isFinite .& isNegative)
        count(&notWhole, isFinite .& .!isWhole)
        count(&notFinite, isThere .& .!isFinite)
        smallest.replace(with: value, where: isFinite .& (value .< smallest))
        largest.replace(with: value, where: isFinite .& (value .> largest))
    }

    private func count(_ counts: inout SIMD8<Int32>, _ condition: SIMDMask<SIMD8<Int32>>) {
        counts.replace(with: counts &+ 1, where: condition)
    }
}
