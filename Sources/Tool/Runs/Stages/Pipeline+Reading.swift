import AnnotatedData
import Formats
import Foundation
import Matrices
import Preprocessing
import Screens

/// What the stage `read` leaves behind.
struct ReadArtifact: Codable, Sendable {
    static let currentSchema = 1
    var schema = ReadArtifact.currentSchema
    var file: String
    var sha256: String
    var inspection: Inspection
}

/// What the stage `preprocess` leaves behind beside the cells: what was dropped, and by whom the model is judged.
struct QualityArtifact: Codable, Sendable, Equatable {
    static let currentSchema = 3
    var schema = QualityArtifact.currentSchema
    var cellsRead: Int
    var genesRead: Int
    /// Cells that `screen.where` or a missing label left out.
    var cellsUnused: Int
    var cellsKept: Int
    var genesKept: Int
    var droppedCells: [PreprocessingResult.Dropped]
    var droppedGenes: [PreprocessingResult.Dropped]
    var scaleBefore: ExpressionScale
    var scale: ExpressionScale
    var scaleEvidence: String
    var targetSum: Double?
    var heldOut: [String]
    var testCells: Int
    /// SHA-256 of what divided the cells: the split's file with fold and division, or the options' canonical text.
    var split: String
    /// Histograms of the cells used, before filtering and after.
    var histograms: [QualityHistogram]
    /// Of the cells kept, by perturbation and dose, controls among them; counts only.
    var treatments: [TreatmentQuality]
    var notices: [Notice]
}

extension Pipeline {
    /// How labels are read once unusable cells are gone.
    private var screenOptions: ScreenOptions {
        var options = configuration.labels
        options.where = [:]
        return options
    }

    /// The obs column in which `screen.h5ad` keeps the role of each cell.
    static let roleColumn = "interventome_role"

    func readStage() throws -> Stage {
        let digest = try Fingerprint.ofFile(configuration.input)
        return Stage(name: "read", inputs: [digest, Fingerprint.of(configuration.read)]) { scratch in
            let source = try openAnnotated(configuration.input, options: configuration.read)
            let inspection = try Inspection(source, screen: configuration.screen)
            inspection.notes.forEach { console.note($0.message) }
            console.detail("scale: \(inspection.scale.kind), \(inspection.scale.evidence)")
            let artifact = ReadArtifact(
                file: URL(fileURLWithPath: configuration.input).lastPathComponent, sha256: digest,
                inspection: inspection)
            try OutputFile.fill(
                scratch.appending(file: "read.json"), with: CanonicalJSON.encode(artifact, pretty: true))
            return "\(inspection.cells) cells × \(inspection.genes) genes"
        }
    }

    /// Cells that cannot be used are left out; the rest is divided into training and test before any statistic is taken,
    /// so that nothing of the test part enters filters, normalisation or the choice of genes.
    func preprocessStage() throws -> Stage {
        let split = try configuration.split.file.map { try SplitFile.read($0) }
        let splitText = split.map { $0.text + "fold \(configuration.split.fold) \(configuration.split.controls)" }
        let options = [
            Fingerprint.of(configuration.read), Fingerprint.of(configuration.screen),
            Fingerprint.of(configuration.guides), Fingerprint.of(splitText ?? configuration.split.canonicalText),
            Fingerprint.of(configuration.preprocess),
        ]
        return Stage(name: "preprocess", inputs: [artifact("read.json")] + options) { scratch in
            let opened = try openAnnotated(configuration.input, options: configuration.read)
            let guides = try GuideLabelling(opened, options: configuration.guides)
            guides?.summary.tell(console)
            let source = try (guides?.source ?? opened).load().data
            let labels = try CellLabels(source.cells, options: configuration.labels)
            var data = source.selecting(cells: labels.cells)
            // Contexts need no expression: one gene stands for all.
            let design = try PerturbationScreen(
                data.selecting(genes: Array(0..<min(1, data.genes.count))), scale: .counts,
                options: screenOptions)
            let roles =
                try split?.roles(
                    in: design, fold: configuration.split.fold, controls: configuration.split.controls,
                    strata: labels.strata) ?? configuration.split.roles(in: design, strata: labels.strata)
            data.cells[Self.roleColumn] = .strings(roles.map(\.rawValue))
            var preprocessing = configuration.preprocess
            preprocessing.keepGenes += try PerturbationScreen.targetGenes(
                of: data, options: screenOptions
            ).filter { !preprocessing.keepGenes.contains($0) }
            let result = try preprocess(
                data, options: preprocessing, statisticsCells: roles.indices.filter { roles[$0].isTraining },
                matching: labels.isCentred
                    ? labels.strata.map { ControlMatching(strata: $0, isControl: labels.isControl) } : nil)
            result.notices.forEach { console.note($0.message) }
            console.detail("scale: \(result.scaleBefore), \(result.scaleEvidence)")
            guard result.genesAfter >= 2 else {
                throw Failure(
                    code: "TOO_FEW_GENES", file: configuration.input, element: "X",
                    message: "expected at least 2 genes that vary among the cells, found \(result.genesAfter) of "
                        + "\(source.genes.count) after preprocessing",
                    remedy: "lower minCellsPerGene or raise topGenes under preprocess, or give the screen more genes",
                    exit: .badData)
            }
            try writeH5AD(result.data, to: scratch.appending(file: "screen.h5ad"))
            let measured = result.scaleBefore == .counts ? CellMeasurements(data, preprocessing) : nil
            let quality = QualityArtifact(
                cellsRead: source.cells.count, genesRead: source.genes.count,
                cellsUnused: source.cells.count - labels.cells.count, cellsKept: result.cellsAfter,
                genesKept: result.genesAfter, droppedCells: result.droppedCells, droppedGenes: result.droppedGenes,
                scaleBefore: result.scaleBefore, scale: result.scaleAfter, scaleEvidence: result.scaleEvidence,
                targetSum: result.targetSum,
                heldOut: split == nil
                    ? try configuration.split.heldOutPerturbations(of: design)
                    : Self.perturbationsWithoutTraining(design, roles),
                testCells: result.keptCells.count { roles[$0].isTest },
                split: Fingerprint.of(splitText ?? configuration.split.canonicalText),
                histograms: measured?.histograms(kept: result.keptCells) ?? [],
                treatments: measured?.treatments(of: design, kept: result.keptCells) ?? [], notices: result.notices)
            try OutputFile.fill(
                scratch.appending(file: "quality.json"), with: CanonicalJSON.encode(quality, pretty: true))
            if let split {
                try OutputFile.fill(scratch.appending(file: "split.tsv"), with: Data(split.text.utf8))
            }
            return counted(quality.cellsKept, "cell", "cells") + " × " + counted(quality.genesKept, "gene", "genes")
                + " kept"
        }
    }

    /// Perturbations that are tested and of which no cell is for training.
    private static func perturbationsWithoutTraining(_ design: PerturbationScreen, _ roles: [CellRole]) -> [String] {
        func names(_ isWanted: (CellRole) -> Bool) -> Set<String> {
            Set(
                roles.indices.filter { isWanted(roles[$0]) }.map { design.contexts[design.contextOfCell[$0]] }
                    .filter { !$0.isControl }.map(\.perturbation))
        }
        return names(\.isTest).subtracting(names(\.isTraining)).sorted()
    }

    /// The preprocessed screen with its features, and its parts for training and test.
    /// - Parameter isForStructure: Gives values as structure is learned from them.
    func loadScreen(
        isForStructure: Bool = false
    ) throws -> (whole: PerturbationScreen, training: PerturbationScreen, test: PerturbationScreen) {
        let quality = try decode(QualityArtifact.self, from: "quality.json")
        var data = try readAnnotated(folder.file("screen.h5ad")).data
        var scale = quality.scale
        if isForStructure {
            (data, scale) = StructureValues.of(
                data, scaleBefore: quality.scaleBefore, scale: scale, genesRead: quality.genesRead,
                options: configuration.preprocess,
                isCentred: configuration.labels.matchControlsBy?.isEmpty == false)
        }
        let screen = try PerturbationScreen(data, scale: scale, options: screenOptions)
        let known = try roles(data.cells)
        var parts = [
            screen, screen.subset(cells: known.indices.filter { known[$0].isTraining }),
            screen.subset(cells: known.indices.filter { known[$0].isTest }),
        ]
        guard let path = configuration.features else { return (parts[0], parts[1], parts[2]) }
        let (features, notices) = try FeatureFile.read(path, options: configuration.featureColumns)
        notices.forEach { console.detail($0.message) }
        let described = try reading(path) { try screen.withFeatures(features) }
        for place in parts.indices {
            parts[place].features = described.features
            parts[place].notices = described.notices
        }
        return (parts[0], parts[1], parts[2])
    }

    /// The cells for training with their features, walked through in blocks.
    func openTraining() throws -> BlockwiseScreen {
        let quality = try decode(QualityArtifact.self, from: "quality.json")
        let source = try openAnnotated(folder.file("screen.h5ad"))
        let roles = try roles(source.annotation.cells)
        let training = roles.indices.filter { roles[$0].isTraining }
        let x = source.x ?? CellMatrix.dense(Matrix(rows: roles.count, columns: source.annotation.genes.count))
        var annotation = source.annotation
        if let layer = source.layers[InterventionLayer.name] {
            annotation.layers[InterventionLayer.name] = try CellMatrix(gathering: layer)
        }
        let screen = try BlockwiseScreen(
            annotation.selecting(cells: training), values: SelectedBlocks(x, cells: training), scale: quality.scale,
            options: screenOptions)
        guard let path = configuration.features else { return screen }
        let (features, notices) = try FeatureFile.read(path, options: configuration.featureColumns)
        notices.forEach { console.detail($0.message) }
        return try reading(path) { try screen.withFeatures(features) }
    }

    /// The role of each cell of `screen.h5ad`.
    private func roles(_ cells: AnnotationTable) throws -> [CellRole] {
        let roles = cells[Self.roleColumn]?.labels ?? []
        guard roles.count == cells.count else {
            throw Failure(
                code: "BAD_ARTIFACT", file: folder.file("screen.h5ad"), element: "/obs/\(Self.roleColumn)",
                message: "expected the role of \(cells.count) cells, found \(roles.count)",
                remedy: "remove the run folder and run again", exit: .badData)
        }
        return roles.map { $0.flatMap(CellRole.init(rawValue:)) ?? .unused }
    }

    /// What decides which perturbations have features, and which.
    func featureInputs() throws -> [String] {
        guard let features = configuration.features else { return [] }
        return [try Fingerprint.ofFile(features), Fingerprint.of(configuration.featureColumns)]
    }
}
