import Matrices
import Screens

/// Measured mean shifts of treatments, and all that is known of their sampling error.
///
/// The error of a shift is that of the treated mean and that of the controls' mean; the latter is the same for all
/// treatments from which the same controls were taken off.
public struct ShiftTable: Sendable, Equatable {
    /// A share of the controls that were taken off.
    public struct ControlShare: Codable, Sendable, Equatable {
        /// Place in `controlCells`.
        public var group: Int
        public var share: Double

        public init(group: Int, share: Double) {
            self.group = group
            self.share = share
        }
    }

    public let contexts: [Context]
    /// treatments × genes
    public let shifts: Matrix<Double>
    /// Of each gene: the variance of one cell (or well, or array) about the mean of its treatment.
    public let variances: [Double]
    /// Cells of each treatment.
    public let cells: [Double]
    /// The controls that were taken off from each treatment.
    public let controls: [[ControlShare]]
    /// Cells of each group of controls.
    public let controlCells: [Double]
    /// The single perturbations of combinations.
    public let combinations: [String: [String]]
    public let features: FeatureTable?
    /// Mean controls, genes, by covariates.
    public let profiles: [[String: String]: [Double]]

    /// All numbers are kept in single precision, as on disk.
    /// - Throws: `ShiftProcessError` for lengths that do not match, numbers that are not finite, a treatment given
    ///   twice, or cells and variances that are not positive.
    public init(
        contexts: [Context], shifts: Matrix<Double>, variances: [Double], cells: [Double],
        controls: [[ControlShare]], controlCells: [Double], combinations: [String: [String]] = [:],
        features: FeatureTable? = nil, profiles: [[String: String]: [Double]] = [:]
    ) throws(ShiftProcessError) {
        func demand(
            _ condition: Bool, _ code: String, _ message: String, element: String? = nil,
            remedy: String = "give one entry of each list for each treatment or gene"
        ) throws(ShiftProcessError) {
            guard condition else {
                throw ShiftProcessError(code: code, element: element, message: message, remedy: remedy)
            }
        }
        let (n, genes) = (contexts.count, variances.count)
        try demand(n > 0, "NO_TREATMENTS", "at least one treatment beside the controls expected, found none")
        try demand(genes > 0, "NO_GENES", "at least one gene expected, found none")
        try demand(
            shifts.rows == n && cells.count == n && controls.count == n && shifts.columns == genes, "COUNT",
            "\(n) × \(genes) shifts, \(n) numbers of cells and \(n) lists of controls expected, found "
                + "\(shifts.rows) × \(shifts.columns), \(cells.count) and \(controls.count)")
        try demand(
            controls.joined().allSatisfy { controlCells.indices.contains($0.group) && $0.share.isFinite }, "COUNT",
            "groups of controls among \(controlCells.count) expected, found others")
        try demand(
            profiles.values.allSatisfy { $0.count == genes && $0.allSatisfy(\.isFinite) }, "COUNT",
            "finite mean controls of \(genes) genes expected, found others")
        let bad = shifts.values.firstIndex { !Float($0).isFinite }
        try demand(
            bad == nil, "NONFINITE", "finite shifts expected, found \(bad.map { shifts.values[$0] } ?? 0)",
            element: bad.map { contexts[$0 / genes].perturbation }, remedy: "leave out treatments without cells")
        try demand(
            variances.allSatisfy { $0 >= 0 && Float($0).isFinite } && variances.contains { Float($0) > 0 }, "NOISE",
            "variances of cells that are finite and not all 0 expected, found others")
        try demand(
            cells.allSatisfy { $0 > 0 && $0.isFinite } && controlCells.allSatisfy { $0 > 0 && $0.isFinite }, "NOISE",
            "positive numbers of cells expected, found others")
        let twice = Dictionary(grouping: contexts, by: \.self).first { $0.value.count > 1 }?.key.perturbation
        try demand(
            twice == nil, "DUPLICATE", "each treatment once expected, found one twice", element: twice,
            remedy: "merge the cells of equal treatments")
        self.contexts = contexts
        func kept(_ value: Double) -> Double { Double(Float(value)) }
        self.shifts = Matrix(rows: n, columns: genes, values: shifts.values.map(kept))
        // A gene without any variance among cells, never expressed or always the same, is as quiet as the quietest.
        let least = variances.filter { Float($0) > 0 }.min() ?? 1
        self.variances = variances.map { kept(max($0, least)) }
        self.cells = cells
        self.controls = controls
        self.controlCells = controlCells
        self.combinations = combinations
        self.features = features
        self.profiles = profiles.mapValues { $0.map(kept) }
    }

    public var genes: Int { variances.count }

    /// Variance of the sampling error of one measured shift, that of its controls included.
    public func samplingVariance(treatment: Int, gene: Int) -> Double {
        variances[gene] * relativeNoise(treatment, treatment)
    }

    /// The same shifts but for what a model has said of them: its residuals.
    public func replacing(shifts: Matrix<Double>) throws(ShiftProcessError) -> ShiftTable {
        try ShiftTable(
            contexts: contexts, shifts: shifts, variances: variances, cells: cells, controls: controls,
            controlCells: controlCells, combinations: combinations, features: features, profiles: profiles)
    }

    /// Covariance of the sampling errors of two shifts in units of `variances`.
    func relativeNoise(_ i: Int, _ j: Int) -> Double {
        var sum = i == j ? 1 / cells[i] : 0
        for one in controls[i] {
            for other in controls[j] where one.group == other.group {
                sum += one.share * other.share / controlCells[one.group]
            }
        }
        return sum
    }

    /// Rows × rows: covariance of the sampling errors of treatments in units of `variances`.
    public func noise(_ rows: [Int]) -> Matrix<Double> {
        var result = Matrix<Double>(rows: rows.count, columns: rows.count)
        for (a, i) in rows.enumerated() {
            for (b, j) in rows[...a].enumerated() {
                let value = relativeNoise(i, j)
                result[a, b] = value
                result[b, a] = value
            }
        }
        return result
    }
}
