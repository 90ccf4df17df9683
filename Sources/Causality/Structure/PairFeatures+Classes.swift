import Foundation

/// How the distribution of j differs between classes of i, whatever the shape of their relation.
extension PairFeatures {
    /// Of the genes themselves, and of what a search leaves of them after regression on the parents that it found.
    mutating func addRemainders(_ data: PairFeaturesData, of search: GreedySearch) {
        let d = geneCount
        let scores = data.scores
        let classes = cellClasses(scores)
        addClasses(data, classes, values: data.own, share: .classShare, spread: .classSpread)

        var remainders = search.residuals(data.hermite)
        var explained = Array(repeating: 0.0, count: d)
        for gene in 0..<d {
            var (count, sum, squares, before) = (0.0, 0.0, 0.0, 0.0)
            for cell in 0..<data.cells where data.isOwn[cell * d + gene] != 0 {
                let x = Double(remainders[cell * d + gene])
                (count, sum, squares) = (count + 1, sum + x, squares + x * x)
                before += Double(scores[cell * d + gene] * scores[cell * d + gene])
            }
            let mean = sum / max(count, 1)
            let variance = squares / max(count, 1) - mean * mean
            let scale = variance > 1e-6 ? Float(1 / variance.squareRoot()) : 0
            if before > 0 { explained[gene] = 1 - variance * count / before }
            for cell in 0..<data.cells {
                let place = cell * d + gene
                remainders[place] =
                    data.isOwn[place] == 0 ? 0 : max(-6, min(6, (remainders[place] - Float(mean)) * scale))
            }
        }
        set(.sourceFitted) { source, _ in explained[source] }
        set(.targetFitted) { _, target in explained[target] }
        addClasses(data, classes, values: remainders, share: .remainderShare, spread: .remainderSpread)
        addInteractions(data, scores: scores, remainders: remainders, search: search)
    }

    /// Eight classes of about as many cells each, by normal scores; equal values share a class.
    private func cellClasses(_ scores: [Float]) -> [UInt8] {
        // Φ⁻¹(1/8), Φ⁻¹(2/8), … of the normal distribution.
        let bounds: [Float] = [-1.150_35, -0.674_49, -0.318_64, 0, 0.318_64, 0.674_49, 1.150_35]
        return scores.map { score in
            var place: UInt8 = 0
            for bound in bounds { place += score >= bound ? 1 : 0 }
            return place
        }
    }

    /// - `values`: cells × genes, 0 outside of a gene's own cells, variance about 1.
    private mutating func addClasses(
        _ data: PairFeaturesData, _ classes: [UInt8], values: [Float], share: Feature, spread: Feature
    ) {
        let d = geneCount
        let count = 8
        // For each class of i: sums of the own values of all genes, of their squares, and numbers of cells.
        let width = 3 * d
        var rows = Array(repeating: Float(0), count: data.cells * width)
        for cell in 0..<data.cells {
            for gene in 0..<d {
                let x = values[cell * d + gene]
                rows[cell * width + gene] = x
                rows[cell * width + d + gene] = x * x
                rows[cell * width + 2 * d + gene] = data.isOwn[cell * d + gene]
            }
        }
        var sums = Array(repeating: Float(0), count: count * width)
        for i in 0..<d {
            sums.withUnsafeMutableBufferPointer { sums in
                rows.withUnsafeBufferPointer { rows in
                    sums.update(repeating: 0)
                    for cell in 0..<data.cells {
                        let into = sums.baseAddress! + Int(classes[cell * d + i]) * width
                        let from = rows.baseAddress! + cell * width
                        for column in 0..<width { into[column] += from[column] }
                    }
                }
            }
            for j in 0..<d where j != i {
                sums.withUnsafeBufferPointer { sums in
                    guard let (between, differing) = Self.classStatistics(sums, count: count, width: width, gene: j)
                    else { return }
                    set(share, i, j, between)
                    set(spread, i, j, differing)
                }
            }
        }
        mirror(share)
        mirror(spread)
    }

    /// Share of the variance between classes, and spread of the logarithms of the variances within; nil where too few cells.
    private static func classStatistics(
        _ sums: UnsafeBufferPointer<Float>, count: Int, width: Int, gene: Int
    ) -> (share: Double, spread: Double)? {
        let d = width / 3
        var (n, sum, squares, between) = (0.0, 0.0, 0.0, 0.0)
        var used = 0
        for k in 0..<count {
            // A class of few cells has no variance worth the name.
            let cells = Double(sums[k * width + 2 * d + gene])
            guard cells >= 3 else { continue }
            let own = Double(sums[k * width + gene])
            used += 1
            n += cells
            sum += own
            squares += Double(sums[k * width + d + gene])
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
        for k in 0..<count {
            let cells = Double(sums[k * width + 2 * d + gene])
            guard cells >= 3 else { continue }
            let own = Double(sums[k * width + gene]) / cells
            let within = max(0, Double(sums[k * width + d + gene]) / cells - own * own)
            let logarithm = log((within + 0.01 * variance) / variance)
            middle += cells / n * logarithm
            spread += cells / n * logarithm * logarithm
        }
        return (share, max(0, spread - middle * middle).squareRoot())
    }

    /// The largest E[r_j hₐ hᵢ] over the parents a that the search found for j: i acts on j together with them.
    private mutating func addInteractions(
        _ data: PairFeaturesData, scores: [Float], remainders: [Float], search: GreedySearch
    ) {
        let d = geneCount
        var sums = Array(repeating: Float(0), count: d)
        for j in 0..<d {
            for parent in search.parents(of: j) {
                for i in 0..<d { sums[i] = 0 }
                sums.withUnsafeMutableBufferPointer { sums in
                    scores.withUnsafeBufferPointer { scores in
                        for cell in 0..<data.cells {
                            let weight = remainders[cell * d + j] * scores[cell * d + parent]
                            let row = scores.baseAddress! + cell * d
                            for i in 0..<d { sums[i] += weight * row[i] }
                        }
                    }
                }
                for i in 0..<d where i != j {
                    let size = Double(abs(sums[i])) / Double(data.cells)
                    if size > Double(self[i, j, .interaction]) { set(.interaction, i, j, size) }
                }
            }
        }
        mirror(.interaction)
    }
}
