import Foundation

// Cleveland & Grosse 1991, "Computational methods for local regression", Statistics and Computing 1: 47–62, in one
// dimension: local quadratic regression is computed at the vertices of a k-d tree only, value and slope, and blended
// between them by cubic Hermite polynomials. With family gaussian there is one pass. Goals, in order: the numbers of the
// dloess routines (as scikit-misc runs them for scanpy), a curve for every input, few operations.

/// A smooth curve through points: y as a function of x.
public struct LocalRegression: Sendable, Equatable {
    /// Rising; the curve is cubic between neighbours.
    public let vertices: [Double]
    /// Of the curve at the vertices.
    public let values: [Double]
    public let slopes: [Double]
    /// How many vertices had too few different x among their neighbours for a parabola; these took more neighbours, or
    /// a line or a constant where all points together are too few.
    public let widenedVertices: Int

    /// - Parameters:
    ///   - x: Finite.
    ///   - y: One each.
    ///   - span: The share of all points that take part in the regression at a vertex, in 0…1.
    ///   - cell: Cells of the tree that hold more than `cell · span` of the points are cut.
    public init(x: [Double], y: [Double], span: Double = 0.3, cell: Double = 0.2) {
        precondition(x.count == y.count && span > 0 && span <= 1, "\(x.count) x, \(y.count) y, span \(span)")
        let order = x.indices.sorted { (x[$0], $0) < (x[$1], $1) }
        let points = Points(x: order.map { x[$0] }, y: order.map { y[$0] })
        let count = Double(points.x.count)
        vertices = points.vertices(cellSize: Int(count * (span * cell)))
        let fits = vertices.map { points.fit(at: $0, neighbours: Int(count * span + 1e-5)) }
        values = fits.map(\.value)
        slopes = fits.map(\.slope)
        widenedVertices = fits.count { $0.isWidened }
    }

    /// The curve at x, which lies between the first and the last vertex; beyond them the first or last cubic goes on.
    public func callAsFunction(_ x: Double) -> Double {
        guard vertices.count > 1 else { return values.first ?? .nan }
        // The last vertex that is not the end and lies below x.
        var (low, high) = (0, vertices.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if vertices[middle] < x { low = middle } else { high = middle }
        }
        let width = vertices[high] - vertices[low]
        let t = (x - vertices[low]) / width
        let s = 1 - t
        return s * s * (1 + 2 * t) * values[low] + t * t * (3 - 2 * t) * values[high]
            + (t * s * s * slopes[low] - t * t * s * slopes[high]) * width
    }
}

/// Points in the order of their x.
private struct Points {
    let x: [Double]
    let y: [Double]

    /// The ends of a box slightly wider than the points, and where the k-d tree cuts it.
    func vertices(cellSize: Int) -> [Double] {
        guard let first = x.first, let last = x.last else { return [] }
        let range = max(last - first, 1e-10 * max(abs(first), abs(last)) + 1e-30)
        let box = (first - 0.005 * range, last + 0.005 * range)
        var cuts: [Double] = []
        cut(0, x.count - 1, box, cellSize: max(1, cellSize), into: &cuts)
        return [box.0] + cuts.sorted() + [box.1]
    }

    /// Cuts a cell that holds too many points at its median, or at the nearest place where x rises.
    private func cut(
        _ first: Int, _ last: Int, _ box: (Double, Double), cellSize: Int, into cuts: inout [Double]
    ) {
        guard last - first + 1 > cellSize else { return }
        // Counted from 1, as the median is there.
        let middle = (first + last + 2) / 2 - 1
        var offset = 0
        var place = middle
        while middle + offset >= first, middle + offset < last {
            if x[middle + offset] < x[middle + offset + 1] {
                place = middle + offset
                break
            }
            // 1, −1, 2, −2 …
            offset = offset > 0 ? -offset : 1 - offset
        }
        let value = x[place]
        guard value > box.0, value < box.1 else { return }
        cuts.append(value)
        cut(first, place, (box.0, value), cellSize: cellSize, into: &cuts)
        cut(place + 1, last, (value, box.1), cellSize: cellSize, into: &cuts)
    }

    /// Value and slope at `centre` of the parabola through its neighbours, weighted by (1 − (d / h)³)³ where h is the
    /// distance of the farthest.
    func fit(at centre: Double, neighbours: Int) -> (value: Double, slope: Double, isWidened: Bool) {
        let wanted = min(x.count, max(1, neighbours))
        var count = wanted
        while true {
            let range = nearest(count, to: centre)
            let isLast = count == x.count
            var radius = max(centre - x[range.lowerBound], x[range.upperBound - 1] - centre)
            // The farthest has no weight; where all points are too few it is given some.
            if isLast, count > wanted { radius *= 2 }
            if radius > 0, let fit = parabola(range, centre, radius: radius, requiring: isLast ? 1 : 3) {
                return (fit.value, fit.slope, count > wanted || fit.degree < 2)
            }
            if isLast { return (y.reduce(0, +) / Double(count), 0, true) }
            count = min(x.count, 2 * count)
        }
    }

    /// The places of the `count` points nearest to `centre`.
    private func nearest(_ count: Int, to centre: Double) -> Range<Int> {
        // The first window whose left end is not farther than the point after its right end.
        var (low, high) = (0, x.count - count)
        while low < high {
            let start = (low + high) / 2
            if centre - x[start] > x[start + count] - centre { low = start + 1 } else { high = start }
        }
        return low..<low + count
    }

    /// Weighted least squares with 1, t, t², t = (x − centre) / radius, by orthogonalising the columns; nil where fewer
    /// than `required` of them are independent.
    private func parabola(
        _ range: Range<Int>, _ centre: Double, radius: Double, requiring required: Int
    ) -> (value: Double, slope: Double, degree: Int)? {
        var columns: [[Double]] = [[], [], []]
        var target: [Double] = []
        for place in range {
            let t = (x[place] - centre) / radius
            let distance = abs(t)
            let kernel = 1 - distance * distance * distance
            guard kernel > 0 else { continue }
            let weight = (kernel * kernel * kernel).squareRoot()
            columns[0].append(weight)
            columns[1].append(weight * t)
            columns[2].append(weight * t * t)
            target.append(weight * y[place])
        }
        guard !target.isEmpty else { return nil }
        // columns = Q R with R upper triangular, by Gram–Schmidt done twice.
        var triangle = [[Double]](repeating: [0, 0, 0], count: 3)
        var projections: [Double] = []
        for k in 0..<3 {
            let before = norm(columns[k])
            for _ in 0..<2 {
                for earlier in 0..<k {
                    let share = dot(columns[earlier], columns[k])
                    triangle[earlier][k] += share
                    for row in target.indices { columns[k][row] -= share * columns[earlier][row] }
                }
            }
            let length = norm(columns[k])
            guard length > 1e-10 * before else { break }
            triangle[k][k] = length
            for row in target.indices { columns[k][row] /= length }
            projections.append(dot(columns[k], target))
        }
        guard projections.count >= required else { return nil }
        var coefficients = [0.0, 0, 0]
        for k in projections.indices.reversed() {
            let rest = (k + 1..<projections.count).reduce(projections[k]) { $0 - triangle[k][$1] * coefficients[$1] }
            coefficients[k] = rest / triangle[k][k]
        }
        return (coefficients[0], coefficients[1] / radius, projections.count - 1)
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }

    private func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
}
