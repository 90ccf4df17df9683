import Matrices

/// The values of pooled cells in order, dimension by dimension: ∫ |F − G| of any division of them into two populations
/// costs one walk through each.
struct SortedDimensions {
    /// For each dimension the cells by rising value.
    private let orders: [[Int32]]
    private let points: Matrix<Double>

    init(_ points: Matrix<Double>) {
        self.points = points
        orders = (0..<points.columns).map { dimension in
            let column = points.column(dimension)
            return column.indices.sorted { (column[$0], $0) < (column[$1], $1) }.map { Int32($0) }
        }
    }

    /// The Wasserstein distance of order 1, mean over dimensions, between the cells marked and the others.
    /// - Parameter chosen: how many cells are marked.
    func wasserstein(isChosen: [Bool], chosen: Int) -> Double {
        let (n, m) = (Double(chosen), Double(isChosen.count - chosen))
        var total = 0.0
        points.values.withUnsafeBufferPointer { values in
            isChosen.withUnsafeBufferPointer { isChosen in
                for (dimension, order) in orders.enumerated() {
                    var (one, other) = (0.0, 0.0)
                    var last = 0.0
                    for cell in order {
                        let value = values[Int(cell) * points.columns + dimension]
                        // The first step has no area: both shares are 0.
                        total += (value - last) * abs(one / n - other / m)
                        last = value
                        if isChosen[Int(cell)] { one += 1 } else { other += 1 }
                    }
                }
            }
        }
        return total / Double(max(1, orders.count))
    }
}
