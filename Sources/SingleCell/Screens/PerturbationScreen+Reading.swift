import AnnotatedData
import Foundation
import Matrices

extension PerturbationScreen {
    /// Reads who was perturbed by what at which dose from the columns of the cells.
    ///
    /// Control cells whose label also names a treatment (matched controls) are pooled as `control`; other controls keep
    /// their label. Controls have no dose. Contexts are ordered: controls first, then by perturbation and dose.
    ///
    /// - Parameters:
    ///   - data: Cells × genes with a main matrix, preprocessed.
    ///   - scale: The scale of that matrix.
    ///   - options: Columns and labels; what is nil is looked for by its usual names, and what was assumed is a notice.
    public init(
        _ data: AnnotatedMatrix, scale: ExpressionScale, options: ScreenOptions = .init()
    ) throws(ScreenError) {
        let labels = try CellLabels(data.cells, options: options)
        let data = labels.cells.count < data.cells.count ? data.selecting(cells: labels.cells) : data
        let description = try ScreenDescription(data, labels: labels, options: options)
        self.init(
            genes: description.genes, expression: try Self.expression(data), scale: scale,
            contexts: description.contexts, contextOfCell: description.contextOfCell,
            knownTargets: description.knownTargets, controlStrata: description.controlStrata,
            combinations: description.combinations, notices: description.notices)
    }

    /// The covariates of each cell.
    fileprivate static func covariates(
        _ search: ColumnSearch, options: ScreenOptions
    ) throws(ScreenError) -> [[String: String]] {
        var covariates = [[String: String]](repeating: [:], count: search.cells.count)
        for name in options.covariates {
            for (cell, label) in try search.named(name, option: "covariates").values.labels.enumerated() {
                guard let label else {
                    throw ScreenError(
                        code: "BAD_VALUE", element: name,
                        message: "expected a value for cell \(search.cells.names[cell]), found nothing",
                        remedy: "fill it in, leave the cell out with where, or take \(name) out of covariates")
                }
                covariates[cell][name] = label
            }
        }
        return covariates
    }

    /// Names with the separator inside are combinations.
    fileprivate static func combinations(_ contexts: [Context], separator: String?) -> [String: [String]] {
        guard let separator, !separator.isEmpty else { return [:] }
        var combinations: [String: [String]] = [:]
        for context in contexts where !context.isControl {
            let parts = context.perturbation.components(separatedBy: separator).filter { !$0.isEmpty }
            if parts.count > 1 { combinations[context.perturbation] = parts }
        }
        return combinations
    }

    /// The measured genes on which perturbations are known to intervene: those that a choice of genes must keep.
    public static func targetGenes(
        of data: AnnotatedMatrix, options: ScreenOptions = .init()
    ) throws(ScreenError) -> [String] {
        Set(try knownTargets(of: data, options: options).targets.values.joined()).sorted()
    }

    /// The measured genes on which each perturbation is known to intervene, and how they were found.
    /// - Returns: `source` is the obs column that names them, or the layer; nil where there are none.
    public static func knownTargets(
        of data: AnnotatedMatrix, options: ScreenOptions = .init()
    ) throws(ScreenError) -> (targets: [String: [String]], source: String?, notices: [Notice]) {
        let labels = try CellLabels(data.cells, options: options)
        let data = labels.cells.count < data.cells.count ? data.selecting(cells: labels.cells) : data
        var notices: [Notice] = []
        let found = try targets(data, genes: data.genes.names, labels: labels, options: options, notices: &notices)
        return (found.genes, found.source, notices)
    }

    /// What was done to each cell and at which dose, for data whose expression is not at hand.
    /// - Throws: What `init` throws for labels and doses.
    public static func contexts(
        of cells: AnnotationTable, options: ScreenOptions = .init()
    ) throws(ScreenError) -> (contexts: [Context], ofCell: [Int], notices: [Notice]) {
        // Its one gene is nobody's target.
        var options = options
        options.useKnownTargets = false
        let screen = try PerturbationScreen(
            AnnotatedMatrix(
                x: .dense(Matrix(rows: cells.count, columns: 1)), cells: cells,
                genes: AnnotationTable(names: ["any"])),
            scale: .counts, options: options)
        return (screen.contexts, screen.contextOfCell, screen.notices)
    }

    /// Cells without any perturbation: one population of controls.
    public static func observational(
        _ data: AnnotatedMatrix, scale: ExpressionScale
    ) throws(ScreenError) -> PerturbationScreen {
        var notices: [Notice] = []
        let genes = uniqueNames(data.genes.names, notices: &notices)
        return PerturbationScreen(
            genes: genes, expression: try expression(data), scale: scale,
            contexts: [Context(perturbation: "control", isControl: true)],
            contextOfCell: data.cells.names.map { _ in 0 }, notices: notices)
    }

    private static func expression(_ data: AnnotatedMatrix) throws(ScreenError) -> Matrix<Float> {
        guard let x = data.x, x.columns > 0 else {
            throw ScreenError(
                code: "MISSING_ELEMENT", element: "X", message: "expected a main matrix with genes, found none",
                remedy: "name the layer that holds the values")
        }
        guard x.storedValues.allSatisfy(\.isFinite) else {
            throw ScreenError(
                code: "NONFINITE", element: "X", message: "expected finite numbers, found others",
                remedy: "remove the cells or genes with missing values")
        }
        return x.dense
    }

    /// Names with -1, -2 … added to repeated ones.
    fileprivate static func uniqueNames(_ names: [String], notices: inout [Notice]) -> [String] {
        let repeated = names.count - Set(names).count
        guard repeated > 0 else { return names }
        notices.append(
            Notice(
                code: "DUPLICATE_NAMES",
                message: "\(repeated) gene names repeat earlier ones and were numbered."))
        return names.numberingRepeated()
    }

    fileprivate static func targets(
        _ data: AnnotatedMatrix, genes: [String], labels: CellLabels, options: ScreenOptions,
        notices: inout [Notice]
    ) throws(ScreenError) -> (genes: [String: [String]], source: String?) {
        guard options.useKnownTargets else { return ([:], nil) }
        let (names, isControl) = (labels.perturbations, labels.isControl)
        let reading = TargetReading(genes: genes, table: data.genes)
        let search = ColumnSearch(cells: data.cells)
        if let layer = data.layers["interventions"], options.targetColumn == nil {
            return (try reading.targets(in: layer, perturbations: names, isControl: isControl), "layers/interventions")
        }
        var column = labels.column
        var targets = TargetReading.Targets()
        if let name = options.targetColumn {
            let texts = try search.named(name, option: "targetColumn").values.labels
            targets = reading.targets(naming: texts, perturbations: names, isControl: isControl)
            column = name
            guard !targets.genes.isEmpty else {
                throw ScreenError(
                    code: "UNKNOWN_TARGETS", element: name,
                    message: "expected names of measured genes such as \(genes[0]), found "
                        + shortList(Set(texts.compactMap(\.self)).sorted()),
                    remedy: "set targetColumn to a column of gene names, or useKnownTargets to false")
            }
        } else {
            for found in search.present(ColumnSearch.target) where targets.genes.isEmpty {
                targets = reading.targets(naming: found.values.labels, perturbations: names, isControl: isControl)
                column = found.name
            }
            if targets.genes.isEmpty {
                targets = reading.targets(naming: names, perturbations: names, isControl: isControl)
                column = labels.column
            }
        }
        guard !targets.genes.isEmpty else { return ([:], nil) }
        let count = Set(zip(names, isControl).filter { !$1 }.map(\.0)).count
        let ways = targets.ways.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key.words)" }
        let source = column == labels.column ? "their labels" : column
        let unmatched = targets.unmatched.isEmpty ? "" : "; not measured: \(shortList(targets.unmatched))"
        notices.append(
            Notice(
                code: "KNOWN_TARGETS",
                message:
                    "\(targets.genes.count) of \(count) perturbations have a measured target, read from \(source): "
                    + "names found \(ways.joined(separator: ", "))\(unmatched)."))
        return (targets.genes, column)
    }
}

/// All that the tables of a screen say of its cells.
struct ScreenDescription {
    let genes: [String]
    let contexts: [Context]
    let contextOfCell: [Int]
    let knownTargets: [String: [String]]
    let controlStrata: [Int]?
    let combinations: [String: [String]]
    let notices: [Notice]

    /// - Parameter data: The cells that have labels.
    init(_ data: AnnotatedMatrix, labels: CellLabels, options: ScreenOptions) throws(ScreenError) {
        var notices = labels.notices
        let search = ColumnSearch(cells: data.cells)
        let dosing = try DoseReading(search, isControl: labels.isControl, options: options, notices: &notices)
        let covariates = try PerturbationScreen.covariates(search, options: options)
        var levels = [String?](repeating: nil, count: labels.isControl.count)
        if let name = options.levelColumn {
            let found = try search.named(name, option: "levelColumn").values.labels
            levels = zip(found, labels.isControl).map { $1 ? nil : $0 }
        }
        let contextOf = labels.perturbations.indices.map { cell in
            Context(
                perturbation: labels.perturbations[cell], dose: dosing.doses[cell],
                doseUnit: dosing.doses[cell] == nil ? nil : dosing.unit, level: levels[cell],
                isControl: labels.isControl[cell], covariates: covariates[cell])
        }
        let contexts = Set(contextOf).sorted(by: Context.precedes)
        let position = Dictionary(uniqueKeysWithValues: contexts.enumerated().map { ($1, $0) })
        let genes = PerturbationScreen.uniqueNames(data.genes.names, notices: &notices)
        knownTargets = try PerturbationScreen.targets(
            data, genes: genes, labels: labels, options: options, notices: &notices
        ).genes
        contextOfCell = contextOf.map { position[$0] ?? 0 }
        self.contexts = contexts
        self.genes = genes
        controlStrata = labels.strata
        combinations = PerturbationScreen.combinations(contexts, separator: options.combinationSeparator)
        self.notices = notices
    }
}

extension Context {
    /// Controls first, then by perturbation and dose.
    static func precedes(_ a: Context, _ b: Context) -> Bool {
        if a.isControl != b.isControl { return a.isControl }
        if a.perturbation != b.perturbation { return a.perturbation < b.perturbation }
        if a.dose != b.dose { return (a.dose ?? -1) < (b.dose ?? -1) }
        if a.level != b.level { return (a.level ?? "") < (b.level ?? "") }
        return a.covariateValues.lexicographicallyPrecedes(b.covariateValues)
    }
}
