import Matrices
import Probability

/// How far two populations of cells are apart.
///
/// Goals in order: the quantity is the one its name and variant say; it is unbiased where that can be had; it is exact.
/// Székely & Rizzo 2013 for the energy distance; Peidli et al. 2024 (scPerturb) for the E-distance, which is built on
/// squared distances and sees the means only.
///
/// Edge cases: unbiased estimates need two cells a side and may be slightly negative, which says that no difference was
/// found.
public enum PopulationDistance {
    /// - Parameters:
    ///   - a: cells × genes.
    ///   - b: cells × genes, the same genes.
    ///   - resamples: bootstrap draws of cells for the 95 % intervals; 0: none.
    ///   - maximumCells: the energy distance looks at so many cells a side, drawn without replacement.
    public static func measures(
        _ a: Matrix<Float>, _ b: Matrix<Float>, resamples: Int = 200, maximumCells: Int = 300, random: RandomStream
    ) -> [Measure] {
        precondition(a.columns == b.columns, "\(a.columns) and \(b.columns) genes")
        precondition(a.rows >= 2 && b.rows >= 2, "\(a.rows) and \(b.rows) cells; at least 2 a side")
        let all = [Array(0..<a.rows), Array(0..<b.rows)]
        var draws = random.stream("cells")
        let samples = (0..<resamples).map { _ in
            all.map { cells in cells.map { _ in draws.index(below: cells.count) } }
        }
        func measure(_ metric: String, _ variant: String, _ statistic: ([Int], [Int]) -> Double) -> Measure {
            let ends = ShiftAgreement.interval(of: samples.map { statistic($0[0], $0[1]) })
            return Measure(
                metric: metric, variant: variant, value: statistic(all[0], all[1]),
                lower: ends.lower, upper: ends.upper)
        }
        let columnsA = (0..<a.columns).map { a.column($0).map(Double.init) }
        let columnsB = (0..<b.columns).map { b.column($0).map(Double.init) }
        return [
            measure("mean shift", "Euclidean norm over genes") { meanShiftNorm(columnsA, columnsB, $0, $1) },
            measure("E-distance", "squared Euclidean, unbiased, all genes (scPerturb)") {
                squaredEnergyDistance(columnsA, columnsB, $0, $1)
            },
            measure("Wasserstein distance", "1-dimensional, order 1, mean over genes") {
                wasserstein(columnsA, columnsB, $0, $1)
            },
            energyMeasure(a, b, resamples: resamples, maximumCells: maximumCells, random: random.stream("energy")),
        ]
    }

    private static func moments(_ column: [Double], _ cells: [Int]) -> (mean: Double, squares: Double) {
        let mean = cells.reduce(0) { $0 + column[$1] } / Double(cells.count)
        return (mean, cells.reduce(0) { $0 + (column[$1] - mean) * (column[$1] - mean) })
    }

    private static func meanShiftNorm(_ a: [[Double]], _ b: [[Double]], _ x: [Int], _ y: [Int]) -> Double {
        a.indices.reduce(0) { sum, gene in
            let difference = moments(b[gene], y).mean - moments(a[gene], x).mean
            return sum + difference * difference
        }.squareRoot()
    }

    /// 2 E|x − y|² − E|x − x′|² − E|y − y′|² over distinct cells, in O(cells × genes): with S the sums of squares about
    /// the means it is 2|μₐ − μᵦ|² + 2Sₐ/n + 2Sᵦ/m − 2Sₐ/(n − 1) − 2Sᵦ/(m − 1).
    private static func squaredEnergyDistance(_ a: [[Double]], _ b: [[Double]], _ x: [Int], _ y: [Int]) -> Double {
        let (n, m) = (Double(x.count), Double(y.count))
        return a.indices.reduce(0) { sum, gene in
            let (meanA, squaresA) = moments(a[gene], x)
            let (meanB, squaresB) = moments(b[gene], y)
            let difference = meanA - meanB
            return sum + 2 * difference * difference + 2 * squaresA / n + 2 * squaresB / m - 2 * squaresA / (n - 1)
                - 2 * squaresB / (m - 1)
        }
    }

    /// ∫ |F − G| of every gene, mean over genes.
    private static func wasserstein(_ a: [[Double]], _ b: [[Double]], _ x: [Int], _ y: [Int]) -> Double {
        a.indices.reduce(0) { sum, gene in
            let left = x.map { a[gene][$0] }.sorted()
            let right = y.map { b[gene][$0] }.sorted()
            var (i, j) = (0, 0)
            var area = 0.0
            var last = min(left[0], right[0])
            while i < left.count || j < right.count {
                let next = min(i < left.count ? left[i] : .infinity, j < right.count ? right[j] : .infinity)
                area += (next - last) * abs(Double(i) / Double(left.count) - Double(j) / Double(right.count))
                last = next
                if i < left.count && left[i] == next { i += 1 } else { j += 1 }
            }
            return sum + area
        } / Double(max(1, a.count))
    }

    /// 2 E|x − y| − E|x − x′| − E|y − y′| over pairs of distinct cells.
    private static func energyMeasure(
        _ a: Matrix<Float>, _ b: Matrix<Float>, resamples: Int, maximumCells: Int, random: RandomStream
    ) -> Measure {
        var random = random
        func choose(_ matrix: Matrix<Float>) -> [[Double]] {
            var cells = Array(0..<matrix.rows)
            if cells.count > maximumCells {
                cells.shuffle(using: &random)
                cells = cells.prefix(maximumCells).sorted()
            }
            return cells.map { matrix.row($0).map(Double.init) }
        }
        let (x, y) = (choose(a), choose(b))
        let between = distances(x, y)
        let (withinX, withinY) = (distances(x, x), distances(y, y))
        func statistic(_ rows: [Int], _ columns: [Int]) -> Double {
            var cross = 0.0
            for i in rows { for j in columns { cross += between[i * y.count + j] } }
            // A cell drawn twice is no pair of cells.
            func within(_ cells: [Int], _ matrix: [Double], _ size: Int) -> Double {
                var sum = 0.0
                var pairs = 0.0
                for i in cells {
                    for j in cells where i != j {
                        sum += matrix[i * size + j]
                        pairs += 1
                    }
                }
                return pairs > 0 ? sum / pairs : 0
            }
            return 2 * cross / Double(rows.count * columns.count) - within(rows, withinX, x.count)
                - within(columns, withinY, y.count)
        }
        let values = (0..<resamples).map { _ in
            let rows = x.indices.map { _ in random.index(below: x.count) }
            let columns = y.indices.map { _ in random.index(below: y.count) }
            return statistic(rows, columns)
        }
        let ends = ShiftAgreement.interval(of: values)
        return Measure(
            metric: "energy distance",
            variant: "Euclidean, unbiased, all genes, \(x.count) and \(y.count) cells",
            value: statistic(Array(x.indices), Array(y.indices)),
            lower: ends.lower, upper: ends.upper)
    }

    private static func distances(_ x: [[Double]], _ y: [[Double]]) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(x.count * y.count)
        for p in x {
            for q in y {
                var sum = 0.0
                for gene in p.indices { sum += (p[gene] - q[gene]) * (p[gene] - q[gene]) }
                result.append(sum.squareRoot())
            }
        }
        return result
    }
}
