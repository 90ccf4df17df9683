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

    /// Values that a simulation may take at most: a gigabyte of `Float`, a few times over.
    static let mostValues = 2.5e8

    /// Throws where there are more values than a simulation may take.
    static func demand(
        cells: Double, genes: Double, largest: Double = mostValues, _ element: String
    ) throws(SimulationError) {
        try demand(
            cells * genes <= largest, element, "at most \(Int(largest)) values (cells × genes)",
            "\(Int(min(cells, 1e15))) × \(Int(min(genes, 1e15)))")
    }

    /// Throws where there is no cell, or more than a simulation may have of either kind.
    static func demand(observationalCells: Int, interventionalCells: Int) throws(SimulationError) {
        for (name, count) in [
            ("observationalCells", observationalCells), ("interventionalCells", interventionalCells),
        ] { try demand((0...10_000_000).contains(count), name, "0 to 10000000", count) }
        try demand(observationalCells + interventionalCells > 0, "observationalCells", "at least one cell", "none")
    }
}
