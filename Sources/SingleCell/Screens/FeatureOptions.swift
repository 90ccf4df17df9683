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
}
