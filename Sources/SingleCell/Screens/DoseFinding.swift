/// The doses of a screen, and where they stand.
public struct DoseFinding: Sendable, Equatable, Codable {
    /// Of obs.
    public let column: String
    /// nil where the screen does not say.
    public let unit: String?
    /// Those that occur, rising, in `unit`.
    public let values: [Double]
}
