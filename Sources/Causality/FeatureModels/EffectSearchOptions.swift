/// How the effects of unseen perturbations are searched for.
public struct EffectSearchOptions: Codable, Sendable, Equatable {
    /// Guesses carried side by side for each perturbation.
    public var particles = 400
    /// Rounds of moves after each change of temperature.
    public var movesPerTemperature = 12
    /// Rounds of moves at the end.
    public var finalMoves = 48
    /// Share of the particles that must stay effective from one temperature to the next.
    public var effectiveShare = 0.5

    public init() {}

    func check() throws(FeatureModelError) {
        let settings: [(String, Bool, String)] = [
            ("particles", (10...100_000).contains(particles), "10 to 100000"),
            ("movesPerTemperature", (1...1000).contains(movesPerTemperature), "1 to 1000"),
            ("finalMoves", (1...10_000).contains(finalMoves), "1 to 10000"),
            ("effectiveShare", effectiveShare > 0 && effectiveShare < 1, "more than 0 and less than 1"),
        ]
        for (name, isFine, expected) in settings where !isFine {
            throw FeatureModelError(
                code: "OPTION", element: name, message: "\(expected) expected, found another \(name)",
                remedy: "correct \(name) in the settings")
        }
    }
}
