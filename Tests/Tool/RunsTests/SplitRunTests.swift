import AnnotatedData
import Formats
import Foundation
import Matrices
import Probability
import Screens
import Testing

@testable import Runs

/// Runs and evaluations on a split from a file.
struct SplitRunTests {
    private static let (drugs, genes) = (6, 12)

    /// Counts of a small screen; those at `changed` places are others.
    private static func counts(changed: Set<Int> = []) -> AnnotatedMatrix {
        var random = RandomStream(seed: 4)
        var names: [String] = []
        var values: [Float] = []
        for group in 0...drugs {
            for _ in 0..<(group == 0 ? 60 : 12) {
                let cell = names.count
                names.append(group == 0 ? "control" : "drug\(group)")
                for gene in 0..<genes {
                    let mean = gene == group ? 20.0 : 1 + Double(gene)
                    let count = random.poisson(mean: mean)
                    values.append(Float(changed.contains(cell) ? 3 * (count + gene) : count))
                }
            }
        }
        return AnnotatedMatrix(
            x: .dense(Matrix(rows: names.count, columns: genes, values: values)),
            cells: AnnotationTable(
                names: names.indices.map { "c\($0)" },
                columns: [.init(name: "perturbation", values: .strings(names))]),
            genes: AnnotationTable(names: (0..<genes).map { "g\($0)" }))
    }

    private static func configuration(_ folder: String, screen: String) throws -> RunConfiguration {
        var configuration = RunConfiguration()
        configuration.input = screen
        configuration.split.file = folder + "/split.tsv"
        configuration.split.fold = 2
        configuration.preprocess.topGenes = 8
        configuration.preprocess.scale = .counts
        configuration.fit.responses.draws = 3
        configuration.fit.responses.restarts = 1
        configuration.predict.cells = 5
        return configuration
    }

    private static func inScratch(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "split-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test("Nothing of the test part leaks: other test values, the same genes, edges and weights to the byte")
    func leak() throws {
        try Self.inScratch { folder in
            let data = Self.counts()
            try writeH5AD(data, to: folder + "/screen.h5ad")
            let job = try SplitJob(
                input: folder + "/screen.h5ad", configuration: nil, settings: ["preprocess.scale=counts"],
                features: nil,
                console: Console(style: .quiet))
            var plan = SplitJob.Plan()
            plan.folds = 3
            _ = try job.split(plan, to: folder + "/split.tsv")
            let split = try SplitFile.read(folder + "/split.tsv")
            let design = try PerturbationScreen(data, scale: .counts)
            let cells = try split.cells(of: design, fold: 2, controls: .disjoint(0))
            // Controls of the test part are among those changed.
            let tested = Set(cells.test)
            #expect(tested.count == 2 * 12 + 30)
            try writeH5AD(Self.counts(changed: tested), to: folder + "/changed.h5ad")
            try writeH5AD(Self.counts(changed: Set(cells.training)), to: folder + "/other.h5ad")
            var weights: [Data] = []
            for name in ["screen", "changed", "other"] {
                let pipeline = try Pipeline(
                    Self.configuration(folder, screen: "\(folder)/\(name).h5ad"), output: "\(folder)/\(name)",
                    console: Console(style: .quiet))
                try pipeline.run()
                weights.append(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)/model/model.safetensors")))
            }
            #expect(weights[0] == weights[1])
            #expect(weights[0] != weights[2])
            func text(_ name: String) throws -> String { try String(contentsOfFile: folder + name, encoding: .utf8) }
            #expect(try text("/screen/edges.tsv") == text("/changed/edges.tsv"))
            #expect(try text("/screen/evaluation.tsv") != text("/changed/evaluation.tsv"))
            // The split is kept with the run, and its checksum with the model.
            #expect(try text("/screen/split.tsv") == split.text)
            let key = Fingerprint.of(split.text + "fold 2 \(ControlUse.disjoint(0))")
            #expect(try text("/screen/model/model.json").contains(key))
            #expect(try text("/screen/evaluation.tsv").contains("\tdisjoint\t"))
        }
    }

    @Test("Predictions of a run are judged by `evaluate` as the run judged them")
    func evaluate() throws {
        try Self.inScratch { folder in
            let input = folder + "/screen.h5ad"
            try writeH5AD(Self.counts(), to: input)
            // The scale must not depend on the fold.
            let settings = ["preprocess.targetSum=80", "preprocess.scale=counts"]
            var plan = SplitJob.Plan()
            plan.folds = 2
            _ = try SplitJob(
                input: input, configuration: nil, settings: settings, features: nil, console: Console(style: .quiet)
            ).split(plan, to: folder + "/split.tsv")
            var list = ["file\tmodel\tfold\tcontrols"]
            for fold in 1...2 {
                var configuration = try Self.configuration(folder, screen: input)
                configuration.split.fold = fold
                configuration.preprocess.topGenes = nil
                configuration.preprocess.targetSum = 80
                // Perturbations that are known by name only can't be predicted unseen: an identity for each.
                let table = (1...Self.drugs).map { "drug\($0)\t\($0)\t\($0 % 2)\n" }.joined()
                try ("perturbation\tf\th\n" + table).write(
                    toFile: folder + "/features.tsv", atomically: true, encoding: .utf8)
                configuration.features = folder + "/features.tsv"
                try Pipeline(configuration, output: "\(folder)/run\(fold)", console: Console(style: .quiet)).run()
                list.append("run\(fold)/predictions.h5ad\tours\t\(fold)\t0")
            }
            try list.joined(separator: "\n").write(toFile: folder + "/list.tsv", atomically: true, encoding: .utf8)
            var request = EvaluationJob.Request()
            request.predictions = [folder + "/list.tsv"]
            request.split = folder + "/split.tsv"
            let job = try EvaluationJob(
                truth: input, configuration: nil, settings: settings, features: folder + "/features.tsv",
                console: Console(style: .quiet))
            let overview = try job.evaluate(request, to: folder + "/scores.tsv")
            #expect(overview.contains("disjoint\tours\t") && !overview.contains("shared\t"))
            func rows(_ path: String, _ predictor: String) throws -> [String: Double] {
                let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
                return lines.reduce(into: [:]) { rows, line in
                    let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
                    guard fields[6] == predictor, fields[0].hasPrefix("drug") else { return }
                    rows["\(fields[0]) \(fields[1])"] = Double(fields[3])
                }
            }
            let judged = try rows(folder + "/scores.tsv", "ours")
            var compared = 0
            for fold in 1...2 {
                for (key, value) in try rows("\(folder)/run\(fold)/evaluation.tsv", "model") {
                    // Treatments are told from those at hand; frames of cells are of all cells in either.
                    let isAmongOthers = key.contains("discrimination") || key.contains("retrieval")
                    guard key.contains("shifts"), !isAmongOthers else { continue }
                    // Shifts went through text and single precision.
                    #expect(abs(value - (judged[key] ?? .nan)) < 1e-4, "\(key)")
                    compared += 1
                }
            }
            #expect(compared >= 5 * Self.drugs)
            let record = try String(contentsOfFile: folder + "/scores.json", encoding: .utf8)
            #expect(record.contains(try Fingerprint.ofFile(input)))
            #expect(record.contains(try Fingerprint.ofFile(folder + "/split.tsv")))
        }
    }
}
