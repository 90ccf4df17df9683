import AnnotatedData
import Matrices
import Screens
import Testing

struct GuideCountsTests {
    private let matrix = CellMatrix.sparse(
        SparseMatrix(
            rows: 3, columns: 4, rowStarts: [0, 2, 2, 4], columnIndices: [3, 0, 1, 2], values: [7, 1, 2, 3]))
    private let features = AnnotationTable(
        names: ["g1", "TP53", "g2", "MYC"],
        columns: [
            AnnotationColumn(
                name: "feature_types",
                values: .strings([
                    "CRISPR Guide Capture", "Gene Expression", "CRISPR Guide Capture", "Gene Expression",
                ])),
            AnnotationColumn(name: "target_gene_name", values: .strings(["TP53", nil, "MYC", nil])),
        ])

    @Test func guidesAreTakenByTheirType() throws {
        var options = GuideOptions()
        options.targetColumn = "target_gene_name"
        let found = try GuideCounts(matrix, features: features, options: options)
        #expect(found.guides == ["g1", "g2"] && found.targets == ["g1": "TP53", "g2": "MYC"])
        #expect(found.counts.dense == Matrix(rows: 3, columns: 2, values: [1, 0, 0, 0, 0, 3]))
        options.method = .threshold
        options.minimumCount = 1
        #expect(try assignGuides(found, options: options).perturbations == ["TP53", "unassigned", "MYC"])
    }

    @Test func guidesAreTakenByTheirNames() throws {
        var options = GuideOptions()
        options.features = ["MYC", "g1"]
        let found = try GuideCounts(.dense(matrix.dense) as CellMatrix, features: features, options: options)
        #expect(found.guides == ["MYC", "g1"])
        #expect(found.counts.dense == Matrix(rows: 3, columns: 2, values: [7, 1, 0, 0, 0, 0]))
    }

    @Test func guidesAreTakenByHowTheirNamesBegin() throws {
        func guides(_ pattern: String) throws -> [String] {
            var options = GuideOptions()
            options.featurePattern = pattern
            return try GuideCounts(matrix, features: features, options: options).guides
        }
        #expect(try guides("g[0-9]") == ["g1", "g2"])
        // Names begin with it: TP53 holds a P, and begins with another letter.
        #expect(try guides("M|P") == ["MYC"])
        #expect { try guides("x") } throws: { ($0 as? ScreenError)?.code == "MISSING_ELEMENT" }
        #expect { try guides("g[") } throws: { ($0 as? ScreenError)?.code == "OPTION" }
    }

    @Test func whatIsNotThereIsNamed() {
        var options = GuideOptions()
        options.features = ["g1", "g9"]
        #expect { try GuideCounts(matrix, features: features, options: options) } throws: {
            ($0 as? ScreenError)?.message.contains("g9") == true
        }
        options.features = nil
        options.featureType = "Custom"
        #expect { try GuideCounts(matrix, features: features, options: options) } throws: {
            let error = $0 as? ScreenError
            return error?.code == "MISSING_ELEMENT" && error?.message.contains("CRISPR Guide Capture") == true
        }
        options.featureType = "CRISPR Guide Capture"
        options.targetColumn = "target"
        #expect { try GuideCounts(matrix, features: features, options: options) } throws: {
            ($0 as? ScreenError)?.remedy.contains("targetColumn") == true
        }
    }
}
