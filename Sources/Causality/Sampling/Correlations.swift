import Generators

/// Correlations between nodes of any kinds, labels as 0 and 1.
enum Correlations {
    /// The largest absolute correlation between a number of one node and a number of the other.
    static func largest(_ table: NodeTable, _ a: Node, _ b: Node) -> Double {
        let (left, right) = (numbers(table[a.name]), numbers(table[b.name]))
        return left.flatMap { x in right.map { abs(correlation(x, $0)) } }.max() ?? 0
    }

    /// Columns of numbers that say what the values are: a 0/1 column each of all labels but the first, else each coordinate.
    static func numbers(_ column: NodeColumn) -> [[Double]] {
        if let levels = column.kind.levels {
            return (1..<max(1, levels)).map { level in column.values.map { $0 == Float(level) ? 1 : 0 } }
        }
        let width = column.kind.width
        return (0..<width).map { place in
            stride(from: place, to: column.values.count, by: width).map { Double(column.values[$0]) }
        }
    }

    /// 0 where one does not vary.
    static func correlation(_ x: [Double], _ y: [Double]) -> Double {
        let n = Double(x.count)
        let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(x, y) {
            xx += (a - meanX) * (a - meanX)
            yy += (b - meanY) * (b - meanY)
            xy += (a - meanX) * (b - meanY)
        }
        return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
    }
}
