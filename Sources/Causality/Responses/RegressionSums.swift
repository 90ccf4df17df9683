/// Sums of products from which one gene's regression is chosen.
protocol RegressionSums: Sendable {
    /// Without the response.
    var columns: Int { get }
    /// Prior variance of each coefficient over the noise variance.
    var variances: [Double] { get }
    var slabs: ResponsePriors.Slabs { get }
    func cells(of gene: Int) -> Int
    /// Prior log odds of a column: ∞ where it always stands in the regression, −∞ where it never does.
    func logOdds(_ column: Int, of gene: Int) -> Double
    /// Writes Σ x x' of a column with every column.
    func fill(row column: Int, of gene: Int, into row: UnsafeMutablePointer<Double>)
    /// Σ x² of a column.
    func square(of column: Int, for gene: Int) -> Double
    /// Writes Σ x y of every column with the response, and gives Σ y².
    func fill(responseOf gene: Int, into row: UnsafeMutablePointer<Double>) -> Double
}
