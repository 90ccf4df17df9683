import AnnotatedData
import Formats
import Foundation
import Testing

/// The screens in `Reference/Screens`.
struct ShippedScreensTests {
    static let folder: URL = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent("Reference/Screens")
    }()

    @Test func theSachsScreenIsWhatThePackageHolds() throws {
        let result = try readAnnotated(Self.folder.appendingPathComponent("sachs.h5ad").path)
        #expect(result.notices.isEmpty)
        let x = try #require(result.data.x).dense
        #expect(x.rows == 7466 && x.columns == 11)
        #expect(
            result.data.genes.names
                == ["Raf", "Mek", "PLCg", "PIP2", "PIP3", "Erk", "Akt", "PKA", "PKC", "p38", "JNK"])
        // The first line of cyto_full_data.csv.
        #expect(Array(x.row(0)) == [26.4, 13.2, 8.82, 18.3, 58.8, 6.61, 17.0, 414.0, 17.0, 44.9, 40.0])
    }

    @Test func theConsensusNetworkJoinsMeasuredProteins() throws {
        let edges = try readTable(Self.folder.appendingPathComponent("sachs_consensus.tsv").path)
        guard case .strings(let targets)? = edges["target"] else {
            Issue.record("there is no column of targets")
            return
        }
        #expect(targets.count == 18)
        let proteins = Set(
            try readAnnotated(Self.folder.appendingPathComponent("sachs.h5ad").path).data.genes.names)
        #expect(proteins.isSuperset(of: edges.names + targets.compactMap { $0 }))
    }
}
