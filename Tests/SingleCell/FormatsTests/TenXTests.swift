import AnnotatedData
import Foundation
import HDF5
import Matrices
import Testing

@testable import Formats

/// Files of `Pipelines/Golden/tenx.py`, made with h5py alone.
enum TenXGolden {
    static let cells = ["AAAC-1", "AAAG-1", "AAAT-2", "AACA-2"]
    static let genes = ["MT-CO1", "TP53", "Trp53", "TP53+MDM2_1", "non-targeting_1", "CD3"]
    /// The last of the first cell is 2^24 + 1 in the files, which is no Float.
    static let counts: [Float] = [
        3, 0, 0, 7, 0, 0x1p24,
        0, 0, 0, 0, 0, 0,
        1, 2, 0, 0, 5, 1,
        0, 0, 4, 0, 0, 0,
    ]

    static var matrix: Matrix<Float> { Matrix(rows: 4, columns: 6, values: counts) }

    static func path(_ name: String) -> String {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent("Reference/Golden/TenX/\(name)").path
    }

    /// Damages a file at random places, and reads what is left: an answer or an error that names the file.
    static func expectAnswers(_ name: String, refusing least: Int) throws {
        let scratch = try Scratch()
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
        var random = SeededGenerator(state: 20_113)
        var refused = 0
        for _ in 0..<150 {
            var bytes = whole
            if Int.random(in: 0..<8, using: &random) == 0 {
                bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            }
            for _ in 0...Int.random(in: 0..<12, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let path = try scratch.file("damaged.h5", bytes)
            do { _ = try readAnnotated(path) } catch {
                refused += 1
                #expect(error.file == path && !error.code.isEmpty)
            }
        }
        #expect(refused > least)
    }
}

struct TenXTests {
    @Test func allFeaturesAreReadAsScanpyNamesThem() throws {
        let result = try readAnnotated(TenXGolden.path("multi.h5"))
        let (data, genes) = (result.data, result.data.genes)
        #expect(result.format == .tenXHDF5 && result.layout == "csr" && result.dtype == "int32")
        #expect(data.x?.dense == TenXGolden.matrix)
        #expect(data.cells.names == TenXGolden.cells && genes.names == TenXGolden.genes)
        #expect(genes.columns.map(\.name) == ["gene_ids", "feature_types", "genome", "pattern"])
        #expect(genes["gene_ids"] == .strings(["ENSG01", "ENSG02", "ENSMUSG01", "guide1", "guide2", "ADT1"]))
        #expect(genes["genome"] == .strings(["GRCh38", "GRCh38", "mm10", "", "", ""]))
        #expect(genes["pattern"] == .strings(["", "", "", "5P(BC)", "5P(BC)", "^(BC)"]))
        // Feature types, genomes, and 2^24 + 1.
        #expect(result.notices.map(\.code) == ["SEVERAL_KINDS", "SEVERAL_KINDS", "PRECISION"])
    }

    @Test func valuesBeyondFloatAreGivenExactly() throws {
        let source = try openAnnotated(TenXGolden.path("multi.h5"))
        var exact: [Double] = []
        try source.x?.forEachBlock { exact += $0.exact ?? [] }
        // Within a barcode the file's indices fall.
        #expect(exact == [16_777_217, 7, 3, 1, 5, 2, 1, 4])
    }

    @Test(
        arguments: [
            (nil, ["Gene Expression"], [0, 1, 2]), (nil, ["CRISPR Guide Capture"], [3, 4]),
            (nil, ["Antibody Capture", "Gene Expression"], [0, 1, 2, 5]), ("GRCh38", nil, [0, 1]), ("mm10", nil, [2]),
        ] as [(String?, [String]?, [Int])])
    func partsOfTheFeaturesCanBeChosen(genome: String?, types: [String]?, columns: [Int]) throws {
        var options = ReadingOptions()
        options.genome = genome
        options.featureTypes = types
        let source = try openAnnotated(TenXGolden.path("multi.h5"), options: options)
        let expected = TenXGolden.matrix.selectingColumns(columns)
        #expect(source.annotation.genes.names == columns.map { TenXGolden.genes[$0] })
        #expect(source.x?.storedCount == expected.values.count { $0 != 0 })
        #expect(try source.load().data.x?.dense == expected)
    }

    private func error(_ name: String, _ options: ReadingOptions = .init()) -> FormatError? {
        do throws(FormatError) {
            _ = try readAnnotated(name, options: options)
            return nil
        } catch {
            return error
        }
    }

    @Test func whatIsNotThereIsNamedWithWhatIs() throws {
        var options = ReadingOptions()
        options.genome = "hg19"
        #expect(error(TenXGolden.path("multi.h5"), options)?.message.contains("GRCh38, mm10") == true)
        let old = error(TenXGolden.path("two_genomes.h5"), options)
        #expect(old?.code == "MISSING_ELEMENT" && old?.message.contains("GRCh38, mm10") == true)
        options.genome = nil
        options.featureTypes = ["Peaks"]
        let types = error(TenXGolden.path("multi.h5"), options)
        #expect(types?.code == "MISSING_ELEMENT" && types?.message.contains("CRISPR Guide Capture") == true)
    }

    /// What a file only declares is not walked through.
    @Test func entriesThatWereNeverWritten() {
        #expect(error(TenXGolden.path("declared.h5"))?.code == "LIMIT")
    }

    @Test func severalMatricesMustBeChosenFrom() throws {
        let path = TenXGolden.path("two_genomes.h5")
        let error = error(path)
        #expect(error?.code == "AMBIGUOUS" && error?.remedy.contains("read.genome") == true)
        #expect(error?.message.contains("GRCh38, mm10") == true)
        var options = ReadingOptions()
        options.genome = "GRCh38"
        let data = try readAnnotated(path, options: options).data
        #expect(data.x?.dense == TenXGolden.matrix.selectingColumns([0, 1]))
        #expect(data.genes.names == ["MT-CO1", "TP53"] && data.genes["gene_ids"] == .strings(["ENSG01", "ENSG02"]))
    }

    @Test func damagedFilesAreReadOrRefused() throws {
        try TenXGolden.expectAnswers("multi.h5", refusing: 20)
        try TenXGolden.expectAnswers("two_genomes.h5", refusing: 20)
    }

    // MARK: - One element wrong at a time

    private struct Parts {
        var barcodes: [String]? = ["a", "b"]
        var identifiers: [String]? = ["E1", "E2", "E3"]
        var types: [String]? = nil
        var data = HDF5Content.smallIntegers([1, 2, 3])
        var indices = HDF5Content.integers([0, 2, 1])
        var starts = HDF5Content.integers([0, 2, 3])
        var shape = HDF5Content.smallIntegers([3, 2])
        var filtered: HDF5Content?

        func write(_ path: String) throws {
            let file = try HDF5File(creating: path)
            let group = try file.root.makeGroup("matrix")
            if let barcodes { try group.write("barcodes", .strings(barcodes)) }
            try group.write("data", data)
            try group.write("indices", indices)
            try group.write("indptr", starts)
            try group.write("shape", shape)
            if let identifiers {
                try group.write("features/id", .strings(identifiers))
                try group.write("features/name", .strings(identifiers))
            }
            if let filtered { try group.write("filtered_barcodes", filtered) }
            if let types { try group.write("features/feature_type", .strings(types)) }
            try file.close()
        }
    }

    private static let faults: [(code: String, element: String, change: @Sendable (inout Parts) -> Void)] = [
        ("MISSING_ELEMENT", "/matrix/barcodes", { $0.barcodes = nil }),
        ("MISSING_ELEMENT", "/matrix/features", { $0.identifiers = nil }),
        ("SHAPE_MISMATCH", "/matrix/features/feature_type", { $0.types = ["Gene Expression"] }),
        ("SHAPE_MISMATCH", "/matrix/shape", { $0.shape = .smallIntegers([2, 3]) }),
        ("SHAPE_MISMATCH", "/matrix/shape", { $0.shape = .smallIntegers([3]) }),
        ("SHAPE_MISMATCH", "/matrix", { $0.indices = .integers([0, 2]) }),
        ("BAD_INDPTR", "/matrix/indptr", { $0.starts = .integers([0, 2, 3, 3]) }),
        ("BAD_INDPTR", "/matrix/indptr", { $0.starts = .integers([1, 2, 3]) }),
        ("BAD_INDPTR", "/matrix/indptr[2]", { $0.starts = .integers([0, 4, 3]) }),
        ("BAD_INDPTR", "/matrix/indptr", { $0.starts = .integers([0, 2, 1 << 62]) }),
        ("BAD_INDPTR", "/matrix/indptr[1]", { $0.starts = .integers([0, -1, 3]) }),
        ("DTYPE", "/matrix/indptr", { $0.starts = .doubles([0, 2, 3]) }),
        ("INDEX_RANGE", "/matrix/indices[2]", { $0.indices = .integers([0, 2, 3]) }),
        ("INDEX_RANGE", "/matrix/indices[0]", { $0.indices = .integers([-1, 2, 1]) }),
        ("INDEX_RANGE", "/matrix/indices[1]", { $0.indices = .integers([0, 1 << 40, 1]) }),
        ("DTYPE", "/matrix/indices", { $0.indices = .floats([0, 2, 1]) }),
        ("DTYPE", "/matrix/data", { $0.data = .strings(["1", "2", "3"]) }),
        ("SHAPE_MISMATCH", "/matrix/filtered_barcodes", { $0.filtered = .booleans([true]) }),
        ("NEGATIVE", "/matrix/data", { $0.data = .smallIntegers([1, -2, 3]) }),
        ("NONFINITE", "/matrix", { $0.data = .floats([1, .nan, 3]) }),
    ]

    @Test func everyFaultIsNamedWithItsPlace() throws {
        let scratch = try Scratch()
        for (number, fault) in Self.faults.enumerated() {
            var parts = Parts()
            fault.change(&parts)
            let path = scratch.path("fault\(number).h5")
            try parts.write(path)
            let error = error(path)
            #expect(
                error?.code == fault.code && error?.element == fault.element, "\(number): \(String(describing: error))")
            #expect(error?.file == path)
        }
        var swapped = Parts()
        swapped.shape = .smallIntegers([2, 3])
        try swapped.write(scratch.path("swapped.h5"))
        #expect(error(scratch.path("swapped.h5"))?.message.contains("swapped") == true)
    }

    @Test func oddFilesAreReadWithANotice() throws {
        let scratch = try Scratch()
        var parts = Parts()
        parts.indices = .integers([2, 2, 1])
        parts.identifiers = ["E1", "E2", "E2"]
        parts.data = .floats([1, 2.5, -3])
        parts.filtered = .strings(["yes", "perhaps"])
        try parts.write(scratch.path("odd.h5"))
        let result = try readAnnotated(scratch.path("odd.h5"))
        #expect(result.data.x?.dense == Matrix(rows: 2, columns: 3, values: [0, 0, 3.5, 0, -3, 0]))
        #expect(result.notices.map(\.code) == ["DUPLICATE_NAMES", "DUPLICATE_ENTRIES"])
        #expect(result.data.genes["gene_ids"] == .strings(["E1", "E2", "E2"]))
        #expect(result.data.cells["filtered_barcodes"] == .strings(["yes", "perhaps"]))
    }

    @Test func otherFilesOfCellRangerAreNamed() throws {
        let scratch = try Scratch()
        let path = scratch.path("molecule_info.h5")
        let file = try HDF5File(creating: path)
        for name in ["barcode_idx", "feature_idx", "umi", "count"] { try file.root.write(name, .integers([1])) }
        try file.close()
        let error = error(path)
        #expect(error?.code == "NOT_THIS_FORMAT" && error?.message.contains("molecule_info") == true)
        #expect(error?.remedy.contains("filtered_feature_bc_matrix.h5") == true)
    }

    // MARK: - Files of others

    /// Shape, entries, their sum, Σ cell · value and Σ gene · value (counted from 1), as scanpy 1.11.5 reads the files.
    private static let thirdParty: [(String, [Int], Int, [Double])] = [
        ("scanpy/10x_data/1.2.0/filtered_gene_bc_matrices_h5.h5", [12, 343], 12, [12, 78, 2343]),
        ("scanpy/10x_data/1.2.0/multiple_genomes.h5", [12, 343], 12, [13, 81, 2626]),
        ("scanpy/10x_data/3.0.0/filtered_feature_bc_matrix.h5", [1107, 507], 23866, [41549, 22_883_968, 13_385_966]),
        ("scanpy/visium_data/1.0.0/filtered_feature_bc_matrix.h5", [100, 100], 656, [932, 45779, 52182]),
        ("scanpy/visium_data/2.1.0/raw_probe_bc_matrix.h5", [4987, 1000], 858, [3372, 8_369_074, 2_009_291]),
        ("scprep/test_10X.h5", [100, 100], 1405, [7663, 226_552, 232_922]),
        // The same matrix with one genome for all features, on which scanpy stops.
        ("scprep/test_10X_cellranger3.h5", [100, 100], 1405, [7663, 226_552, 232_922]),
        ("seurat/visium/filtered_feature_bc_matrix.h5", [2695, 100], 50355, [132_231, 177_234_551, 6_039_786]),
    ]

    @Test(.enabled(if: RealData.folder != nil, "needs shared/data beside the package"))
    func filesOfOthersAreRead() throws {
        for (name, shape, stored, sums) in Self.thirdParty {
            var options = ReadingOptions()
            options.genome = name.contains("multiple") ? "another_genome" : nil
            let path = RealData.folder!.appendingPathComponent("formats/third_party/\(name)").path
            let source = try openAnnotated(path, options: options)
            #expect([source.annotation.cells.count, source.annotation.genes.count] == shape, "\(name)")
            #expect(source.x?.storedCount == stored, "\(name)")
            let matrix = try #require(try source.load().data.x).dense
            var found = [0.0, 0, 0]
            for cell in 0..<matrix.rows {
                for (gene, value) in matrix.row(cell).enumerated() where value != 0 {
                    found[0] += Double(value)
                    found[1] += Double(value) * Double(cell + 1)
                    found[2] += Double(value) * Double(gene + 1)
                }
            }
            #expect(found == sums, "\(name)")
        }
    }

    @Test(.enabled(if: RealData.folder != nil, "needs shared/data beside the package"))
    func probesBearTheirOwnNames() throws {
        let path = RealData.folder!.appendingPathComponent(
            "formats/third_party/scanpy/visium_data/2.1.0/raw_probe_bc_matrix.h5"
        ).path
        let data = try openAnnotated(path).annotation
        #expect(
            data.genes.columns.map(\.name) == [
                "probe_ids", "gene_ids", "feature_types", "filtered_probes", "gene_name", "genome", "probe_region",
            ])
        #expect(data.genes.names.last == "Utp20|6221d37")
        guard case .booleans? = data.cells["filtered_barcodes"] else {
            Issue.record("no column filtered_barcodes")
            return
        }
    }

    @Test(.enabled(if: RealData.folder != nil, "needs shared/data beside the package"))
    func genomesOfTheZooAreChosen() throws {
        let path = RealData.folder!.appendingPathComponent("formats/zoo/10x_v2_two_genomes.h5").path
        let whole = try readAnnotated(RealData.folder!.appendingPathComponent("formats/zoo/10x_v2.h5").path).data
        var columns: [String] = []
        for (genome, width) in [("hg19", 20), ("mm10", 25)] {
            var options = ReadingOptions()
            options.genome = genome
            let data = try readAnnotated(path, options: options).data
            #expect(data.cells.count == 60 && data.genes.count == width)
            let places = data.genes.names.compactMap { whole.genes.names.firstIndex(of: $0) }
            #expect(data.x?.dense == whole.x?.dense.selectingColumns(places))
            columns += data.genes.names
        }
        #expect(columns == whole.genes.names)
        #expect(error(path)?.code == "AMBIGUOUS")
    }

    @Test(.enabled(if: RealData.folder != nil, "needs shared/data beside the package"))
    func kindsOfTheZooAreChosen() throws {
        let path = RealData.folder!.appendingPathComponent("formats/zoo/10x_v3_multi.h5").path
        let facts = try #require(try RealData.json("formats/zoo/expected.json")["10x_v3_multi.h5"] as? [String: Any])
        let whole = try readAnnotated(path).data
        for (type, key) in [("Gene Expression", "gex_only"), ("CRISPR Guide Capture", "guides")] {
            var options = ReadingOptions()
            options.featureTypes = [type]
            let data = try readAnnotated(path, options: options).data
            #expect([data.cells.count, data.genes.count] == (facts[key] as? [String: Any])?["shape"] as? [Int])
            let places = whole.genes["feature_types"]?.labels.indices.filter {
                whole.genes["feature_types"]?.labels[$0] == type
            }
            #expect(data.x?.dense == whole.x?.dense.selectingColumns(places ?? []))
        }
    }
}
