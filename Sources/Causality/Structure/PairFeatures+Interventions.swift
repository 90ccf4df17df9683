import Foundation

/// What happens to j where i is intervened on.
extension PairFeatures {
    mutating func addInterventions(_ data: PairFeaturesData) {
        let d = geneCount
        // Cells without any intervention are the reference where there are enough of them, else all cells without one on i.
        let hasControls = data.observedCells >= 10
        let controls = hasControls ? (0..<data.cells).filter { data.isObserved[$0] } : Array(0..<data.cells)
        let base = Sums(data, cells: controls, source: nil)
        for source in 0..<d where !data.intervenedCells[source].isEmpty {
            let within = Sums(data, cells: data.intervenedCells[source], source: source)
            let reference = hasControls ? base : base.without(within)
            guard reference.count > 1 else { continue }
            for target in 0..<d {
                addShift(source, target, within: within, reference: reference)
            }
        }
    }

    private mutating func addShift(_ source: Int, _ target: Int, within: Sums, reference: Sums) {
        func both(_ feature: Feature, _ reverse: Feature, _ value: Double) {
            set(feature, source, target, value)
            set(reverse, target, source, value)
        }
        let variance = reference.variance(target)
        let zeros = within.zeros[target] / within.count - reference.zeros[target] / reference.count
        both(.zeroShift, .zeroShiftReverse, zeros)
        guard variance > 1e-9 else { return }
        let shift = (within.mean(target) - reference.mean(target)) / variance.squareRoot()
        let errors = shift / (1 / within.count + 1 / reference.count).squareRoot()
        both(.shift, .shiftReverse, shift)
        both(.shiftInStandardErrors, .shiftInStandardErrorsReverse, errors < 0 ? -log1p(-errors) : log1p(errors))
        guard within.count > 2 else { return }
        let ownVariance = within.variance(target)
        both(.varianceShift, .varianceShiftReverse, log((ownVariance + 1e-3 * variance) / variance))
        let sourceVariance = within.variance(source)
        guard sourceVariance > 1e-9, ownVariance > 1e-9, source != target else { return }
        let covariance = within.products[target] / within.count - within.mean(source) * within.mean(target)
        set(.slopeWithin, source, target, covariance / sourceVariance)
        both(
            .correlationWithin, .correlationWithinReverse, covariance / (sourceVariance * ownVariance).squareRoot())
    }
}

/// Sums over some cells, gene by gene.
private struct Sums {
    var count: Double
    var values: [Double]
    var squares: [Double]
    var zeros: [Double]
    /// With the source's value.
    var products: [Double]

    init(_ data: PairFeaturesData, cells: [Int], source: Int?) {
        let d = data.genes
        count = Double(cells.count)
        values = Array(repeating: 0, count: d)
        squares = values
        zeros = values
        products = values
        for cell in cells {
            let driver = source.map { Double(data.standardised[cell * d + $0]) } ?? 0
            for gene in 0..<d {
                let x = Double(data.standardised[cell * d + gene])
                values[gene] += x
                squares[gene] += x * x
                products[gene] += driver * x
                zeros[gene] += Double(data.isZero[cell * d + gene])
            }
        }
    }

    func mean(_ gene: Int) -> Double { values[gene] / count }

    func variance(_ gene: Int) -> Double { max(0, squares[gene] / count - mean(gene) * mean(gene)) }

    func without(_ other: Sums) -> Sums {
        var result = self
        result.count -= other.count
        for gene in values.indices {
            result.values[gene] -= other.values[gene]
            result.squares[gene] -= other.squares[gene]
            result.zeros[gene] -= other.zeros[gene]
        }
        return result
    }
}
