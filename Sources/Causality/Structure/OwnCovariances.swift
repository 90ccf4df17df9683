/// For each gene the covariances of all columns over the gene's own cells: those in which it was not intervened on.
///
/// A gene has `width` columns, the first of them its values; what else there is are functions of these.
public protocol OwnCovariances: Sendable {
    var genes: Int { get }
    var width: Int { get }
    /// Own cells of each gene.
    var counts: [Double] { get }
    /// One row of the matrix of `child`: genes · width values.
    func row(_ column: Int, child: Int) -> [Double]
    /// For each gene in turn the block of its own columns on the diagonal of that matrix, row by row.
    func blocks(child: Int) -> [Double]
}
