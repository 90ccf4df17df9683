import Foundation
import Reference

/// The main job on data that comes with the tool: a simulated drug screen with planted truth, and the single-cell screen
/// of Sachs et al. 2005.
public struct Demo {
    /// What came of it, for the last lines of the demo.
    public struct Outcome: Sendable {
        public let reports: [String]
        public let lines: [String]
        /// Whether most of what was planted was found.
        public let isPlantedTruthFound: Bool
    }

    static let (drugs, cellsPerTreatment) = (40, 60)
    /// The drugs of the simulated screen that the model never sees: every fifth. Of two or three no paired interval could
    /// tell a better model from luck, whatever it says.
    static let heldOut = stride(from: 5, through: drugs, by: 5).map { String(format: "drug%02d", $0) }

    private static var heldOutText: String {
        heldOut.dropLast().joined(separator: ", ") + " and " + (heldOut.last ?? "")
    }

    let output: String
    let seed: UInt64
    let console: Console

    /// - Parameter output: A new folder, or one of an earlier demo.
    public init(output: String, seed: UInt64, console: Console) {
        self.output = output
        self.seed = seed
        self.console = console
    }

    /// What `run` would do, a line a step.
    public var plan: String {
        """
        simulate a drug screen into \(output)/simulated-data
        run the pipeline on it into \(output)/simulated, \(Self.heldOutText) held out
        run the pipeline on the screen of Sachs et al. 2005 into \(output)/sachs
        """
    }

    public func run() throws -> Outcome {
        try prepareFolder()
        let simulated = try runSimulated()
        let sachs = try runSachs()
        let planted = try simulated.decode(Recovery.self, from: "recovery.json")
        let consensus = try sachs.decode(Recovery.self, from: "recovery.json")
        let lines =
            ["", "Simulated drug screen, \(Self.heldOutText) held out:"]
            + planted.lines.map { "  " + $0 }
            + ["Sachs 2005, \(try sachs.cellCount()) cells:"] + consensus.lines.map { "  " + $0 }
            + ["", "The planted truth was \(planted.isFound ? "found" : "not found")."]
        return Outcome(
            reports: [simulated, sachs].map { $0.folder.file("report.html") }, lines: lines,
            isPlantedTruthFound: planted.isFound)
    }

    private func prepareFolder() throws {
        let manager = FileManager.default
        let contents = (try? manager.contentsOfDirectory(atPath: output)) ?? []
        guard contents.isEmpty || contents.contains("simulated") else {
            throw Failure(
                code: "OUTPUT_EXISTS", file: output,
                message: "expected a new folder or one of an earlier demo, found a folder with other files",
                remedy: "choose another folder", exit: .outputFailed)
        }
        do {
            try manager.createDirectory(atPath: output, withIntermediateDirectories: true)
        } catch {
            throw Failure.unwritable(output)
        }
        guard manager.isWritableFile(atPath: output) else { throw Failure.unwritable(output) }
    }

    private func runSimulated() throws -> Pipeline {
        let data = output + "/simulated-data"
        console.begin("simulate")
        try Simulation.drugScreen(
            settings: ["drugs=\(Self.drugs)", "cellsPerCondition=\(Self.cellsPerTreatment)"], seed: seed, output: data)
        console.end("\(Self.drugs) drugs × 3 doses with a planted network, targets and dose response")
        let file = output + "/simulated.yaml"
        try OutputFile.write(
            """
            # A simulated drug screen: counts, drug features, and the truth to compare with.
            title: A simulated drug screen with planted truth
            input: simulated-data/\(Simulation.screenFile)
            features: simulated-data/\(Simulation.featuresFile)
            truth: simulated-data/\(Simulation.truthFile)
            seed: \(seed)
            split:
              heldOut: [\(Self.heldOut.joined(separator: ", "))]
            preprocess:
              topGenes: 40

            """, to: file)
        return try run(file, into: "simulated")
    }

    private func runSachs() throws -> Pipeline {
        guard
            let screen = ReferenceFile.screen("sachs.h5ad").path,
            let network = ReferenceFile.screen("sachs_consensus.tsv").path
        else {
            throw Failure(
                code: "NOT_FOUND", file: "Reference/Screens/sachs.h5ad",
                message: "expected the data that ship with the tool, found none",
                remedy: "keep the folder of resources beside the executable, or set INTERVENTOME_REFERENCE",
                exit: .inputMissing)
        }
        let file = output + "/sachs.yaml"
        try OutputFile.write(
            """
            # Sachs et al. 2005: 7,466 cells, 11 proteins, reagents with known targets.
            title: The protein network of Sachs et al. 2005
            input: \(Self.quoted(screen))
            truth: \(Self.quoted(network))
            seed: \(seed)
            screen:
              perturbationColumn: condition
            preprocess:
              topGenes: null

            """, to: file)
        return try run(file, into: "sachs")
    }

    /// A path as a YAML text, whatever is in it.
    private static func quoted(_ path: String) -> String {
        "'" + path.replacingOccurrences(of: "'", with: "''") + "'"
    }

    private func run(_ configuration: String, into name: String) throws -> Pipeline {
        console.heading(name)
        let pipeline = try Pipeline(
            try RunConfiguration.load(file: configuration), output: output + "/" + name, console: console)
        try pipeline.run()
        return pipeline
    }
}

extension Pipeline {
    /// Cells of the preprocessed screen.
    func cellCount() throws -> Int { try decode(QualityArtifact.self, from: "quality.json").cellsKept }
}
