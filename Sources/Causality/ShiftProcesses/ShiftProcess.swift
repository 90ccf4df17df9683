import Concurrency
import FeatureModels
import Foundation
import Matrices
import Screens

/// The mean shifts of all treatments of a screen as one Gaussian process over treatments, shared by all genes
/// (Rasmussen & Williams 2006, chapters 2 and 5; components of variance as in Duvenaud, Nickisch & Rasmussen 2011,
/// "Additive Gaussian processes").
///
/// What a treatment does is a sum of parts, each with its own variance: common to all treated, by dose, the
/// perturbation's own, told by its features, and each of these in all cells, in similar ones or in one kind
/// (`ShiftTerm`). How much each part weighs is learnt by the marginal likelihood of all genes together, how strong the
/// signal of a gene is by its own. The error of the controls is in the shifts of all treatments that share them, and
/// known as such: it is never taken for signal.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | y_g | `table.shifts` | treatments × genes | measured mean shifts |
/// | s_g² | `table.variances` | genes | variance of a cell |
/// | N | `table.noise` | treatments × treatments | 1/cells on the diagonal, shared controls beside it |
/// | K | `kernel` | treatments × treatments | covariance of true shifts, but for r_g s_g² |
/// | r_g | exp `logScales` | genes | signal of each gene against its noise |
/// | y_g ~ N(0, s_g² (r_g K + N)) | | | |
/// | α | `solved` | treatments × genes | r_g (r_g K + N)⁻¹ y_g |
///
/// Deviation from the paper: parameters at the maximum of their posterior; r_g in steps of a factor of 2 when shifts
/// are predicted, so that few decompositions serve all genes.
public struct ShiftProcess: Sendable {
    public let table: ShiftTable
    /// ln of the posterior density of the parameters at its maximum, but for a constant.
    public let logPosterior: Double
    /// Whether learning came to rest.
    public let isConverged: Bool
    let kernel: ShiftKernel
    /// ln r of each gene.
    let logScales: [Double]

    let doses: DoseScale
    let side: TreatmentSide
    let features: FeatureLikeness
    let unlikeness: Double?
    let amplitudes: [Double]
    let solved: Matrix<Double>

    /// Treatments beyond this number are left out when variances are learnt, whole perturbations at a time.
    static let mostLearntFrom = 512

    /// The shifts of a screen.
    /// - Parameter workers: Threads; nil stands for one a core. Results are the same at any number.
    public init(screen: PerturbationScreen, workers: Int? = nil) throws(ShiftProcessError) {
        try self.init(ShiftTable(screen), workers: workers)
    }

    /// Any measured shifts, such as what a causal model leaves unexplained.
    public init(_ table: ShiftTable, workers: Int? = nil) throws(ShiftProcessError) {
        let doses = DoseScale(table.contexts)
        let rows = Self.learntFrom(table)
        let side = TreatmentSide(
            rows.map { table.contexts[$0] }, combinations: table.combinations, doses: doses, controls: table.profiles)
        let whole = TreatmentSide(
            table.contexts, combinations: table.combinations, doses: doses, controls: table.profiles)
        let features = FeatureLikeness(table.features, measured: Set(whole.parts.joined()).sorted())
        let relations = TreatmentRelations(
            side, side, features: features, doseLength: doses.length, unlikeness: whole.medianUnlikeness)
        let (terms, matrices) = Self.distinguishable(ShiftTerm.candidates(features.forms), relations)
        var kernel = ShiftKernel(terms: terms, columns: ShiftKernel.columns(whole, learnt: side))
        // Genes that no cell expresses, or all alike, say nothing of what others do.
        let telling = (0..<table.genes).filter { gene in rows.contains { table.shifts[$0, gene] != 0 } }
        var evidence = ShiftEvidence(
            terms: matrices, design: kernel.design(side, doses, measured: whole, unlikeness: whole.medianUnlikeness),
            noise: table.noise(rows),
            outputs: Matrix(
                rows: rows.count, columns: telling.count,
                values: rows.flatMap { i in
                    telling.map { table.shifts[i, $0] / table.variances[$0].squareRoot() }
                }),
            workers: workers)
        var scales: [Double]?
        // Logarithms of weights have a few units to go: what is left to gain is a few nats, of thousands.
        let search = QuasiNewton(tolerance: 5e-5 * Double(rows.count * max(1, telling.count)), mostSteps: 100)
        func learn() -> Bool {
            let found = search.minimise(from: kernel.parameters) { parameters in
                var candidate = kernel
                candidate.parameters = parameters
                guard let value = evidence(candidate, start: scales) else { return nil }
                scales = value.logScales
                return (value.loss, value.gradient)
            }
            kernel.parameters = found.point
            return found.isConverged
        }
        var isConverged = learn()
        if let spread = evidence.spread(kernel), spread.deviation < evidence.deviation {
            evidence.deviation = spread.deviation
            for place in terms.indices { kernel.parameters[place] += spread.centre }
            scales = nil
            isConverged = learn()
        }
        guard let value = evidence(kernel, start: scales) else {
            throw ShiftProcessError(
                code: "SINGULAR", message: "finite variances of the shifts expected, found none",
                remedy: "leave out genes and treatments whose shifts are far beyond those of others")
        }
        var all = [Double](repeating: 0, count: table.genes)
        for (gene, scale) in zip(telling, value.logScales) { all[gene] = scale }
        try self.init(
            table, kernel: kernel, logScales: all, logPosterior: -value.loss,
            isConverged: isConverged, workers: workers)
    }

    /// With parameters that are known.
    init(
        _ table: ShiftTable, kernel: ShiftKernel, logScales: [Double], logPosterior: Double, isConverged: Bool,
        workers: Int?
    ) throws(ShiftProcessError) {
        self.table = table
        self.kernel = kernel
        self.logScales = logScales.map { Double(Float($0)) }
        self.logPosterior = logPosterior
        self.isConverged = isConverged
        doses = DoseScale(table.contexts)
        side = TreatmentSide(
            table.contexts, combinations: table.combinations, doses: doses, controls: table.profiles)
        features = FeatureLikeness(table.features, measured: Set(side.parts.joined()).sorted())
        unlikeness = side.medianUnlikeness
        amplitudes = kernel.amplitudes(
            kernel.design(side, doses, measured: side, unlikeness: unlikeness))
        let groups = Self.groups(self.logScales)
        let covariance = Self.covariance(kernel, side, features, doses, unlikeness, amplitudes)
        let parts = concurrentMap(groups.count, workers: Self.lanes(table, workers)) { place -> Matrix<Double>? in
            let (scale, genes) = groups[place]
            guard let factor = Self.factor(covariance, table, scale: scale) else { return nil }
            var result = factor.solve(table.shifts.selectingColumns(genes))
            for k in result.values.indices { result.values[k] *= scale }
            return result
        }
        var solved = Matrix<Double>(rows: table.contexts.count, columns: table.genes)
        for (group, part) in zip(groups, parts) {
            guard let part else {
                throw ShiftProcessError(
                    code: "SINGULAR", message: "a covariance that is positive definite expected, found another",
                    remedy: "leave out treatments with many more cells than the others")
            }
            for i in 0..<part.rows { for (k, gene) in group.genes.enumerated() { solved[i, gene] = part[i, k] } }
        }
        self.solved = solved
    }

    /// Every so many perturbations, so that there are not too many treatments.
    private static func learntFrom(_ table: ShiftTable) -> [Int] {
        let step = (table.contexts.count + mostLearntFrom - 1) / mostLearntFrom
        let names = Set(table.contexts.map(\.perturbation)).sorted()
        let chosen = Set(names.indices.filter { $0 % step == 0 }.map { names[$0] })
        return table.contexts.indices.filter { chosen.contains(table.contexts[$0].perturbation) }
    }

    /// Terms that the measured treatments can tell from each other: of those that are the same on them the simplest.
    private static func distinguishable(_ candidates: [ShiftTerm], _ relations: TreatmentRelations)
        -> ([ShiftTerm], [Matrix<Double>])
    {
        var terms: [ShiftTerm] = []
        var matrices: [Matrix<Double>] = []
        for term in candidates {
            let matrix = relations.matrix(term)
            let isNew = matrices.allSatisfy { other in
                zip(matrix.values, other.values).contains { abs($0 - $1) > 1e-6 }
            }
            if isNew, matrix.values.contains(where: { $0 != 0 }) {
                terms.append(term)
                matrices.append(matrix)
            }
        }
        return (terms, matrices)
    }

    // MARK: Covariances

    static func covariance(
        _ kernel: ShiftKernel, _ side: TreatmentSide, _ features: FeatureLikeness, _ doses: DoseScale,
        _ unlikeness: Double?, _ amplitudes: [Double]
    ) -> Matrix<Double> {
        kernel.covariance(
            TreatmentRelations(side, side, features: features, doseLength: doses.length, unlikeness: unlikeness),
            rows: amplitudes, columns: amplitudes)
    }

    /// Among the measured treatments, without noise.
    var covariance: Matrix<Double> { Self.covariance(kernel, side, features, doses, unlikeness, amplitudes) }

    /// Of r K + N.
    static func factor(_ covariance: Matrix<Double>, _ table: ShiftTable, scale: Double) -> CholeskyFactor? {
        var total = covariance
        for i in 0..<total.rows {
            for j in 0...i { total[i, j] = scale * total[i, j] + table.relativeNoise(i, j) }
        }
        return CholeskyFactor(total)
    }

    /// Genes of nearly equal signal: r in steps of a factor of 2.
    static func groups(_ logScales: [Double]) -> [(scale: Double, genes: [Int])] {
        Dictionary(grouping: logScales.indices) { Int((logScales[$0] / log(2)).rounded()) }
            .sorted { $0.key < $1.key }.map { (exp2(Double($0.key)), $0.value) }
    }

    /// Many treatments are taken one group at a time, so that memory holds few matrices.
    static func lanes(_ table: ShiftTable, _ workers: Int?) -> Int? { table.contexts.count > 1500 ? 1 : workers }

    /// How much of the shifts each component makes up, the largest first.
    public var components: [ShiftComponent] {
        let relations = TreatmentRelations(
            side, side, features: features, doseLength: doses.length, unlikeness: unlikeness)
        let sizes = zip(kernel.terms, kernel.weights).map { term, weight in
            let diagonal = relations.diagonal(term)
            return weight * zip(diagonal, amplitudes).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
        }
        let total = sizes.reduce(0, +)
        return zip(kernel.terms, sizes).map { ShiftComponent(name: $0.name, term: $0, share: $1 / total) }
            .sorted { ($1.share, $0.name) < ($0.share, $1.name) }
    }
}
