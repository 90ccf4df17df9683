/// Finds room for labels beside their points: no label covers another one, a box that is kept free, or the border.
///
/// Greedy, in the order of asking: of the places around a point, nearest first, the first free one is taken. The same
/// questions get the same answers.
struct LabelPlacement {
    struct Box: Equatable {
        var x: Double
        var y: Double
        var width: Double
        var height: Double

        /// A box about a middle.
        static func around(x: Double, y: Double, radius: Double) -> Box {
            Box(x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius)
        }

        func meets(_ other: Box) -> Bool {
            x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
        }

        func holds(_ other: Box) -> Bool {
            x <= other.x && y <= other.y && other.x + other.width <= x + width && other.y + other.height <= y + height
        }
    }

    /// Where a label stands, and whether it is so far from its point that a line should lead there.
    struct Place: Equatable {
        var box: Box
        var isFar: Bool
    }

    private let bounds: Box
    private let distances: [Double]
    private var taken: [Box]

    /// - Parameters:
    ///   - keptFree: boxes that no label may cover, such as the marks.
    ///   - distances: from the rim of a point's mark to its label, nearest first.
    init(bounds: Box, keptFree: [Box], distances: [Double] = [2, 11, 22, 36]) {
        self.bounds = bounds
        self.distances = distances
        taken = keptFree
    }

    /// A place for a label of this size beside the point, or nil where none is free.
    mutating func place(width: Double, height: Double, x: Double, y: Double, radius: Double) -> Place? {
        for (ring, rim) in distances.enumerated() {
            let distance = radius + rim
            for (across, down) in Self.directions {
                let slant = across != 0 && down != 0 ? 0.75 : 1
                let box = Box(
                    x: x + across * (distance * slant + width / 2) - width / 2,
                    y: y + down * (distance * slant + height / 2) - height / 2, width: width, height: height)
                guard bounds.holds(box), !taken.contains(where: { $0.meets(box) }) else { continue }
                taken.append(box)
                return Place(box: box, isFar: ring > 0)
            }
        }
        return nil
    }

    /// Right and left first: there a reader looks for the name.
    private static let directions: [(Double, Double)] = [
        (1, 0), (-1, 0), (0, -1), (1, -1), (-1, -1), (1, 1), (-1, 1), (0, 1),
    ]
}
