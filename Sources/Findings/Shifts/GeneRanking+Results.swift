import Foundation
import Matrices

/// What the means that a fold change is made of are means of.
public enum FoldChangeScale: Sendable, Equatable {
    /// ln(1 + x): log2 of the quotient of expm1(mean), each with 1e-9 added, as scanpy.
    case log1p
    /// A logarithm to base 2: the difference of means.
    case log2
    /// Positive intensities: log2 of the quotient of means.
    case linear
    /// Centred values have no fold change.
    case none
}

extension GeneRanking {
    public func mean(group: Int, gene: Int) -> Double { sums[group, gene] / Double(groups.sizes[group]) }

    /// Of the cells that the group is compared with.
    public func referenceMean(group: Int, gene: Int) -> Double {
        let last = groups.names.count
        guard groups.reference == nil else { return sums[last, gene] / Double(groups.sizes[last]) }
        // What is left of a sum of values that the group alone has is 0, not a rounding.
        guard totalExpressing[gene] > expressing[group * geneCount + gene] else { return 0 }
        return (totalSums[gene] - sums[group, gene]) / Double(groups.referenceSize(of: group))
    }

    /// The share of the group's cells whose value is not 0.
    public func fraction(group: Int, gene: Int) -> Double {
        Double(expressing[group * geneCount + gene]) / Double(groups.sizes[group])
    }

    /// The share, whose value is not 0, of the cells that the group is compared with.
    public func referenceFraction(group: Int, gene: Int) -> Double {
        let cells =
            groups.reference == nil
            ? totalExpressing[gene] - expressing[group * geneCount + gene]
            : expressing[groups.names.count * geneCount + gene]
        return Double(cells) / Double(groups.referenceSize(of: group))
    }

    /// NaN where there is none.
    public static func log2FoldChange(_ mean: Double, _ reference: Double, scale: FoldChangeScale) -> Double {
        switch scale {
        case .log1p: Foundation.log2((expm1(mean) + 1e-9) / (expm1(reference) + 1e-9))
        case .log2: mean - reference
        case .linear: mean > 0 && reference > 0 ? Foundation.log2(mean / reference) : .nan
        case .none: .nan
        }
    }

    /// Genes by falling score, equal ones in the order of the matrix.
    public func order(of group: Int) -> [Int] {
        let row = Array(scores.row(group))
        return row.indices.sorted { row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1 }
    }

    /// The p-values of all genes of a group, adjusted for their number.
    public func adjustedPValues(of group: Int, by adjustment: PValueAdjustment) -> [Double] {
        adjustment.adjusted(Array(pValues.row(group)))
    }
}
