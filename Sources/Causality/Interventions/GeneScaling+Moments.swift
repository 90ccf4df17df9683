import Matrices

extension GeneScaling {
    /// From moments with variances over n − 1.
    /// - Parameter all: Of all cells, for genes that do not vary among the controls.
    public init(control: ColumnMoments, all: @autoclosure () -> ColumnMoments) {
        let deviations = control.variances.map { $0.isNaN ? 0 : $0.squareRoot() }
        let floor = max(1e-6, 0.05 * (deviations.max() ?? 0))
        let constant = deviations.indices.filter { deviations[$0] < 1e-9 }
        let others = constant.isEmpty ? deviations : all().variances.map { $0.isNaN ? 0 : $0.squareRoot() }
        self.init(
            means: control.means,
            deviations: deviations.indices.map { max(floor, deviations[$0] < 1e-9 ? others[$0] : deviations[$0]) },
            constantGenes: constant)
    }
}
