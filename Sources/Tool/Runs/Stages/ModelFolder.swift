import AnnotatedData
import Formats
import Foundation
import Interventions
import Matrices
import ScreenModels
import Screens

/// Control cells × genes, and which cells are of one kind.
struct ControlCells {
    var values: Matrix<Float>
    var kinds: [Int]
}

/// A model on disk, with the control cells that it was fitted on (`controls.h5ad`).
enum ModelFolder {
    private static let controlsFile = "controls.h5ad"

    /// Control cells that are kept with a model, at most: enough to show how cells differ, and read at every prediction.
    static let mostControls = 20_000

    /// - Returns: What was left out.
    static func write(
        _ model: any PerturbationModel, controls screen: any ScreenCells, to path: String
    ) throws -> [Notice] {
        try model.save(to: URL(fileURLWithPath: path))
        let all = screen.controlCells
        let kept = min(all.count, mostControls)
        // Every so many: files are often in the order of batches.
        let places = (0..<kept).map { all[$0 * all.count / kept] }
        try writeH5AD(controls(of: screen.held(cells: places)), to: path.appending(file: controlsFile))
        guard kept < all.count else { return [] }
        return [
            Notice(
                code: "CONTROLS_SAMPLED",
                message: "\(kept) of \(all.count) control cells were kept with the model, evenly over the file; it was "
                    + "fitted to all.")
        ]
    }

    /// The control cells of a screen with their values, named by number.
    static func controls(of screen: PerturbationScreen) -> AnnotatedMatrix {
        let controls = screen.subset(cells: screen.controlCells)
        return AnnotatedMatrix(
            x: .dense(controls.expression),
            cells: AnnotationTable(
                names: (0..<controls.cellCount).map { "control|\($0 + 1)" },
                columns: Set(controls.contexts.flatMap(\.covariates.keys)).sorted().map { key in
                    .init(
                        name: key,
                        values: .strings(controls.contextOfCell.map { controls.contexts[$0].covariates[key] ?? "" }))
                }),
            genes: AnnotationTable(names: controls.genes))
    }

    /// The control cells of a model, and which are of one kind.
    static func readControlCells(_ path: String, genes: [String]) throws -> ControlCells {
        let controls = try readControls(path, genes: genes)
        let columns = controls.cells.columns.map(\.values.labels)
        var numbers: [[String?]: Int] = [:]
        let kinds = controls.cells.names.indices.map { cell -> Int in
            let kind = columns.map { $0[cell] }
            let number = numbers[kind] ?? numbers.count
            numbers[kind] = number
            return number
        }
        return ControlCells(values: controls.x!.dense, kinds: kinds)
    }

    static func readModel(_ path: String) throws -> any PerturbationModel {
        guard FileManager.default.fileExists(atPath: path.appending(file: "model.json")) else {
            throw Failure(
                code: "NOT_FOUND", file: path, message: "expected the folder of a model, found no model.json in it",
                remedy: "give the folder that `fit` wrote", exit: .inputMissing)
        }
        return try PerturbationModels.load(from: URL(fileURLWithPath: path))
    }

    /// - Parameter genes: Those of the model, which the controls must have.
    static func readControls(_ path: String, genes: [String]) throws -> AnnotatedMatrix {
        let file = path.appending(file: controlsFile)
        let controls = try readAnnotated(file).data
        guard controls.x != nil, controls.genes.names == genes else {
            throw Failure(
                code: "SHAPE_MISMATCH", file: file, element: "/var",
                message: "expected values of the model's \(genes.count) genes, found \(controls.genes.count) others",
                remedy: "give the folder that `fit` wrote, or fit again", exit: .badData)
        }
        return controls
    }
}
