/// The distance of one group from its reference by one metric.
public struct GroupDistance: Sendable, Equatable {
    public let group: String
    public let metric: DistanceMetric
    public let measure: Measure
    /// Of a permutation test; nil where none was made.
    public let pValue: Double?
    /// Cells of the group that the distance rests on.
    public let cells: Int
}
