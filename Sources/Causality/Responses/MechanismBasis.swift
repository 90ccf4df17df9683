import CKernels

/// What of a gene's value may enter the mechanism of another: the value itself, then curves x ↦ tanh(slope x + offset).
///
/// Curves are centred on nothing: the intercept of each regression takes up their means.
public struct MechanismBasis: Codable, Sendable, Equatable {
    public struct Curve: Codable, Sendable, Equatable {
        public var slope: Float
        public var offset: Float
    }

    /// Beside the value itself.
    public var curves: [Curve]

    /// Columns a gene.
    var count: Int { 1 + curves.count }

    public static let linear = MechanismBasis(curves: [])
    /// Saturation at three places of a gene's range in control standard deviations, and one slow bend.
    public static let additive = MechanismBasis(
        curves: [
            Curve(slope: 1, offset: 0), Curve(slope: 1.5, offset: -2), Curve(slope: 1.5, offset: 2),
            Curve(slope: 0.5, offset: 0),
        ])

    /// Writes the curves' values of n numbers, curve after curve.
    func fill(_ values: UnsafePointer<Float>, count n: Int, into columns: UnsafeMutablePointer<Float>) {
        for (place, curve) in curves.enumerated() {
            let column = columns + place * n
            kernel_affine(values, curve.slope, curve.offset, column, n)
            kernel_tanh(column, column, n)
        }
    }
}
