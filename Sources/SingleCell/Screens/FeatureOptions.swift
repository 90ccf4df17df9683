/// How a table becomes features of perturbations. What is nil is looked for by its usual names.
public struct FeatureOptions: Codable, Sendable, Equatable {
    /// The column of names, such as `perturbation` or `drug`; the row names where there is none.
    public var perturbationColumn: String?
    /// The column of structures; nil takes `smiles` where it is there.
    public var smilesColumn: String?
    /// False leaves structures aside: numeric columns only.
    public var useFingerprints = true
    /// Adds molecular weight, logP and the like, computed from the structure.
    public var useDescriptors = false
    /// Radius of Morgan fingerprints, in bonds.
    public var fingerprintRadius = 2
    /// Length of Morgan fingerprints, a multiple of 8.
    public var fingerprintBits = 2048
    /// Numeric columns to use; nil uses all but doses and other columns that describe no perturbation.
    public var numericColumns: [String]?

    /// Rows to use: column → values allowed.
    public var `where`: [String: [String]] = [:]

    public init() {}

    /// Throws `OPTION` where a setting is outside of what can be computed.
    func validate() throws(ScreenError) {
        guard (8...65536).contains(fingerprintBits), fingerprintBits % 8 == 0 else {
            throw Self.bad("fingerprintBits", "a multiple of 8 from 8 to 65536", fingerprintBits)
        }
        guard (0...10).contains(fingerprintRadius) else {
            throw Self.bad("fingerprintRadius", "0 to 10", fingerprintRadius)
        }
    }

    private static func bad(_ element: String, _ expected: String, _ found: Int) -> ScreenError {
        ScreenError(
            code: "OPTION", element: element, message: "\(expected) expected, found \(found)",
            remedy: "correct \(element) in the configuration")
    }
}
