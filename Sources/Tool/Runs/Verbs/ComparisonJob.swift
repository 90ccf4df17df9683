import AnnotatedData
import Formats
import Foundation
import Matrices
import Preprocessing
import Probability
import Screens
import Shifts

/// The verb `compare`: genes that tell groups of cells from a reference, and how far the groups are from it.
public struct ComparisonJob {
    private let input: String
    private let configuration: RunConfiguration
    private let options: ComparisonOptions
    private let console: Console

    /// Matrices of up to so many stored entries, of 8 bytes, are loaded; larger ones are walked through in the file.
    private static let loadedEntries = 1 << 26

    /// - Parameter configuration: How the file is read, its scale, the sum that counts are normalised to, and the seed.
    public init(input: String, configuration: RunConfiguration, options: ComparisonOptions, console: Console) {
        self.input = input
        self.configuration = configuration
        self.options = options
        self.console = console
    }

    /// The table of distances that stands beside the table of genes.
    public static func distancesFile(beside output: String) -> String {
        let suffix = (output as NSString).pathExtension
        return (suffix.isEmpty ? output : (output as NSString).deletingPathExtension) + ".distances.tsv"
    }

    /// Writes both tables; the summary is for `--json`.
    public func run(to output: String) throws -> Summary {
        console.begin("read")
        var summary = Summary(genesTable: output, reference: options.reference, method: options.method.rawValue)
        let (groups, prepared) = try reading(input) {
            let source = try openAnnotated(input, options: configuration.read)
            note(source.notices, &summary)
            let groups = try ComparisonLabels(source.annotation.cells, options: options)
            note(groups.notices, &summary)
            return (groups.groups, try prepare(source, &summary))
        }
        summary.cells = groups.cellCount
        summary.genes = prepared.genes.count
        console.end("\(groups.cellCount) cells × \(prepared.genes.count) genes in \(groups.names.count) groups")

        console.begin("genes")
        let ranking = try reading(input) {
            do {
                return try GeneRanking(prepared.matrix, groups: groups, test: options.test) { console.advance(to: $0) }
            } catch let error as ComparisonError where error.code == "NONFINITE" {
                throw error.naming(prepared.genes)
            }
        }
        let table = GeneRankingTable(
            ranking: ranking, genes: prepared.genes, scale: prepared.foldChange, adjustment: options.adjustment)
        try OutputFile.whole(output) { summary.groups = try table.write(to: $0) }
        console.end("\(summary.groups.reduce(0) { $0 + $1.significant }) of p_adjusted below 0.05")

        guard !options.distances.isEmpty else { return summary }
        console.begin("distances")
        let file = Self.distancesFile(beside: output)
        let random = RandomStream(seed: configuration.seed).stream("compare")
        let sampled = options.cellsAtMost.map { groups.sampled(atMost: $0, random: random.stream("cells")) } ?? groups
        let space = try reading(input) {
            try ComparisonSpace(prepared, options: options, groups: sampled)
        }
        note(space.notices, &summary)
        let test = PopulationTest(
            metrics: options.distances, permutations: options.permutations, convention: options.convention)
        let distances = test.distances(
            space.coordinates, space: space.name, groups: sampled, random: random.stream("distances"))
        try OutputFile.write(
            DistanceTable.text(distances, metrics: options.distances, adjustment: options.distanceAdjustment), to: file)
        summary.distancesTable = file
        console.end("\(distances.count) distances in \(space.name)")
        return summary
    }

    private func note(_ notices: [Notice], _ summary: inout Summary) {
        notices.forEach { console.note($0.message) }
        summary.notes += notices
    }

    // MARK: Values

    /// The matrix asked for, on a scale that can be compared.
    private func prepare(_ source: AnnotatedSource, _ summary: inout Summary) throws -> PreparedMatrix {
        var chosen = source
        (chosen.layers, chosen.raw) = ([:], nil)
        var genes = source.annotation.genes.names
        if let layer = options.layer {
            if let matrix = source.layers[layer] {
                chosen.x = matrix
            } else if layer == "raw", let raw = source.raw {
                chosen.x = raw.x
                genes = raw.genes.names
                chosen.annotation.genes = raw.genes
                chosen.annotation.geneLoadings = [:]
                chosen.annotation.geneGraphs = [:]
            } else {
                let found = source.layers.keys.sorted() + (source.raw == nil ? [] : ["raw"])
                throw missing(
                    "/layers/\(layer)", "expected a layer \(layer), found \(found.isEmpty ? "none" : shortList(found))",
                    remedy: "give --layer one of these, or leave it out for the main matrix")
            }
        }
        guard var matrix = chosen.x, matrix.rows > 0, matrix.columns > 0 else {
            throw missing(
                "/X", "expected a matrix of cells and genes, found none", remedy: "name one of the layers with --layer")
        }
        if matrix.storedCount <= Self.loadedEntries {
            let loaded = try chosen.load()
            note(Array(loaded.notices.dropFirst(source.notices.count)), &summary)
            if let x = loaded.data.x { matrix = x }
        }
        let scale = try self.scale(
            of: matrix, unstructured: options.layer == nil ? source.annotation.unstructured : [:])
        summary.scale = scale.rawValue
        var foldChange = FoldChangeScale.log1p
        switch scale {
        case .counts:
            let normalised = try LogNormalisedBlocks(matrix, targetSum: configuration.preprocess.targetSum)
            matrix = normalised
            let notice = "Counts were normalised to \(normalised.targetSum) a cell and replaced by ln(1 + x)."
            note([Notice(code: "NORMALISED", message: notice)], &summary)
        case .log1p: break
        case .logIntensity:
            foldChange = .log2
            let notice = "Fold changes are differences of means: the values were taken as logarithms to base 2."
            note([Notice(code: "FOLD_CHANGE", message: notice)], &summary)
        case .intensity: foldChange = .linear
        case .scaled:
            foldChange = .none
            let notice = "Scaled values have no fold changes; log2_fold_change stays empty."
            note([Notice(code: "FOLD_CHANGE", message: notice)], &summary)
        }
        return PreparedMatrix(
            matrix: matrix, genes: genes, scale: scale == .counts ? .log1p : scale, foldChange: foldChange,
            embeddings: source.annotation.cellEmbeddings)
    }

    private func scale(
        of matrix: any MatrixBlocks, unstructured: [String: AnnotationValue]
    ) throws -> ExpressionScale {
        if let scale = configuration.preprocess.scale { return scale }
        var evidence = ScaleEvidence(rows: matrix.rows, columns: matrix.columns)
        try matrix.forEachBlock { evidence.add($0) }
        let finding = evidence.finding.considering(unstructured)
        guard let scale = finding.scale else {
            throw Failure(
                code: "AMBIGUOUS", file: input, element: options.layer.map { "/layers/\($0)" } ?? "/X",
                message: "expected values of a known scale, found: \(finding.evidence)",
                remedy: "give --scale: \(ExpressionScale.allCases.map(\.rawValue).joined(separator: ", "))",
                exit: .badData)
        }
        console.detail("scale: \(scale.rawValue), \(finding.evidence)")
        return scale
    }

    private func missing(_ element: String, _ message: String, remedy: String) -> Failure {
        Failure(
            code: "MISSING_ELEMENT", file: input, element: element, message: message, remedy: remedy, exit: .badData)
    }

    /// What `compare --json` prints.
    public struct Summary: Encodable, Sendable {
        public struct Group: Encodable, Sendable {
            let group: String
            let cells: Int
            /// Genes of p_adjusted below 0.05.
            let significant: Int
        }

        let genesTable: String
        var distancesTable: String?
        let reference: String
        let method: String
        /// Of the values in the file.
        var scale = ""
        var cells = 0
        var genes = 0
        var groups: [Group] = []
        var notes: [Notice] = []

        init(genesTable: String, reference: String, method: String) {
            self.genesTable = genesTable
            self.reference = reference
            self.method = method
        }

        public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }
    }
}

/// A matrix on the scale that it is compared on.
struct PreparedMatrix {
    let matrix: any MatrixBlocks
    let genes: [String]
    let scale: ExpressionScale
    let foldChange: FoldChangeScale
    let embeddings: [String: AlignedArray]
}

extension ComparisonError {
    /// The same with the gene's name: the comparison knows its number only.
    fileprivate func naming(_ genes: [String]) -> ComparisonError {
        guard let element, let number = Int(element.dropFirst("gene ".count)), genes.indices.contains(number - 1) else {
            return self
        }
        return ComparisonError(
            code: code, file: file, element: "gene \(genes[number - 1])", message: message, remedy: remedy)
    }
}

extension ComparedGroups {
    /// The same groups with `limit` cells each at most, drawn without replacement from the stream of their names.
    func sampled(atMost limit: Int, random: RandomStream) -> ComparedGroups {
        var kept = Set<Int>()
        for (code, cells) in cellsOfCode.enumerated() {
            var random = random.stream(code < names.count ? names[code] : "reference")
            kept.formUnion(random.choice(min(limit, cells.count), of: cells.count).map { cells[$0] })
        }
        return keeping { kept.contains($0) }
    }
}
