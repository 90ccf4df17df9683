/// A failure to make features from a structure: `RDKIT_UNAVAILABLE`, `BAD_SMILES`, `RDKIT_FAILED`, `BAD_FINGERPRINT`.
public struct ChemistryError: Error, Sendable, Equatable {
    public let code: String
    public let file: String?
    /// The structure or the text that could not be used.
    public let element: String?
    public let message: String
    public let remedy: String

    public init(code: String, file: String? = nil, element: String?, message: String, remedy: String) {
        self.code = code
        self.file = file
        self.element = element
        self.message = message
        self.remedy = remedy
    }
}
