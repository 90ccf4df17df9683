import AnnotatedData
import Formats
import Foundation
import Preprocessing
import Screens

/// Everything about a file that would stop or mislead a run, each with a remedy: the answer of `check`.
public struct Checkup: Encodable, Sendable {
    public struct Problem: Encodable, Sendable, Equatable {
        public enum Effect: String, Encodable, Sendable {
            /// A run ends with an error.
            case stops
            /// A run goes through, and its results may be wrong.
            case misleads
        }

        public let effect: Effect
        public let code: String
        public let element: String?
        public let message: String
        public let remedy: String
    }

    public let file: String
    public private(set) var problems: [Problem] = []
    /// What a run would assume, and what can be lived with.
    public private(set) var notes: [Notice] = []

    /// - Throws: What says that there is no such file, or that it may not be read. Damage is a problem, not an error.
    public static func of(file: String, configuration: RunConfiguration = .init()) throws -> Checkup {
        var checkup = Checkup(file: file)
        do {
            let opened = try openAnnotated(file, options: configuration.read)
            checkup.note(opened.notices)
            let guides = try GuideLabelling(opened, options: configuration.guides)
            if let guides { checkup.note(guides.summary.notes + [guides.summary.notice]) }
            let source = guides?.source ?? opened
            checkup.checkNames(source.annotation)
            checkup.checkTypes(source.annotation.genes)
            try checkup.checkValues(source, scale: configuration.preprocess.scale)
            checkup.checkLabels(source, options: configuration.labels)
        } catch {
            let failure = Failure(reporting: error, file: file)
            guard failure.exit == .badData else { throw failure }
            checkup.add(.stops, failure.code, failure.element, failure.message, failure.remedy)
        }
        return checkup
    }

    private init(file: String) { self.file = file }

    public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }

    public var text: String {
        var lines = problems.map { problem in
            """
            \(problem.effect.rawValue): \(problem.message) (\(problem.code))
              in: \(problem.element ?? file)
              try: \(problem.remedy)
            """
        }
        lines += notes.map { "note: \($0.message)" }
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return (lines + ["\(problems.isEmpty ? "no problem" : count) found"]).joined(separator: "\n")
    }

    // MARK: Checks

    private mutating func add(
        _ effect: Problem.Effect, _ code: String, _ element: String?, _ message: String, _ remedy: String
    ) {
        problems.append(
            Problem(
                effect: effect, code: code, element: element, message: message, remedy: OptionNames.qualified(remedy)))
    }

    /// Notices of reading that change results are problems; the rest are notes.
    private mutating func note(_ notices: [Notice]) {
        let remedies = [
            "DUPLICATE_NAMES": "make the names unique, as anndata's obs_names_make_unique and var_names_make_unique do",
            "DUPLICATE_ENTRIES": "make sure that the sum is what is meant, or write the file again",
            "BAD_UTF8": "write these names again as UTF-8",
            "NO_NAMES": "write names beside the matrix: numbers match nothing",
            "PRECISION": "check that such large values are meant",
            "NONFINITE": "remove or fill these values",
            "EMPTY_MATRIX": "check how the file was written",
            "HEADER_LINE": "check that the first line is a header",
        ]
        for notice in notices {
            if let remedy = remedies[notice.code] {
                add(notice.code == "EMPTY_MATRIX" ? .stops : .misleads, notice.code, nil, notice.message, remedy)
            } else {
                notes.append(notice)
            }
        }
    }

    private mutating func checkNames(_ data: AnnotatedMatrix) {
        let kind = GeneNames.kind(of: data.genes.names)
        guard kind != .symbols, !data.genes.names.isEmpty else { return }
        let hasSymbols = data.genes.columns.contains {
            ["symbol", "gene_symbol", "gene_symbols", "gene_name", "gene_names", "gene_short_name", "feature_name"]
                .contains($0.name.lowercased())
        }
        notes.append(
            Notice(
                code: "GENE_NAMES",
                message: "Genes are named by \(kind.rawValue)"
                    + (hasSymbols ? "; a column of symbols can name them with read.geneNameColumn." : ".")))
    }

    /// Guides and antibodies are rows of a 10x matrix as genes are.
    private mutating func checkTypes(_ features: AnnotationTable) {
        let types = features["feature_types"]?.labels.compactMap(\.self) ?? []
        let guideType = GuideOptions().featureType
        let guides = types.count { $0 == guideType }
        let others = Dictionary(types.map { ($0, 1) }, uniquingKeysWith: +)
            .filter { $0.key != guideType && $0.key != "Gene Expression" }
        let isMixed = Set(types).count > 1
        if guides > 0 {
            add(
                .misleads, "GUIDE_FEATURES", "/var/feature_types",
                "\(guides) features are guides, and count as genes",
                "assign them to cells with preprocess --guides mixture, or set read.featureTypes to [Gene Expression]")
        }
        if isMixed, !others.isEmpty {
            let names = others.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
            add(
                .misleads, "SEVERAL_KINDS", "/var/feature_types",
                "features other than genes count as genes: \(names.joined(separator: ", "))",
                "set read.featureTypes to [Gene Expression]")
        }
    }

    /// One walk through the matrix: its scale, empty cells and genes.
    private mutating func checkValues(_ source: AnnotatedSource, scale: ExpressionScale?) throws {
        guard let x = source.x else {
            add(.stops, "MISSING_ELEMENT", "/X", "there is no main matrix", "put the counts into X")
            return
        }
        var evidence = ScaleEvidence(rows: x.rows, columns: x.columns)
        var isEmpty = [Bool](repeating: true, count: x.columns)
        var emptyCells = 0
        try x.forEachBlock { block in
            evidence.add(block)
            note(block.notices)
            let seen = block.matrix.markExpressed(&isEmpty)
            emptyCells += block.matrix.rows - seen
        }
        let finding = evidence.finding.considering(source.annotation.unstructured)
        if scale == nil, case .undecided(let evidence, let option) = finding {
            add(
                .stops, "AMBIGUOUS", "/X", "the scale of the values is not clear: \(evidence)",
                "set \(option) to one of \(ExpressionScale.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if case .decided(.scaled, let evidence) = finding {
            add(
                .misleads, "NOT_COUNTS", "/X", "the values are centred or scaled: \(evidence)",
                "put counts or logarithms of normalised counts into X (raw/X or a layer may hold them)")
        }
        let emptyGenes = isEmpty.count { $0 }
        if emptyCells > 0 {
            notes.append(
                Notice(code: "EMPTY_CELLS", message: "Cells without any count: \(emptyCells); filters drop them."))
        }
        if emptyGenes > 0 {
            notes.append(Notice(code: "EMPTY_GENES", message: "Genes seen in no cell: \(emptyGenes)."))
        }
    }

    private mutating func checkLabels(_ source: AnnotatedSource, options: ScreenOptions) {
        let cells = source.annotation.cells
        var options = options
        do {
            let labels = try CellLabels(cells, options: options)
            options.useDoses = checkDoses(labels, cells, options)
            let (contexts, ofCell, notices) = try PerturbationScreen.contexts(of: cells, options: options)
            // These are problems, and told as such.
            notes += notices.filter { !["UNKNOWN_DOSE_UNIT", "DOSE_LISTS"].contains($0.code) }
            let treated = Set(contexts.filter { !$0.isControl }.map(\.perturbation)).sorted()
            checkSpelling(treated)
            checkSizes(contexts, ofCell)
            if options.matchControlsBy?.isEmpty ?? true {
                checkBatches(cells.selecting(labels.cells), isControl: labels.isControl)
            }
            let (targets, _, found) = try PerturbationScreen.knownTargets(of: source.annotation, options: options)
            notes += found
            if targets.isEmpty, GeneNames.kind(of: source.annotation.genes.names) != .symbols,
                2 * treated.count(where: Self.looksLikeSymbol) > treated.count
            {
                notes.append(
                    Notice(
                        code: "NO_TARGETS",
                        message: "No perturbation's label is a measured gene; where labels are symbols of genes, name "
                            + "genes by symbols, too (read.geneNameColumn)."))
            }
        } catch {
            add(.stops, error.code, error.element, error.message, error.remedy)
        }
    }

    /// - Returns: Whether doses can be used; the rest is checked without them otherwise.
    private mutating func checkDoses(_ labels: CellLabels, _ cells: AnnotationTable, _ options: ScreenOptions) -> Bool {
        do {
            let (found, notices) = try labels.doses(of: cells, options: options)
            if let found, found.unit == nil {
                add(
                    .misleads, "UNKNOWN_DOSE_UNIT", "/obs/\(found.column)",
                    "the unit of doses is not given, so that they compare with no other screen's",
                    "set doseUnit, or add a column dose_unit")
            }
            if let notice = notices.first(where: { $0.code == "DOSE_LISTS" }) {
                add(
                    .misleads, notice.code, nil, notice.message,
                    "set doseColumn to the column of doses, or useDoses to false where there are none")
            }
            return true
        } catch {
            add(.stops, error.code, error.element.map { "/obs/\($0)" }, error.message, error.remedy)
            return false
        }
    }

    private static func looksLikeSymbol(_ label: String) -> Bool {
        label.wholeMatch(of: /[A-Z][A-Za-z0-9-]{1,11}/) != nil
            && label.dropFirst().contains { $0.isUppercase || $0.isNumber }
    }

    /// Labels that differ only in case or spaces are mostly one perturbation.
    private mutating func checkSpelling(_ labels: [String]) {
        let groups = Dictionary(grouping: labels) { $0.lowercased().filter { !$0.isWhitespace } }
        let alike = groups.values.filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
        guard let first = alike.first else { return }
        add(
            .misleads, "SIMILAR_LABELS", "obs",
            "\(alike.count) perturbations are spelt in several ways, such as "
                + first.map { "'\($0)'" }.joined(separator: " and "),
            "give the same perturbation the same label")
    }

    /// Fewer cells than this say little about a population's mean, and nothing of its spread.
    private static let fewestControls = 20
    private static let fewestCells = 3

    private mutating func checkSizes(_ contexts: [Context], _ ofCell: [Int]) {
        var sizes = [Int](repeating: 0, count: contexts.count)
        for context in ofCell { sizes[context] += 1 }
        let controls = zip(contexts, sizes).reduce(0) { $0 + ($1.0.isControl ? $1.1 : 0) }
        if controls < Self.fewestControls {
            add(
                .misleads, "FEW_CONTROLS", "obs", "only \(controls) cells are controls",
                "add controls, or name more labels with controlLabels")
        }
        let small = zip(contexts, sizes).filter { !$0.isControl && $1 < Self.fewestCells }.map(\.0)
        guard let first = small.first else { return }
        let dose = first.dose.map { " at dose \($0)" } ?? ""
        add(
            .misleads, "FEW_CELLS", "obs",
            "\(small.count) of \(contexts.count { !$0.isControl }) perturbations and doses have fewer than "
                + "\(Self.fewestCells) cells, such as \(first.perturbation)\(dose)",
            "leave them out with where, or take doses together with useDoses")
    }

    private static let batchColumns = [
        "batch", "plate", "donor", "replicate", "lane", "sample", "library", "gem_group",
    ]

    /// Treated cells of a batch without controls differ from controls by the batch, too.
    private mutating func checkBatches(_ cells: AnnotationTable, isControl: [Bool]) {
        for column in cells.columns where Self.batchColumns.contains(column.name.lowercased()) {
            let labels = column.values.labels
            let all = Set(labels)
            let controlled = Set(labels.indices.filter { isControl[$0] }.map { labels[$0] })
            let alone = labels.count { !controlled.contains($0) }
            guard all.count > 1 else { continue }
            if alone > 0 {
                add(
                    .misleads, "CONFOUNDED", "/obs/\(column.name)",
                    "\(alone) treated cells are of \(all.subtracting(controlled).count) values of \(column.name) that "
                        + "have no control: what the perturbation did and what the \(column.name) did can't be told apart",
                    "leave them out with where, or add their controls")
            } else {
                notes.append(
                    Notice(
                        code: "BATCHES",
                        message: "Cells come from \(all.count) values of \(column.name), each with controls; "
                            + "screen.matchControlsBy: [\(column.name)] compares within each."))
            }
        }
    }
}

extension CellMatrix {
    /// Clears the mark of every gene that a cell expresses.
    /// - Returns: The number of cells with a value that is not 0.
    fileprivate func markExpressed(_ isEmpty: inout [Bool]) -> Int {
        var expressing = 0
        switch self {
        case .dense(let matrix):
            for row in 0..<matrix.rows {
                var isExpressing = false
                for (column, value) in matrix.row(row).enumerated() where value != 0 {
                    isEmpty[column] = false
                    isExpressing = true
                }
                expressing += isExpressing ? 1 : 0
            }
        case .sparse(let matrix):
            for row in 0..<matrix.rows {
                var isExpressing = false
                for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] where matrix.values[entry] != 0 {
                    isEmpty[Int(matrix.columnIndices[entry])] = false
                    isExpressing = true
                }
                expressing += isExpressing ? 1 : 0
            }
        }
        return expressing
    }
}
