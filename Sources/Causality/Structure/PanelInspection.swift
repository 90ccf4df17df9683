import AnnotatedData
import Matrices
import Screens

/// What can be said of a panel of genes before any network reads it: whether it can be read at all, which genes hold no
/// evidence, and which can't be told apart.
public struct PanelInspection: Sendable, Equatable {
    /// Genes that are not the same in all cells; no edge of another can show.
    public let varying: [Int]
    public let notices: [Notice]

    /// Fewer cells say too little of a pair of genes for anything to be read from it.
    public static let fewestCells = 20
    /// Panels beyond it take hours, and gigabytes for the pairs alone.
    public static let mostGenes = 2_000
    /// Genes that correlate more, in one direction or the other, are the same but for rounding.
    static let sameCorrelation = 0.9999

    /// Refuses sizes that can't be read, before the values are at hand.
    /// - Throws: `TOO_FEW_CELLS`, `TOO_FEW_GENES`, `TOO_MANY_GENES`.
    public static func check(cells: Int, genes: Int) throws(StructureError) {
        guard genes >= 2 else {
            throw StructureError(
                code: "TOO_FEW_GENES", element: "X", message: "expected at least 2 genes, found \(genes)",
                remedy: "give more genes, or lower minCellsPerGene")
        }
        guard genes <= mostGenes else {
            throw StructureError(
                code: "TOO_MANY_GENES", element: "X",
                message: "expected a panel of at most \(mostGenes) genes, found \(genes)",
                remedy: "choose the most variable ones with topGenes")
        }
        guard cells >= fewestCells else {
            throw StructureError(
                code: "TOO_FEW_CELLS", element: "X",
                message:
                    "expected at least \(fewestCells) cells (controls, and cells of perturbations with known targets), "
                    + "found \(cells)",
                remedy: "give more cells: fewer say nothing for sure of a pair of genes")
        }
    }

    /// - Parameters:
    ///   - values: Cells × genes.
    ///   - interventions: Of these cells; nil where nowhere.
    /// - Throws: What `check` does; `NONFINITE`; `TOO_FEW_GENES` where fewer than two vary, `NO_EVIDENCE` where every gene was
    ///   intervened on in every cell.
    public init(
        values: Matrix<Float>, interventions: CellInterventions?, genes: [String]
    ) throws(StructureError) {
        try Self.check(cells: values.rows, genes: genes.count)
        var notices: [Notice] = []
        if let place = values.values.firstIndex(where: { !$0.isFinite }) {
            throw StructureError(
                code: "NONFINITE", element: "X",
                message:
                    "expected finite numbers, found \(values.values[place]) in cell \(place / genes.count + 1), gene "
                    + genes[place % genes.count],
                remedy: "remove or fill these values")
        }
        let varying = Self.varying(values)
        if varying.count < genes.count {
            let constant = Set(genes.indices).subtracting(varying).sorted().map { genes[$0] }
            guard varying.count >= 2 else {
                throw StructureError(
                    code: "TOO_FEW_GENES", element: "X",
                    message: "expected at least 2 genes that vary among the cells, found \(varying.count) of "
                        + "\(genes.count)",
                    remedy: "give genes that are expressed in some cells and not in others")
            }
            notices.append(
                Notice(
                    code: "CONSTANT_GENES",
                    message: "\(counted(constant.count, "gene has", "genes have")) the same value in all cells "
                        + "(\(shortList(constant))): the data hold no evidence on edges from or to "
                        + "\(constant.count == 1 ? "it" : "them"), which have probability 0."))
        }
        if let interventions {
            notices += try Self.interventionNotices(interventions, genes: genes)
        }
        let groups = Self.indistinguishable(values, among: varying)
        if !groups.isEmpty {
            let words = groups.prefix(5).map { group in shortList(group.map { genes[$0] }) }
            notices.append(
                Notice(
                    code: "INDISTINGUISHABLE_GENES",
                    message:
                        "\(counted(groups.count, "group", "groups")) of genes can't be told apart, since their values "
                        + "correlate above \(Self.sameCorrelation) (\(words.joined(separator: "; "))): edges among them, and "
                        + "which of them an edge belongs to, are not to be trusted."))
        }
        self.varying = varying
        self.notices = notices
    }

    /// Genes whose values lie farther apart than single precision rounds.
    private static func varying(_ values: Matrix<Float>) -> [Int] {
        let width = values.columns
        var (least, most) = (Array(values.row(0)), Array(values.row(0)))
        values.values.withUnsafeBufferPointer { values in
            for row in 0..<values.count / max(1, width) {
                for gene in 0..<width {
                    least[gene] = min(least[gene], values[row * width + gene])
                    most[gene] = max(most[gene], values[row * width + gene])
                }
            }
        }
        return (0..<width).filter { most[$0] - least[$0] > 1e-6 * max(abs(most[$0]), abs(least[$0])) }
    }

    private static func interventionNotices(
        _ interventions: CellInterventions, genes: [String]
    ) throws(StructureError) -> [Notice] {
        let width = genes.count
        var counts = Array(repeating: 0, count: width)
        var untouched = 0
        for (set, cells) in zip(interventions.sets, interventions.cellsOfSet) {
            for gene in set { counts[gene] += cells.count }
            untouched += set.isEmpty ? cells.count : 0
        }
        var notices: [Notice] = []
        let always = genes.indices.filter { counts[$0] == interventions.cellCount }
        guard always.count < width else {
            throw StructureError(
                code: "NO_EVIDENCE", element: "layers/interventions",
                message:
                    "expected cells in which some gene was left to itself, found every gene intervened on in every "
                    + "cell",
                remedy: "correct the labels of interventions, or leave them out")
        }
        if !always.isEmpty {
            notices.append(
                Notice(
                    code: "ALWAYS_INTERVENED",
                    message: "\(counted(always.count, "gene was", "genes were")) intervened on in every cell "
                        + "(\(shortList(always.map { genes[$0] }))): what causes "
                        + "\(always.count == 1 ? "it" : "them") can't show, and probabilities of edges into "
                        + "\(always.count == 1 ? "it" : "them") are no evidence."))
        } else if untouched == 0 {
            notices.append(
                Notice(
                    code: "NO_OBSERVATIONAL_CELLS",
                    message:
                        "Every cell was intervened on: what an intervention shifts is seen beside cells with other "
                        + "interventions only."))
        }
        return notices
    }

    /// Groups of genes that correlate, in one direction or the other, above the limit with a gene of the group.
    private static func indistinguishable(_ values: Matrix<Float>, among genes: [Int]) -> [[Int]] {
        let count = Double(values.rows)
        var moments = genes.map { _ in (mean: 0.0, squares: 0.0) }
        for row in 0..<values.rows {
            for (place, gene) in genes.enumerated() { moments[place].mean += Double(values[row, gene]) / count }
        }
        for row in 0..<values.rows {
            for (place, gene) in genes.enumerated() {
                let x = Double(values[row, gene]) - moments[place].mean
                moments[place].squares += x * x
            }
        }
        // In blocks of cells, standardised so that products add up to correlations.
        var gram = GramMatrix(columns: genes.count)
        for start in stride(from: 0, to: values.rows, by: 1024) {
            var block = Matrix<Float>(rows: min(1024, values.rows - start), columns: genes.count)
            for row in 0..<block.rows {
                for (place, gene) in genes.enumerated() {
                    let x = Double(values[start + row, gene]) - moments[place].mean
                    block[row, place] = Float(x / moments[place].squares.squareRoot())
                }
            }
            gram.add(block)
        }
        let correlations = gram.matrix
        var group = Array(genes.indices)
        func leader(_ place: Int) -> Int { group[place] == place ? place : leader(group[place]) }
        for a in genes.indices {
            for b in 0..<a where abs(correlations[a, b]) > sameCorrelation {
                let (first, second) = (leader(a), leader(b))
                group[max(first, second)] = min(first, second)
            }
        }
        return Dictionary(grouping: genes.indices, by: leader).values.filter { $0.count > 1 }
            .map { $0.map { genes[$0] }.sorted() }.sorted { $0[0] < $1[0] }
    }
}
