import AnnotatedData
import Explanations
import Foundation
import Graphs
import Interventions
import KernelMechanisms
import Networks
import Reports
import Screens
import Structure

/// What the stage `structure` leaves behind beside the edges.
struct StructureArtifact: Codable, Sendable {
    static let currentSchema = 2
    var schema = StructureArtifact.currentSchema
    var weights: String
    var weightsVersion: String
    var weightsSHA256: String
    var subsetCount: Int
    var notices: [Notice]
    var acyclic: AcyclicSummary
    /// Of the weights, on simulated worlds.
    var calibration: StructureCalibration?
    /// Of the data from the worlds of the training.
    var training: TrainingDistance?
    /// Where cells were drawn anew: how often, and the most probable edges.
    var resamples: Int?
    var resampledEdges: [TrustFindings.ResampledEdge]?
}

extension Pipeline {
    func structureStage() throws -> Stage {
        let weights = try Weights.file(configuration.structure.weights)
        let digest = try Fingerprint.ofFile(weights)
        let options = Fingerprint.of(configuration.structure) + " seed \(configuration.seed)"
        let inputs = [artifact("screen.h5ad"), artifact("quality.json"), digest, options]
        return Stage(name: "structure", inputs: inputs) { scratch in
            let screen = try loadScreen(isForStructure: true).training
            let predictor = try StructurePredictor(weightsFile: weights)
            let reading = configuration.structure.options(seed: configuration.seed)
            let prediction = try StructurePrediction.orNone(genes: screen.genes) {
                try predictor.predict(screen: screen, options: reading) { done, total in
                    console.advance(
                        to: Double(done) / Double(max(1, total)), total > 1 ? "\(done) of \(total) subsets" : "")
                }
            }
            try OutputFile.fill(
                scratch.appending(file: "edges.tsv"),
                with: Data(EdgeTable.text(prediction.beliefs, resampled: prediction.resampled).utf8))
            let decoding = AcyclicDecoding(prediction.beliefs)
            try OutputFile.fill(
                scratch.appending(file: "edges.acyclic.tsv"),
                with: Data(GraphFiles.decisions(decoding, beliefs: prediction.beliefs).utf8))
            let acyclic = AcyclicSummary(decoding, genes: prediction.beliefs.genes)
            let notices = prediction.notices + acyclic.notices
            notices.forEach { console.note($0.message) }
            let result = StructureArtifact(
                weights: predictor.card.name, weightsVersion: predictor.card.version, weightsSHA256: digest,
                subsetCount: prediction.subsetCount, notices: notices, acyclic: acyclic,
                calibration: predictor.card.calibration, training: prediction.distance,
                resamples: prediction.resampled?.count, resampledEdges: prediction.resampledEdges)
            try OutputFile.fill(
                scratch.appending(file: "structure.json"), with: CanonicalJSON.encode(result, pretty: true))
            return "\(prediction.beliefs.likelyEdges) among \(screen.genes.count) genes"
        }
    }

    func fitStage() throws -> Stage {
        let options = Fingerprint.of(configuration.fit) + " seed \(configuration.seed)"
        let inputs =
            [artifact("screen.h5ad"), artifact("quality.json"), artifact("edges.tsv"), options] + (try featureInputs())
            + (try configuration.fit.inputs())
        return Stage(name: "fit", inputs: inputs) { scratch in
            let key = try key(ofInputs: inputs)
            let screen = try openTraining()
            let beliefs = try EdgeTable.read(folder.file("edges.tsv"), genes: screen.genes)
            let checkpoint = CheckpointedFit(
                file: folder.file("fit.checkpoint.json"), key: key)
            var model = try checkpoint.run(
                screen, beliefs: beliefs, options: configuration.fit, seed: configuration.seed, console: console)
            model.provenance = [
                "version": Build.version, "configuration": Fingerprint.of(configuration.withoutPaths),
                "input": try decode(ReadArtifact.self, from: "read.json").sha256,
                "split": try decode(QualityArtifact.self, from: "quality.json").split,
            ]
            model.notices.forEach { console.note($0.message) }
            try ModelFolder.write(model, controls: screen, to: scratch.appending(file: "model"))
                .forEach { console.note($0.message) }
            checkpoint.discard()
            let converged = model.outcomes.count { if case .converged = $0 { true } else { false } }
            let settled = converged == model.outcomes.count
            return "\(model.ensembleSize) graphs, " + (settled ? "settled" : "not settled: the report says why")
        }
    }

    func explainStage() throws -> Stage {
        let inputs = modelInputs() + [Fingerprint.of(configuration.explain)]
        let weights = try configuration.explain.counterfactualGraphs > 0 ? [AmortisedKernelModel.shippedFile()] : []
        return Stage(name: "explain", inputs: inputs + (try weights.map(Fingerprint.ofFile))) { scratch in
            let model = try loadModel()
            let queries = try loadScreen().whole.queries(for: model)
            let seed = configuration.seed
            let predicted = try Array(zip(queries, model.predict(queries, draws: 200, seed: seed)))
            let result = try ExplanationArtifact(
                of: model, predicted, hidden: configuration.explain.causes,
                controls: ModelFolder.readControlCells(folder.file("model"), genes: model.genes),
                counterfactualGraphs: configuration.explain.counterfactualGraphs, seed: seed
            ) { [console] in console.advance(to: $0, $1) }
            try OutputFile.fill(
                scratch.appending(file: "explanations.json"), with: CanonicalJSON.encode(result, pretty: true))
            if let table = result.counterfactualTable {
                try OutputFile.fill(
                    scratch.appending(file: ExplanationArtifact.counterfactualFile), with: Data(table.utf8))
            }
            if let table = result.identifiabilityTable {
                try OutputFile.fill(
                    scratch.appending(file: ExplanationArtifact.identifiabilityFile), with: Data(table.utf8))
            }
            return "\(result.perturbations.count) treatments, \(model.genes.count) genes"
        }
    }

    /// The artifacts and options on which everything after the fit depends.
    func modelInputs() -> [String] {
        [
            artifact("screen.h5ad"), artifact("quality.json"), artifact("model/model.safetensors"),
            artifact("model/model.json"), artifact("model/controls.h5ad"), "seed \(configuration.seed)",
        ]
    }

    func loadModel() throws -> any PerturbationModel { try ModelFolder.readModel(folder.file("model")) }
}

extension PerturbationScreen {
    /// A question for every treatment of the screen that the model can answer, in the order of contexts.
    func queries(for model: any PerturbationModel) -> [PerturbationQuery] {
        contexts.filter { !$0.isControl }.compactMap {
            model.query(for: $0, features: features, combinations: combinations)
        }
    }
}
