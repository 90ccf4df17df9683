import Foundation

/// What happens to j where i is intervened on.
extension PairFeatures {
    /// - `residuals`: genes × cells, what is left of each gene after regression on all others.
    /// - `withoutComponent`: genes × cells, normal scores without their first principal component.
    mutating func addInterventions(_ data: PairFeaturesData, residuals: [Float], withoutComponent: [Float]?) {
        let d = geneCount
        // Controls are the reference where there are enough of them, else all cells without an intervention on i.
        let hasControls = data.reference != nil
        let controls = data.reference ?? Array(0..<data.cells)
        func visit(_ values: [Float], _ body: (_ source: Int, _ within: Sums, _ reference: Sums) -> Void) {
            let base = Sums(values, data, cells: controls, source: nil)
            for source in 0..<d where !data.intervenedCells[source].isEmpty {
                let within = Sums(values, data, cells: data.intervenedCells[source], source: source)
                let reference = hasControls ? base : base.without(within)
                if reference.count > 1 { body(source, within, reference) }
            }
        }
        visit(data.standardised) { source, within, reference in
            for target in 0..<d { addShift(source, target, within: within, reference: reference) }
        }
        visit(data.hermite) { source, within, reference in
            for target in 0..<d {
                guard let (shift, errors) = within.shift(target, from: reference) else { continue }
                set(.rankShift, reverse: .rankShiftReverse, source, target, shift)
                set(
                    .rankShiftInStandardErrors, reverse: .rankShiftInStandardErrorsReverse, source, target,
                    signedLogarithm(errors))
            }
        }
        func addErrors(_ values: [Float], _ feature: Feature, _ reverse: Feature) {
            visit(values) { source, within, reference in
                for target in 0..<d where target != source {
                    guard let (_, errors) = within.shift(target, from: reference) else { continue }
                    set(feature, reverse: reverse, source, target, signedLogarithm(errors))
                }
            }
        }
        addErrors(residuals, .residualShift, .residualShiftReverse)
        if let withoutComponent { addErrors(withoutComponent, .componentShift, .componentShiftReverse) }
        if data.hasZeros {
            addErrors(data.isZero(0..<data.cells), .presenceShift, .presenceShiftReverse)
        }
    }

    private mutating func addShift(_ source: Int, _ target: Int, within: Sums, reference: Sums) {
        let zeros = within.zeros[target] / within.count - reference.zeros[target] / reference.count
        set(.zeroShift, reverse: .zeroShiftReverse, source, target, zeros)
        guard let (shift, errors) = within.shift(target, from: reference) else { return }
        set(.shift, reverse: .shiftReverse, source, target, shift)
        set(.shiftInStandardErrors, reverse: .shiftInStandardErrorsReverse, source, target, signedLogarithm(errors))
        guard within.count > 2 else { return }
        let variance = reference.variance(target)
        let ownVariance = within.variance(target)
        set(
            .varianceShift, reverse: .varianceShiftReverse, source, target,
            log((ownVariance + 1e-3 * variance) / variance))
        let sourceVariance = within.variance(source)
        guard sourceVariance > 1e-9, ownVariance > 1e-9, source != target else { return }
        let covariance = within.products[target] / within.count - within.mean(source) * within.mean(target)
        set(.slopeWithin, source, target, covariance / sourceVariance)
        set(
            .correlationWithin, reverse: .correlationWithinReverse, source, target,
            covariance / (sourceVariance * ownVariance).squareRoot())
    }
}

/// Keeps the sign and the order of values of any size.
func signedLogarithm(_ x: Double) -> Double { Double(x < 0 ? -log1p(Float(-x)) : log1p(Float(x))) }

/// Sums over some cells, gene by gene.
private struct Sums {
    var count: Double
    var values: [Double]
    var squares: [Double]
    var zeros: [Double]
    /// With the source's value.
    var products: [Double]

    /// - `columns`: all cells of one gene after those of another, of which the first genes are read.
    init(_ columns: [Float], _ data: PairFeaturesData, cells: [Int], source: Int?) {
        let d = data.genes
        count = Double(cells.count)
        values = Array(repeating: 0, count: d)
        squares = values
        zeros = values
        products = values
        let drivers = source.map { source in cells.map { columns[source * data.cells + $0] } }
        columns.withUnsafeBufferPointer { columns in
            data.values.withUnsafeBufferPointer { raw in
                for gene in 0..<d {
                    let column = columns.baseAddress! + gene * data.cells
                    let raw = raw.baseAddress! + gene * data.cells
                    var (sum, sumOfSquares, product, zero) = (0.0, 0.0, 0.0, 0)
                    for (place, cell) in cells.enumerated() {
                        let x = Double(column[cell])
                        sum += x
                        sumOfSquares += x * x
                        zero += raw[cell] == 0 ? 1 : 0
                        if let drivers { product += Double(drivers[place]) * x }
                    }
                    (values[gene], squares[gene], products[gene], zeros[gene]) =
                        (sum, sumOfSquares, product, Double(zero))
                }
            }
        }
    }

    func mean(_ gene: Int) -> Double { values[gene] / count }

    func variance(_ gene: Int) -> Double { max(0, squares[gene] / count - mean(gene) * mean(gene)) }

    /// Difference of the means in standard deviations of the reference, and in standard errors; nil where it does not vary.
    func shift(_ gene: Int, from reference: Sums) -> (deviations: Double, errors: Double)? {
        let variance = reference.variance(gene)
        guard variance > 1e-9 else { return nil }
        let shift = (mean(gene) - reference.mean(gene)) / variance.squareRoot()
        let (own, others) = (min(count, PairFeatures.evidenceAtMost), min(reference.count, PairFeatures.evidenceAtMost))
        return (shift, shift / (1 / own + 1 / others).squareRoot())
    }

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
