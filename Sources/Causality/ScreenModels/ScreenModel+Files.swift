import AnnotatedData
import FeatureModels
import Foundation
import Interventions
import Networks
import PredictedCells
import Responses
import Screens
import ShiftProcesses

/// A model on disk: `model.safetensors` (the numbers), `model.json` (what they mean), and for people `edges.tsv` and
/// `targets.tsv`.
extension ScreenModel {
    public static let schema = 3
    static let kind = "interventome screen model"

    /// What `model.json` holds.
    private struct Description: Codable {
        var schema: Int
        var kind: String
        var genes: [String]
        var scaling: GeneScaling
        var scale: ExpressionScale
        var options: ScreenModelOptions
        var seed: UInt64
        var contexts: [Context]
        var parts: [String]
        var combinations: [String: [String]]
        var knownTargets: [String: [String]]
        var graphs: Int
        var covariates: [ScreenPlan.CovariateLevels]
        /// Of each part: whether its effects follow a dose curve.
        var hasCurve: [Bool]
        var features: InverseFeatureModel.Description?
        var residual: ShiftProcess.Description?
        var direct: ShiftProcess.Description?
        var calibration: ShiftCalibration
        var cells: CellGenerator.Description?
        var isNonlinear: Bool
        var outcomes: [FitOutcome]
        var diagnostics: [FitDiagnostic]
        var searchScores: [[Double]]
        var notices: [Notice]
        var provenance: [String: String]
    }

    public func save(to directory: URL) throws {
        let description = Description(
            schema: Self.schema, kind: Self.kind, genes: genes, scaling: scaling, scale: scale, options: options,
            seed: seed, contexts: contexts, parts: parts, combinations: combinations, knownTargets: knownTargets,
            graphs: mechanisms.count, covariates: covariates,
            hasCurve: effects.effects.map { $0.contains { $0.logHalfDose != nil } }, features: inverse?.description,
            residual: paths?.residual.description, direct: paths?.direct.description, calibration: calibration,
            cells: generator?.description,
            isNonlinear: isNonlinear, outcomes: outcomes, diagnostics: diagnostics, searchScores: searchScores,
            notices: notices,
            provenance: provenance)
        try write(description, tensors, to: directory)
    }

    private var tensors: SafeTensors {
        let d = genes.count
        let draws = effects.effects.flatMap { $0 }
        let hard = replacements.flatMap { $0 }
        func flat(_ name: String, _ values: [Float]) -> SafeTensors.Entry {
            .init(name: name, shape: [values.count], values: values)
        }
        var entries: [SafeTensors.Entry] = [
            .init(name: "measured_shifts", shape: [contexts.count, d], values: measuredShifts.map { Float($0) }),
            .init(name: "edge_probabilities", shape: [d, d], values: edgeProbabilities),
            .init(name: "target_probabilities", shape: [parts.count, d], values: targetProbabilities),
            flat("effects/log_half_doses", draws.map { Float($0.logHalfDose ?? 0) }),
            flat("effects/log_steepness", draws.map { Float($0.logSteepness ?? 0) }),
        ]
        entries += CausalMechanisms.entries(mechanisms)
        entries += RaggedTensors.entries("effects/targets", draws.map { $0.targets.map { Float($0) } })
        entries += RaggedTensors.entries("effects/sizes", draws.map { $0.effects.map { Float($0) } })
        entries += RaggedTensors.entries("replacements/genes", hard.map { $0.map { Float($0.gene) } })
        entries += RaggedTensors.entries("replacements/means", hard.map { $0.map(\.mean) })
        entries += RaggedTensors.entries("replacements/deviations", hard.map { $0.map(\.deviation) })
        let arrays = [
            ("features", inverse?.arrays), ("residual", paths?.residual.arrays), ("direct", paths?.direct.arrays),
        ]
        for (prefix, arrays) in arrays {
            entries += (arrays ?? []).map {
                SafeTensors.Entry(name: "\(prefix)/\($0.name)", shape: $0.shape, values: $0.values)
            }
        }
        for (name, matrix) in (generator?.arrays ?? [:]).sorted(by: { $0.key < $1.key }) {
            entries.append(
                .init(name: "cells/\(name)", shape: [matrix.rows, matrix.columns], values: matrix.values))
        }
        return SafeTensors(entries: entries, metadata: ["kind": Self.kind, "schema": String(Self.schema)])
    }

    /// Reads what `save` has written.
    public static func load(from directory: URL) throws -> ScreenModel {
        let descriptionFile = directory.appendingPathComponent("model.json")
        let tensorFile = directory.appendingPathComponent("model.safetensors").path
        func failure(_ element: String?, _ message: String) -> InterventionError {
            InterventionError(
                code: "MODEL_FILE", file: descriptionFile.path, element: element, message: message,
                remedy: "give the folder of a fitted model, or fit it again")
        }
        let description: Description
        let tensors: ModelTensors
        do {
            let data = try Data(contentsOf: descriptionFile)
            struct Version: Decodable { var schema: Int }
            let found = try JSONDecoder().decode(Version.self, from: data).schema
            guard found == schema else { throw failure("schema", "schema \(schema) expected, found \(found)") }
            description = try JSONDecoder().decode(Description.self, from: data)
            tensors = ModelTensors(try SafeTensors(file: tensorFile), file: tensorFile)
        } catch let error as InterventionError {
            throw error
        } catch let error as WeightsError {
            throw InterventionError(
                code: "MODEL_FILE", file: tensorFile, element: error.element, message: error.message,
                remedy: "give the folder of a fitted model, or fit it again")
        } catch {
            throw failure(nil, "the description of a model expected, found \(error)")
        }
        let d = description.genes.count
        guard description.scaling.means.count == d, description.scaling.deviations.count == d else {
            throw failure("scaling", "means and deviations of \(d) genes expected, found others")
        }
        guard (1...10_000).contains(description.graphs), description.hasCurve.count == description.parts.count,
            (try? description.options.validate()) != nil
        else { throw failure("graphs", "sizes that fit each other expected, found others") }
        let graphs = try CausalMechanisms.graphs(
            tensors, count: description.graphs, genes: d,
            covariates: description.covariates.reduce(0) { $0 + max(0, $1.levels.count - 1) })
        let draws = description.graphs * description.options.interventionDraws
        return ScreenModel(
            genes: description.genes, scaling: description.scaling, scale: description.scale,
            options: description.options, seed: description.seed, contexts: description.contexts,
            measuredShifts: try tensors.values("measured_shifts", [description.contexts.count, d]).map(Double.init),
            parts: description.parts, combinations: description.combinations, knownTargets: description.knownTargets,
            covariates: description.covariates, mechanisms: graphs,
            effects: try readEffects(tensors, description.hasCurve, draws: draws, genes: d),
            replacements: try readReplacements(
                tensors, graphs: description.graphs, parts: description.parts.count, genes: d),
            edgeProbabilities: try tensors.values("edge_probabilities", [d, d]),
            targetProbabilities: try tensors.values("target_probabilities", [description.parts.count, d]),
            inverse: try description.features.map { description in
                try restored(failure) {
                    try InverseFeatureModel(description, arrays: tensors.arrays(of: "features"))
                }
            },
            paths: try readPaths(description, tensors, failure),
            calibration: description.calibration,
            generator: try readGenerator(description, tensors, failure), isNonlinear: description.isNonlinear,
            outcomes: description.outcomes, diagnostics: description.diagnostics,
            searchScores: description.searchScores, notices: description.notices,
            provenance: description.provenance)
    }

    private static func readEffects(
        _ tensors: ModelTensors, _ hasCurve: [Bool], draws: Int, genes: Int
    ) throws -> EffectDraws {
        let count = hasCurve.count * draws
        let targets = try tensors.places("effects/targets", count: count, below: genes)
        let sizes = try tensors.lists("effects/sizes", count: count)
        let halfDoses = try tensors.values("effects/log_half_doses", [count])
        let steepness = try tensors.values("effects/log_steepness", [count])
        guard zip(targets, sizes).allSatisfy({ $0.count == $1.count }) else {
            throw tensors.failure("effects/sizes", "one effect for each target expected, found others")
        }
        return EffectDraws(
            effects: hasCurve.indices.map { part in
                (part * draws..<(part + 1) * draws).map { place in
                    PerturbationResponse.Effect(
                        targets: targets[place], effects: sizes[place].map(Double.init),
                        logHalfDose: hasCurve[part] ? Double(halfDoses[place]) : nil,
                        logSteepness: hasCurve[part] ? Double(steepness[place]) : nil)
                }
            })
    }

    private static func readReplacements(
        _ tensors: ModelTensors, graphs: Int, parts: Int, genes d: Int
    ) throws -> [[[CausalMechanisms.Replacement]]] {
        let count = graphs * parts
        let genes = try tensors.places("replacements/genes", count: count, below: d)
        let means = try tensors.lists("replacements/means", count: count)
        let deviations = try tensors.lists("replacements/deviations", count: count)
        guard genes.map(\.count) == means.map(\.count), genes.map(\.count) == deviations.map(\.count) else {
            throw tensors.failure("replacements", "one mean and deviation for each gene expected, found others")
        }
        let all = (0..<count).map { place in
            genes[place].indices.map { row in
                CausalMechanisms.Replacement(
                    gene: genes[place][row], mean: means[place][row], deviation: deviations[place][row])
            }
        }
        return (0..<graphs).map { Array(all[$0 * parts..<($0 + 1) * parts]) }
    }

    private static func readPaths(
        _ description: Description, _ tensors: ModelTensors, _ failure: (String?, String) -> InterventionError
    ) throws -> ShiftPaths? {
        guard let residual = description.residual, let direct = description.direct else { return nil }
        return try restored(failure) {
            ShiftPaths(
                residual: try ShiftProcess(residual, arrays: tensors.arrays(of: "residual")),
                direct: try ShiftProcess(direct, arrays: tensors.arrays(of: "direct")))
        }
    }

    private static func readGenerator(
        _ description: Description, _ tensors: ModelTensors, _ failure: (String?, String) -> InterventionError
    ) throws -> CellGenerator? {
        guard let cells = description.cells else { return nil }
        return try restored(failure) {
            try CellGenerator(restoring: cells, arrays: tensors.matrices(of: "cells"))
        }
    }

    /// Says of a part that can't be restored which file is meant.
    private static func restored<Part>(
        _ failure: (String?, String) -> InterventionError, _ body: () throws -> Part
    ) throws -> Part {
        do {
            return try body()
        } catch let error as FeatureModelError {
            throw failure(error.element, error.message)
        } catch let error as ShiftProcessError {
            throw failure(error.element, error.message)
        } catch let error as PredictedCellsError {
            throw failure(error.element, error.message)
        }
    }
}

extension PerturbationModels {
    /// Reads a model of either kind.
    public static func load(from directory: URL) throws -> any PerturbationModel {
        struct Kind: Decodable { var kind: String }
        let file = directory.appendingPathComponent("model.json")
        let kind = (try? JSONDecoder().decode(Kind.self, from: Data(contentsOf: file)))?.kind
        return kind == ScreenModel.kind
            ? try ScreenModel.load(from: directory) : try InterventionModel.load(from: directory)
    }
}

/// Models of a screen, however they were fitted.
public enum PerturbationModels {}
