/// Settings from which no world, screen or training can be made: `OPTION`.
public struct SimulationError: Error, Sendable, Equatable {
    public let code: String
    public let file: String?
    /// The setting.
    public let element: String?
    /// What was expected and what was found.
    public let message: String
    public let remedy: String

    public init(code: String, file: String? = nil, element: String?, message: String, remedy: String) {
        self.code = code
        self.file = file
        self.element = element
        self.message = message
        self.remedy = remedy
    }

    /// Throws where a setting is not what it must be.
    public static func demand(
        _ condition: Bool, _ element: String, _ expected: String, _ found: Any
    ) throws(SimulationError) {
        guard condition else {
            throw SimulationError(
                code: "OPTION", element: element, message: "\(expected) expected, found \(found)",
                remedy: "correct \(element) in the settings")
        }
    }

    /// Throws where a range leaves the limits.
    static func demand(
        _ range: ClosedRange<Double>, _ element: String, within limits: ClosedRange<Double>
    ) throws(SimulationError) {
        // NaN fails both comparisons.
        try demand(
            range.lowerBound >= limits.lowerBound && range.upperBound <= limits.upperBound, element,
            "a range within \(limits.lowerBound) to \(limits.upperBound)", "\(range.lowerBound) to \(range.upperBound)")
    }

    /// Throws where there are more values than a simulation may take: a gigabyte of `Float`, a few times over.
    static func demand(
        cells: Double, genes: Double, largest: Double = 2.5e8, _ element: String
    ) throws(SimulationError) {
        try demand(
            cells * genes <= largest, element, "at most \(Int(largest)) values (cells × genes)",
            "\(Int(min(cells, 1e15))) × \(Int(min(genes, 1e15)))")
    }
}
