/// One number about a shift, with the words that make it unmistakable.
public struct Measure: Codable, Sendable, Equatable {
    /// The metric's full name.
    public let metric: String
    /// Which of the several quantities that bear this name.
    public let variant: String
    public let value: Double
    /// 95 % interval where one was asked for.
    public let lower: Double?
    public let upper: Double?

    public init(metric: String, variant: String, value: Double, lower: Double? = nil, upper: Double? = nil) {
        self.metric = metric
        self.variant = variant
        self.value = value
        self.lower = lower
        self.upper = upper
    }
}
