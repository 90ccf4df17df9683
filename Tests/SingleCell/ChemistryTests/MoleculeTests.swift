import Chemistry
import Foundation
import Testing

/// Against RDKit's Python package: `Pipelines/Golden/molecules.py`, tolerances in `provenance.json`.
struct MoleculeTests {
    static let builtWithRDKit = Molecule.libraryVersion != nil
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let data =
        ProcessInfo.processInfo.environment["INTERVENTOME_DATA"].map { URL(filePath: $0) }
        ?? root.deletingLastPathComponent().appending(path: "shared/data")
    static let drugTable = data.appending(path: "drugs/drug_features.csv")

    @Test(.enabled(if: builtWithRDKit, "built without the trait RDKit"))
    func agreesWithThePythonPackage() throws {
        let table = try String(
            contentsOf: Self.root.appending(path: "Reference/Golden/Chemistry/molecules.tsv"), encoding: .utf8)
        let rows = table.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(Array(rows[0][2...9]) == MolecularDescriptors.names)
        for row in rows.dropFirst() {
            let molecule = Molecule(smiles: row[1])
            #expect(try molecule.morganFingerprint() == Fingerprint(hex: row[10]), "\(row[0])")
            let descriptors = try molecule.descriptors().values
            for (index, value) in descriptors.enumerated() {
                let expected = try #require(Double(row[index + 2]))
                #expect(abs(value - expected) < (index == 0 ? 1e-3 : 1e-6), "\(row[0]) \(rows[0][index + 2])")
            }
        }
        #expect(rows.count == 8)
    }

    /// Rings and what links them are what Bemis & Murcko call a scaffold; side chains fall off, chains have none.
    @Test(.enabled(if: builtWithRDKit, "built without the trait RDKit"))
    func scaffolds() throws {
        let benzene = try Molecule(smiles: "c1ccccc1").scaffold()
        #expect(benzene == "c1ccccc1")
        for substituted in ["CC(=O)Oc1ccccc1C(=O)O", "CC(=O)Nc1ccc(O)cc1", "Cc1ccccc1"] {
            #expect(try Molecule(smiles: substituted).scaffold() == benzene)
        }
        let linked = try Molecule(smiles: "Oc1ccc(CCc2ccccc2)cc1").scaffold()
        #expect(linked == "c1ccc(CCc2ccccc2)cc1")
        #expect(try Molecule(smiles: "CCO").scaffold() == "")
        #expect(throws: ChemistryError.self) { try Molecule(smiles: "C1CC").scaffold() }
    }

    @Test(
        .enabled(if: builtWithRDKit, "built without the trait RDKit"), arguments: ["", "C1CC", "not a molecule", "C(C"])
    func refusesWhatIsNotSMILES(smiles: String) {
        #expect { try Molecule(smiles: smiles).morganFingerprint() } throws: {
            ($0 as? ChemistryError)?.code == "BAD_SMILES"
        }
    }

    /// Hypervalent carbon parses but can't be sanitised: an exception in C++ must arrive as an error here.
    @Test(.enabled(if: builtWithRDKit, "built without the trait RDKit")) func exceptionsBecomeErrors() {
        #expect(throws: ChemistryError.self) { try Molecule(smiles: "C(C)(C)(C)(C)C").descriptors() }
    }

    @Test(.disabled(if: builtWithRDKit, "built with the trait RDKit")) func saysThatRDKitIsMissing() {
        #expect { try Molecule(smiles: "CCO").morganFingerprint() } throws: {
            let error = $0 as? ChemistryError
            return error?.code == "RDKIT_UNAVAILABLE" && error?.remedy.contains("RDKit") == true
        }
    }

    /// 378 compounds with fingerprints made by RDKit's Python package.
    @Test(
        .enabled(if: builtWithRDKit, "built without the trait RDKit"),
        .enabled(if: FileManager.default.fileExists(atPath: drugTable.path), "the drug table is not here"))
    func agreesOnRealDrugs() throws {
        let lines = try String(contentsOf: Self.drugTable, encoding: .utf8).split(separator: "\n").dropFirst()
        var compared = 0
        var equal = 0
        for line in lines {
            // Names may be quoted; structures and numbers hold no comma, so fields are counted from the end.
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard let hex = fields.last, hex.count == 512 else { continue }
            let rest = line.replacing(/"[^"]*"/, with: "quoted").split(separator: ",", omittingEmptySubsequences: false)
            compared += 1
            let molecule = Molecule(smiles: String(rest[2]))
            if try molecule.morganFingerprint().hex == hex { equal += 1 }
            #expect(abs(try molecule.descriptors().logP - (Double(rest[6]) ?? .nan)) < 1e-6)
        }
        #expect(compared > 300)
        #expect(equal == compared)
    }
}
