import Matrices

/// An order of cells and genes that depends on their values only, not on the order in which they came.
///
/// Computations that start from it give the same bytes however a matrix was arranged: sums round alike, and searches
/// break their ties alike. Keys are hashes added up, so that each is indifferent to the other axis; cells or genes with
/// equal keys are equal for all that matters, and keep their order.
public struct ContentOrder: Sendable {
    public let cells: [Int]
    public let genes: [Int]

    public init(values: Matrix<Float>, interventions: Matrix<Float>?) {
        let d = values.columns
        func hash(_ index: Int, _ salt: UInt64) -> UInt64 {
            let isIntervened = (interventions?.values[index] ?? 0) != 0
            return Self.mixed(UInt64(values.values[index].bitPattern) << 1 | (isIntervened ? 1 : 0), salt)
        }
        var geneKeys = Array(repeating: UInt64(0), count: d)
        for index in values.values.indices { geneKeys[index % d] &+= hash(index, 0) }
        var cellKeys = Array(repeating: UInt64(0), count: values.rows)
        for index in values.values.indices { cellKeys[index / d] &+= hash(index, geneKeys[index % d]) }
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
