import AnnotatedData
import Foundation
import Matrices

/// What becomes of the values, and what they are then.
struct PlannedTransform: Sendable {
    var transform: CellTransform
    let scale: ExpressionScale
    /// The total to which cells are normalised; nil where they are not.
    let targetSum: Double?

    /// - Throws: `MISSING_ELEMENT` and `BAD_VALUE` for a column of totals that is not there or holds no numbers above 0.
    init(_ preparation: Preparation, notices: inout [Notice]) throws {
        let options = preparation.options
        switch preparation.scale {
        case .counts:
            let base = LogarithmBase(base: options.logarithmBase)
            let genes = preparation.geneNames.count
            if let least = options.minGenesForTotals, genes < least, options.targetSum == nil,
                options.librarySizeColumn == nil
            {
                transform = .logarithm(base)
                targetSum = nil
                notices.append(.totalsLeft(genes: genes, atLeast: least))
            } else {
                let normalisation = try Self.normalisation(preparation, notices: &notices)
                transform = .normalisedLogarithm(normalisation, base)
                targetSum = Double(normalisation.target)
            }
            scale = options.logarithmBase == nil ? .log1p : .logIntensity
        case .intensity:
            scale = .logIntensity
            targetSum = nil
            switch options.intensityTransform {
            case .log1p:
                transform = .logarithm(LogarithmBase(base: nil))
                notices.append(Notice(code: "INTENSITY_LOG1P", message: "Intensities were replaced by ln(1 + x)."))
            case .asinh:
                transform = .inverseHyperbolicSine(cofactor: Float(options.asinhCofactor))
                notices.append(
                    Notice(
                        code: "INTENSITY_ASINH",
                        message: "Intensities were replaced by asinh(x / \(options.asinhCofactor))."))
            }
        case .log1p, .logIntensity, .scaled:
            transform = .asGiven
            scale = preparation.scale
            targetSum = nil
            notices.append(
                Notice(
                    code: "NOT_NORMALISED",
                    message: "Values were taken as they are (\(scale.rawValue)): \(preparation.evidence)."))
        }
    }

    /// As scanpy's `normalize_total`: totals are summed in Double and then kept in Float.
    private static func normalisation(
        _ preparation: Preparation, notices: inout [Notice]
    ) throws -> CellNormalisation {
        let options = preparation.options
        let view = preparation.filtered
        var totals: [Float]?
        var isExcluded: [Bool]?
        if let column = options.librarySizeColumn {
            totals = try librarySizes(column, of: preparation.annotation.cells)
        } else if let known = try KnownTotals(preparation) {
            totals = known.totals
            notices.append(known.notice)
        } else if options.excludeHighlyExpressed {
            let dominant = try dominantGenes(of: view, above: Float(options.maxFraction))
            isExcluded = dominant
            totals = try view.totals(excluding: dominant).map { Float($0) }
        }
        if let target = options.targetSum {
            return CellNormalisation(target: Float(target), isExcluded: isExcluded, totals: totals)
        }
        let known = try totals ?? view.totals().map { Float($0) }
        let positive = (preparation.statistics.map { $0.map { known[$0] } } ?? known).filter { $0 > 0 }
        return CellNormalisation(
            target: positive.isEmpty ? 1 : Float(median(of: positive)), isExcluded: isExcluded, totals: known)
    }

    /// Genes that make up more than the fraction of any cell.
    private static func dominantGenes(of view: PackedView, above fraction: Float) throws -> [Bool] {
        let totals = try view.totals().map { Float($0) }
        var isDominant = [Bool](repeating: false, count: view.columns)
        try view.forEachBlock { block in
            var row = block.firstRow
            block.matrix.forEachRow { columns, values in
                let limit = totals[row] * fraction
                for (column, value) in zip(columns, values) where value > limit { isDominant[Int(column)] = true }
                row += 1
            }
        }
        return isDominant
    }

    private static func librarySizes(_ column: String, of table: AnnotationTable) throws(PreprocessingError) -> [Float]
    {
        guard let values = table[column] else {
            throw PreprocessingError(
                code: "MISSING_ELEMENT", element: "/obs/\(column)", message: "expected a column \(column), found none",
                remedy: "set librarySizeColumn to the column with the total of each cell")
        }
        guard let numbers = values.numbers, numbers.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw PreprocessingError(
                code: "BAD_VALUE", element: "/obs/\(column)",
                message: "expected the total of each cell, above 0, found other values",
                remedy: "set librarySizeColumn to the column with the total of each cell")
        }
        return numbers.map { Float($0) }
    }
}
