import AnnotatedData
import Foundation
import Matrices

/// Principal components of some cells and genes, to be applied to any.
public struct PrincipalComponents: Sendable, Equatable {
    /// Places of the genes used, in the whole matrix.
    public let genes: [Int]
    /// Mean of each gene used, over the cells fitted.
    public let means: [Double]
    /// Genes used × components; columns of length 1, of each the entry of largest absolute value is positive.
    public let loadings: Matrix<Double>
    /// Variance (n − 1) of the scores of each component over the cells fitted.
    public let variances: [Double]
    /// The same, as a share of the variance of all genes used.
    public let varianceRatios: [Double]
    public let notices: [Notice]
}
