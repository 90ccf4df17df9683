import AnnotatedData
import Evaluations
import Formats
import Foundation
import Matrices
import Screens

/// Predictions on disk: what `predict` wrote, or what any other tool wrote in the same form.
///
/// A file is an h5ad of predicted cells with copies of the controls that the model has seen (`is_control`), or a table of
/// shifts (`perturbation`, `dose`, `gene`, `shift`); beside `NAME.h5ad` the shifts of `NAME.shifts.tsv` are taken where it
/// is there, as they have no sampling error. Columns `level` or named as covariates tell treatments further apart.
struct PredictionFile {
    var path: String
    /// As tables call the model.
    var model: String
    var fold: Int
    /// Which controls the model has seen.
    var controls: ControlUse

    /// The files that arguments name: predictions, or tables `file model fold controls` that list them; `controls` is
    /// `shared` or the number of a division from 0 on.
    static func listed(_ arguments: [String], fold: Int, controls: ControlUse) throws -> [PredictionFile] {
        try arguments.flatMap { path -> [PredictionFile] in
            guard path.hasSuffix(".tsv") || path.hasSuffix(".csv") else {
                return [PredictionFile(path: path, model: "model", fold: fold, controls: controls)]
            }
            let table = try reading(path) { try readTable(path, textColumns: ["file", "model", "controls", "gene"]) }
            guard table.columns.contains(where: { $0.name == "controls" }) else {
                return [PredictionFile(path: path, model: "model", fold: fold, controls: controls)]
            }
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            let folds = table["fold"]?.numbers
            return try table.names.indices.map { row in
                let text = table["controls"]?.labels[row] ?? ""
                guard text == "shared" || Int(text).map({ $0 >= 0 }) == true else {
                    throw Failure(
                        code: "BAD_VALUE", file: path, element: "controls, row \(row + 1)",
                        message: "expected shared or the number of a division, found \(text)",
                        remedy: "correct the table", exit: .badData)
                }
                return PredictionFile(
                    path: URL(fileURLWithPath: table.names[row], relativeTo: folder).standardizedFileURL.path,
                    model: table["model"]?.labels[row] ?? "model", fold: folds.map { Int($0[row]) } ?? 1,
                    controls: Int(text).map { .disjoint($0) } ?? .shared)
            }
        }
    }

    /// What the file says of the treatments of a test part.
    func answers(for test: PerturbationScreen) throws -> [Context: PredictedTreatment] {
        let shiftFile = path.hasSuffix(".h5ad") ? ModelJob.shiftFile(beside: path) : path
        let hasShifts = FileManager.default.fileExists(atPath: shiftFile)
        let shifts = hasShifts ? try self.shifts(shiftFile, for: test) : [:]
        guard path.hasSuffix(".h5ad") else { return shifts }
        var answers = try cells(for: test)
        for (context, shift) in shifts {
            let cells = answers[context]?.cells
            answers[context] = shift
            answers[context]?.cells = cells
        }
        return answers
    }

    /// Which treatment of the test part each row of a table is; nil for others.
    private func treatments(_ table: AnnotationTable, names: [String?], of test: PerturbationScreen) -> [Context?] {
        let contexts = test.contexts.filter { !$0.isControl }
        let doses = (table["dose"] ?? table["dose_value"])?.numbers
        let levels = table["level"]?.labels
        let covariates = Set(contexts.flatMap(\.covariates.keys)).sorted()
        let columns = covariates.map { table[$0]?.labels }
        let known = Dictionary(grouping: contexts, by: \.perturbation)
        var found: [String: Context?] = [:]
        return names.indices.map { row in
            guard let name = names[row] else { return nil }
            let dose = doses.flatMap { $0[row].isFinite ? $0[row] : nil }
            let key = ([name, "\(dose ?? -1)", levels?[row] ?? ""] + columns.map { $0?[row] ?? "" })
                .joined(separator: "\u{0}")
            if let context = found[key] { return context }
            let context = known[name]?.first { context in
                (doses == nil || context.dose == nil || Self.isSame(context.dose, dose))
                    && (levels == nil || context.level == levels?[row])
                    && zip(covariates, columns).allSatisfy { $1 == nil || context.covariates[$0] == $1?[row] }
            }
            found[key] = context
            return context
        }
    }

    /// Doses that went through text.
    private static func isSame(_ a: Double?, _ b: Double?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return abs(a - b) <= 1e-6 * max(abs(a), abs(b))
    }

    private func shifts(_ file: String, for test: PerturbationScreen) throws -> [Context: PredictedTreatment] {
        let table = try reading(file) { try readTable(file, textColumns: ["gene", "level"]) }
        guard let genes = table["gene"]?.labels, let values = table["shift"]?.numbers else {
            throw Failure(
                code: "MISSING_ELEMENT", file: file, element: "gene, shift",
                message: "expected the columns perturbation, dose, gene and shift, found "
                    + table.columns.map(\.name).joined(separator: ", "),
                remedy: "give a table as `predict` writes it", exit: .badData)
        }
        let place = Dictionary(test.genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let contexts = treatments(table, names: table.names, of: test)
        let ends = (table["lower"]?.numbers, table["upper"]?.numbers)
        let nothing = [Double](repeating: .nan, count: test.genes.count)
        var answers: [Context: PredictedTreatment] = [:]
        for row in table.names.indices {
            guard let context = contexts[row], let gene = genes[row].flatMap({ place[$0] }) else { continue }
            answers[context, default: PredictedTreatment(shift: nothing)].shift[gene] = values[row]
            guard let lower = ends.0?[row], let upper = ends.1?[row], lower.isFinite, upper.isFinite else { continue }
            if answers[context]?.interval == nil { answers[context]?.interval = (nothing, nothing) }
            answers[context]?.interval?.lower[gene] = lower
            answers[context]?.interval?.upper[gene] = upper
        }
        for (context, answer) in answers {
            if let missing = answer.shift.firstIndex(where: { !$0.isFinite }) {
                throw Failure(
                    code: "MISSING_ELEMENT", file: file, element: "\(context.perturbation), \(test.genes[missing])",
                    message: "expected a shift of every gene of the truth, found none",
                    remedy: "evaluate on the genes of the model: the screen.h5ad of its run", exit: .badData)
            }
            if answer.interval?.lower.contains(where: \.isNaN) == true { answers[context]?.interval = nil }
        }
        return answers
    }

    private func cells(for test: PerturbationScreen) throws -> [Context: PredictedTreatment] {
        let data = try reading(path) { try readAnnotated(path).data }
        guard let x = data.x else {
            throw Failure(
                code: "MISSING_ELEMENT", file: path, element: "X", message: "expected predicted cells, found none",
                remedy: "give what `predict` wrote", exit: .badData)
        }
        let place = Dictionary(data.genes.names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let columns = test.genes.compactMap { place[$0] }
        guard columns.count == test.genes.count else {
            throw Failure(
                code: "SHAPE_MISMATCH", file: path, element: "/var",
                message: "expected all \(test.genes.count) genes of the truth, found \(columns.count)",
                remedy: "evaluate on the genes of the model: the screen.h5ad of its run", exit: .badData)
        }
        let values = x.dense.selectingColumns(columns)
        let isControl = data.cells["is_control"]?.labels.map { $0?.lowercased() == "true" || $0 == "1" }
        let controls = isControl.map { flags in flags.indices.filter { flags[$0] } } ?? []
        let names = (data.cells["perturbation"] ?? data.cells["drug"])?.labels ?? []
        let contexts = treatments(data.cells, names: names, of: test)
        let controlMean = controls.isEmpty ? nil : values.columnMeans(rows: controls)
        var places: [Context: [Int]] = [:]
        for (row, context) in contexts.enumerated() where isControl?[row] != true {
            if let context { places[context, default: []].append(row) }
        }
        guard let controlMean else {
            throw Failure(
                code: "NO_CONTROLS", file: path, element: "is_control",
                message: "expected the controls that the model has seen beside its cells, found none",
                remedy: "add them with is_control true, or a table NAME.shifts.tsv", exit: .badData)
        }
        return places.mapValues { PredictedTreatment(cells: values.selectingRows($0), controlMean: controlMean) }
    }
}
