import Matrices

/// An order of cells and genes that depends on their values only, not on the order in which they came.
///
/// Computations that start from it give the same bytes however a matrix was arranged: sums round alike, and searches
/// break their ties alike. Keys are hashes added up, so that each is indifferent to the other axis; cells or genes with
/// equal keys are equal for all that matters, and keep their order.
public struct ContentOrder: Sendable {
    public let cells: [Int]
    public let genes: [Int]

    /// - Parameters:
    ///   - values: Cells × genes.
    ///   - labels: Of these cells; nil where nowhere was intervened.
    public init(values: Matrix<Float>, labels: CellInterventions?) {
        let d = values.columns
        var geneKeys = Array(repeating: UInt64(0), count: d)
        var cellKeys = Array(repeating: UInt64(0), count: values.rows)
        /// Calls `body` with the values of each cell, doubled as bits, plus 1 where there was an intervention.
        func forEachCell(_ body: (_ cell: Int, _ bits: UnsafeMutableBufferPointer<UInt64>) -> Void) {
            var bits = Array(repeating: UInt64(0), count: d)
            values.values.withUnsafeBufferPointer { values in
                bits.withUnsafeMutableBufferPointer { bits in
                    for cell in cellKeys.indices {
                        for gene in 0..<d { bits[gene] = UInt64(values[cell * d + gene].bitPattern) << 1 }
                        if let labels { for gene in labels.sets[Int(labels.setOfCell[cell])] { bits[gene] |= 1 } }
                        body(cell, bits)
                    }
                }
            }
        }
        forEachCell { _, bits in
            for gene in 0..<d { geneKeys[gene] &+= Self.mixed(bits[gene], 0) }
        }
        let salts = geneKeys
        forEachCell { cell, bits in
            var key = UInt64(0)
            for gene in 0..<d { key &+= Self.mixed(bits[gene], salts[gene]) }
            cellKeys[cell] = key
        }
        cells = cellKeys.indices.sorted { (cellKeys[$0], $0) < (cellKeys[$1], $1) }
        genes = geneKeys.indices.sorted { (geneKeys[$0], $0) < (geneKeys[$1], $1) }
    }

    /// SplitMix64's finaliser.
    private static func mixed(_ x: UInt64, _ salt: UInt64) -> UInt64 {
        var z = x &+ salt &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
