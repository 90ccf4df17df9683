import CKernels
import Foundation

/// How the distribution of j differs between classes of i, whatever the shape of their relation.
extension PairFeatures {
    private static let classCount = 8

    /// Of the genes themselves, and of what a search leaves of them after regression on the parents that it found.
    /// Of many cells the first `visitedAtMost` are visited.
    mutating func addRemainders(_ data: PairFeaturesData, of search: PairFeaturesSearch) {
        let d = geneCount
        let n = data.visited
        let (own, isOwn) = data.own(0..<n)
        var remainders = columnMixtures(
            search.coefficients, d, data.hermite, 3 * d, stride: data.cells, cells: n)
        var explained = Array(repeating: 0.0, count: d)
        data.hermite.withUnsafeBufferPointer { scores in
            isOwn.withUnsafeBufferPointer { isOwn in
                remainders.withUnsafeMutableBufferPointer { remainders in
                    for gene in 0..<d {
                        explained[gene] = Self.standardise(
                            remainders.baseAddress! + gene * n, scores.baseAddress! + gene * data.cells,
                            isOwn.baseAddress! + gene * n, count: n)
                    }
                }
            }
        }
        for source in 0..<d {
            for target in 0..<d {
                set(.sourceFitted, source, target, explained[source])
                set(.targetFitted, source, target, explained[target])
            }
        }
        addClasses(data, own: own, isOwn: isOwn, remainders: remainders)
        addInteractions(data, remainders: remainders, search: search)
    }

    /// Turns fitted values into what is left of the scores, centred and scaled over own cells, bounded to ±6 and 0 in the
    /// others. Answers the share of the scores' squares that is explained.
    private static func standardise(
        _ fitted: UnsafeMutablePointer<Float>, _ scores: UnsafePointer<Float>, _ isOwn: UnsafePointer<Float>,
        count n: Int
    ) -> Double {
        var (count, sum, squares, before) = (0.0, 0.0, 0.0, 0.0)
        for cell in 0..<n {
            fitted[cell] = scores[cell] - fitted[cell]
            let own = Double(isOwn[cell])
            let x = Double(fitted[cell]) * own
            count += own
            sum += x
            squares += x * x
            before += Double(scores[cell] * scores[cell]) * own
        }
        let mean = sum / max(count, 1)
        let variance = squares / max(count, 1) - mean * mean
        let scale = variance > 1e-6 ? Float(1 / variance.squareRoot()) : 0
        for cell in 0..<n { fitted[cell] = max(-6, min(6, (fitted[cell] - Float(mean)) * scale)) * isOwn[cell] }
        return before > 0 ? 1 - variance * count / before : 0
    }

    /// Eight classes of about as many cells each, by normal scores; equal values share a class. Gene after gene.
    private static func classes(_ scores: [Float], genes: Int, stride: Int, cells: Int) -> [UInt8] {
        // Φ⁻¹(1/8), Φ⁻¹(2/8), … of the normal distribution.
        let bounds: [Float] = [-1.150_35, -0.674_49, -0.318_64, 0, 0.318_64, 0.674_49, 1.150_35]
        var result = Array(repeating: UInt8(0), count: genes * cells)
        scores.withUnsafeBufferPointer { scores in
            result.withUnsafeMutableBufferPointer { result in
                for bound in bounds {
                    for gene in 0..<genes {
                        let from = scores.baseAddress! + gene * stride
                        let into = result.baseAddress! + gene * cells
                        for cell in 0..<cells { into[cell] &+= from[cell] >= bound ? 1 : 0 }
                    }
                }
            }
        }
        return result
    }

    /// - `own`, `isOwn`, `remainders`: genes × cells, values being 0 outside of a gene's own cells and of variance about 1.
    private mutating func addClasses(_ data: PairFeaturesData, own: [Float], isOwn: [Float], remainders: [Float]) {
        let d = geneCount
        let n = data.visited
        let classes = Self.classes(data.hermite, genes: d, stride: data.cells, cells: n)
        // A cell's row: whether it is the genes' own, values, their squares, remainders, their squares.
        let width = 5 * d
        var rows = Array(repeating: Float(0), count: n * width)
        rows.withUnsafeMutableBufferPointer { rows in
            for gene in 0..<d {
                for cell in 0..<n {
                    let row = rows.baseAddress! + cell * width + gene
                    let x = own[gene * n + cell]
                    let r = remainders[gene * n + cell]
                    row[0] = isOwn[gene * n + cell]
                    row[d] = x
                    row[2 * d] = x * x
                    row[3 * d] = r
                    row[4 * d] = r * r
                }
            }
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.classCount * width) { sums in
            for i in 0..<d {
                sums.update(repeating: 0)
                classes.withUnsafeBufferPointer {
                    kernel_add_by_class(rows, $0.baseAddress! + i * n, n, width, sums.baseAddress!)
                }
                for j in 0..<d where j != i {
                    if let (share, spread) = Self.classStatistics(sums, columns: (j, d + j, 2 * d + j)) {
                        set(.classShare, reverse: .classShareReverse, i, j, share)
                        set(.classSpread, reverse: .classSpreadReverse, i, j, spread)
                    }
                    if let (share, spread) = Self.classStatistics(sums, columns: (j, 3 * d + j, 4 * d + j)) {
                        set(.remainderShare, reverse: .remainderShareReverse, i, j, share)
                        set(.remainderSpread, reverse: .remainderSpreadReverse, i, j, spread)
                    }
                }
            }
        }
    }

    /// Share of the variance between classes, and spread of the logarithms of the variances within; nil where too few cells.
    ///
    /// - `columns`: of the number of cells, of the sums of values and of their squares in each class's row of `sums`.
    private static func classStatistics(
        _ sums: UnsafeMutableBufferPointer<Float>, columns: (count: Int, value: Int, square: Int)
    ) -> (share: Double, spread: Double)? {
        let width = sums.count / classCount
        var (n, sum, squares, between) = (0.0, 0.0, 0.0, 0.0)
        var used = 0
        for row in stride(from: 0, to: sums.count, by: width) {
            // A class of few cells has no variance worth the name.
            let cells = Double(sums[row + columns.count])
            guard cells >= 3 else { continue }
            let own = Double(sums[row + columns.value])
            used += 1
            n += cells
            sum += own
            squares += Double(sums[row + columns.square])
            between += own * own / cells
        }
        guard used > 1, n > Double(2 * used) else { return nil }
        let mean = sum / n
        let variance = squares / n - mean * mean
        guard variance > 1e-9 else { return nil }
        // Without any relation the share is on average (classes − 1) / n.
        let chance = Double(used - 1) / n
        let share = ((between / n - mean * mean) / variance - chance) / (1 - chance)
        var (middle, spread) = (0.0, 0.0)
        for row in stride(from: 0, to: sums.count, by: width) {
            let cells = Double(sums[row + columns.count])
            guard cells >= 3 else { continue }
            let own = Double(sums[row + columns.value]) / cells
            let within = max(0, Double(sums[row + columns.square]) / cells - own * own)
            let logarithm = Double(log(Float(within / variance + 0.01)))
            middle += cells / n * logarithm
            spread += cells / n * logarithm * logarithm
        }
        return (share, max(0, spread - middle * middle).squareRoot())
    }

    /// The largest E[r_j hₐ hᵢ] over the parents a that the search found for j: i acts on j together with them.
    private mutating func addInteractions(_ data: PairFeaturesData, remainders: [Float], search: PairFeaturesSearch) {
        let d = geneCount
        let n = data.visited
        for j in 0..<d {
            let parents = search.parents(of: j)
            guard !parents.isEmpty else { continue }
            var weights = Array(repeating: Float(0), count: parents.count * n)
            for (place, parent) in parents.enumerated() {
                for cell in 0..<n {
                    weights[place * n + cell] = remainders[j * n + cell] * data.hermite[parent * data.cells + cell]
                }
            }
            var sums = Array(repeating: Float(0), count: parents.count * d)
            weights.withUnsafeBufferPointer { weights in
                data.hermite.withUnsafeBufferPointer { scores in
                    sums.withUnsafeMutableBufferPointer { sums in
                        var product = kernel_product()
                        (product.rows, product.columns, product.inner) = (parents.count, d, n)
                        (product.a, product.stride_a) = (weights.baseAddress!, n)
                        (product.b, product.stride_b) = (scores.baseAddress!, data.cells)
                        product.transposed_b = true
                        (product.c, product.stride_c) = (sums.baseAddress!, d)
                        kernel_multiply_matrices(&product)
                    }
                }
            }
            for i in 0..<d where i != j {
                let largest = parents.indices.map { abs(sums[$0 * d + i]) }.max()!
                set(.interaction, reverse: .interactionReverse, i, j, Double(largest) / Double(n))
            }
        }
    }
}
