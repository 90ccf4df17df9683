import CRDKit

/// A structure written as SMILES, and what RDKit computes of it.
public struct Molecule: Sendable, Hashable {
    public let smiles: String

    public init(smiles: String) { self.smiles = smiles }

    /// RDKit's version, nil where the tool was built without it.
    public static var libraryVersion: String? {
        let version = String(cString: crdkit_version())
        return version.isEmpty ? nil : version
    }

    /// Morgan fingerprint (Rogers and Hahn 2010, extended-connectivity), as RDKit's `GetMorganFingerprintAsBitVect`.
    ///
    /// Throws `RDKIT_UNAVAILABLE`, `BAD_SMILES` or `RDKIT_FAILED`.
    public func morganFingerprint(radius: Int = 2, bits: Int = 2048) throws(ChemistryError) -> Fingerprint {
        precondition(radius >= 0 && bits > 0 && bits % 8 == 0, "radius \(radius), \(bits) bits")
        var packed = [UInt8](repeating: 0, count: bits / 8)
        try call { error, capacity in
            crdkit_morgan(smiles, UInt32(radius), UInt32(bits), &packed, error, capacity)
        }
        return Fingerprint(bytes: packed)
    }

    /// Throws `RDKIT_UNAVAILABLE`, `BAD_SMILES` or `RDKIT_FAILED`.
    public func descriptors() throws(ChemistryError) -> MolecularDescriptors {
        var values = [Double](repeating: 0, count: Int(CRDKIT_DESCRIPTOR_COUNT))
        try call { error, capacity in crdkit_descriptors(smiles, &values, error, capacity) }
        return MolecularDescriptors(values: values)
    }

    /// The scaffold of Bemis & Murcko 1996, rings and what links them, as canonical SMILES; empty without rings.
    ///
    /// Throws `RDKIT_UNAVAILABLE`, `BAD_SMILES` or `RDKIT_FAILED`.
    public func scaffold() throws(ChemistryError) -> String {
        var text = [CChar](repeating: 0, count: 4 * smiles.utf8.count + 64)
        try call { error, capacity in crdkit_scaffold(smiles, &text, text.count, error, capacity) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func call(_ body: (UnsafeMutablePointer<CChar>, Int) -> crdkit_status) throws(ChemistryError) {
        // A text with a zero inside would be read only up to it.
        guard !smiles.isEmpty, !smiles.utf8.contains(0) else { throw badSMILES("the text is empty or holds a zero") }
        var status = CRDKIT_OK
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            buffer.initialize(repeating: 0)
            status = body(buffer.baseAddress!, buffer.count)
            return String(cString: buffer.baseAddress!)
        }
        switch status {
        case CRDKIT_OK: return
        case CRDKIT_UNAVAILABLE:
            throw ChemistryError(
                code: "RDKIT_UNAVAILABLE", element: smiles,
                message: "chemistry from SMILES was asked for, but this build has no RDKit",
                remedy: "build with the package trait RDKit, or give fingerprints in a column morgan2_2048_hex")
        case CRDKIT_BAD_SMILES: throw badSMILES(text)
        default:
            throw ChemistryError(
                code: "RDKIT_FAILED", element: smiles, message: text, remedy: "leave this compound out and report it")
        }
    }

    private func badSMILES(_ reason: String) -> ChemistryError {
        ChemistryError(
            code: "BAD_SMILES", element: smiles, message: "expected a structure in SMILES: \(reason)",
            remedy: "correct the structure, or leave it empty")
    }
}

/// Descriptors of a molecule, as `rdkit.Chem.Descriptors` names them.
public struct MolecularDescriptors: Sendable, Hashable {
    /// In the order of `names`.
    public let values: [Double]

    public static let names = [
        "molecular_weight", "logp", "molar_refractivity", "tpsa", "heavy_atoms", "hydrogen_bond_donors",
        "rotatable_bonds", "rings",
    ]

    /// g/mol, average isotopes.
    public var molecularWeight: Double { values[0] }
    /// Wildman–Crippen.
    public var logP: Double { values[1] }
    public var molarRefractivity: Double { values[2] }
    /// Topological polar surface area, Å².
    public var polarSurfaceArea: Double { values[3] }
    public var heavyAtoms: Double { values[4] }
    public var hydrogenBondDonors: Double { values[5] }
    public var rotatableBonds: Double { values[6] }
    public var rings: Double { values[7] }

    init(values: [Double]) { self.values = values }
}
