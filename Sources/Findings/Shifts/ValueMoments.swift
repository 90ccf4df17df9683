/// Mean and spread of one gene over the cells of one group.
struct ValueMoments {
    var count: Int
    var mean: Double
    /// Σ(x − mean)²
    var squares: Double

    /// The moments of what is left when `part` is taken out of these (Chan, Golub & LeVeque 1979).
    func removing(_ part: ValueMoments) -> ValueMoments {
        let left = count - part.count
        guard left > 0 else { return ValueMoments(count: 0, mean: .nan, squares: 0) }
        let mean = (self.mean * Double(count) - part.mean * Double(part.count)) / Double(left)
        let distance = part.mean - mean
        let between = distance * distance * Double(part.count) * Double(left) / Double(count)
        return ValueMoments(count: left, mean: mean, squares: max(0, squares - part.squares - between))
    }
}
