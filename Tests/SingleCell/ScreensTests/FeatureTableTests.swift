import AnnotatedData
import Chemistry
import Matrices
import Screens
import Testing

struct FeatureTableTests {
    private func table(_ columns: [(String, ColumnValues)]) -> AnnotationTable {
        AnnotationTable(
            names: (0..<(columns.first?.1.count ?? 0)).map { "r\($0)" },
            columns: columns.map { AnnotationColumn(name: $0.0, values: $0.1) })
    }

    @Test func numbersAreFeaturesButDosesAreNot() throws {
        let (features, notices) = try FeatureTable.reading(
            table([
                ("drug", .strings(["x", "y", "z"])), ("dose", .floats([1, 2, 3])), ("logp", .floats([0.5, .nan, 2])),
                ("rings", .strings(["1", "2", "3"])), ("comment", .strings(["a", "b", "c"])),
            ]))
        #expect(features.perturbations == ["x", "z"] && features.features == ["logp", "rings"])
        #expect(features.values.values == [0.5, 1, 2, 3])
        #expect(notices.map(\.code) == ["INCOMPLETE_FEATURES"] && notices[0].message.contains("y"))
        #expect(features.selecting(perturbations: ["z", "x"])?.values.values == [2, 3, 0.5, 1])
        #expect(features.selecting(perturbations: ["y"]) == nil)
        #expect(try features.aligned(to: ["rings"]).values.values == [1, 3])
        #expect { try features.aligned(to: ["tpsa"]) } throws: { ($0 as? ScreenError)?.code == "BAD_FEATURES" }
    }

    @Test func storedFingerprintsNeedNoLibrary() throws {
        var options = FeatureOptions()
        options.fingerprintBits = 16
        let columns = [("drug", ColumnValues.strings(["x", "y"])), ("smiles", .strings(["CCO", "not read"]))]
        let (features, _) = try FeatureTable.reading(
            table(columns + [("morgan2_16_hex", .strings(["8001", "0000"]))]), options: options)
        #expect(features.values.row(0).elementsEqual([1] + [Float](repeating: 0, count: 14) + [1]))
        #expect {
            try FeatureTable.reading(table(columns + [("morgan2_16_hex", .strings(["80", "00"]))]), options: options)
        } throws: { ($0 as? ScreenError)?.code == "BAD_FINGERPRINT" }
    }

    @Test(.enabled(if: Molecule.libraryVersion != nil, "built without the trait RDKit"))
    func structuresBecomeFingerprints() throws {
        var options = FeatureOptions()
        options.useDescriptors = true
        let (features, notices) = try FeatureTable.reading(
            table([("perturbation", .strings(["ethanol", "bad", "none"])), ("smiles", .strings(["CCO", "C(", nil]))]),
            options: options)
        #expect(features.perturbations == ["ethanol"])
        #expect(features.features.count == 2048 + MolecularDescriptors.names.count)
        let expected = try Molecule(smiles: "CCO").morganFingerprint().values
        #expect(Array(features.values.values.prefix(2048)) == expected)
        #expect(abs(features.values.values[2048] - 46.069) < 1e-3)
        #expect(notices.map(\.code) == ["INCOMPLETE_FEATURES"])
    }

    @Test(.disabled(if: Molecule.libraryVersion != nil, "built with the trait RDKit"))
    func structuresWithoutTheLibraryAreRefused() {
        #expect {
            try FeatureTable.reading(table([("drug", .strings(["x"])), ("smiles", .strings(["CCO"]))]))
        } throws: {
            ($0 as? ScreenError)?.code == "RDKIT_UNAVAILABLE"
        }
    }

    @Test(arguments: [(-8, 2), (0, 2), (7, 2), (1 << 20, 2), (2048, -1), (2048, 1000)])
    func fingerprintsOfImpossibleShapeAreRefused(_ bits: Int, _ radius: Int) {
        var options = FeatureOptions()
        (options.fingerprintBits, options.fingerprintRadius) = (bits, radius)
        let error = #expect(throws: ScreenError.self) {
            try FeatureTable.reading(table([("smiles", .strings(["CC", "CO"]))]), options: options)
        }
        #expect(error?.code == "OPTION")
    }

    @Test func repeatedRowsMustAgree() throws {
        let names = ColumnValues.strings(["x", "x"])
        #expect(
            try FeatureTable.reading(table([("drug", names), ("f", .floats([1, 1]))])).features.perturbations == ["x"])
        #expect { try FeatureTable.reading(table([("drug", names), ("f", .floats([1, 2]))])) } throws: {
            ($0 as? ScreenError)?.code == "BAD_FEATURES"
        }
        var options = FeatureOptions()
        options.where = ["set": ["second"]]
        let (features, _) = try FeatureTable.reading(
            table([("drug", names), ("f", .floats([1, 2])), ("set", .strings(["first", "second"]))]), options: options)
        #expect(features.values.values == [2])
    }

    @Test func unmatchedPerturbationsAreReported() throws {
        let screen = PerturbationScreen(
            genes: ["A"], expression: Matrix(rows: 3, columns: 1), scale: .scaled,
            contexts: [
                Context(perturbation: "c", isControl: true), Context(perturbation: "x"), Context(perturbation: "y"),
            ], contextOfCell: [0, 1, 2])
        let some = FeatureTable(
            perturbations: ["x", "unseen"], features: ["f"], values: Matrix(rows: 2, columns: 1, values: [1, 2]))
        let joined = try screen.withFeatures(some)
        #expect(joined.perturbationsWithoutFeatures == ["y"])
        #expect(joined.notices.last?.code == "FEATURES_MISSING")
        #expect(joined.features == some)
        let none = FeatureTable(perturbations: ["z"], features: ["f"], values: Matrix(rows: 1, columns: 1))
        #expect { try screen.withFeatures(none) } throws: { ($0 as? ScreenError)?.code == "NO_FEATURES_MATCH" }
    }
}
