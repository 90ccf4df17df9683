/// Which rows of a matrix are alike: hierarchical clustering with average linkage of Euclidean distances (UPGMA; Sokal and
/// Michener 1958, by chains of nearest neighbours), and an order of the rows in which neighbours differ least among all
/// orders that the tree allows (Bar-Joseph, Gifford and Jaakkola, "Fast optimal leaf ordering for hierarchical
/// clustering", Bioinformatics 2001).
///
/// Edge cases: columns in which one of two rows has no number don't count for their distance, and two rows that share no
/// number are as far apart as any two. Beyond `mostOrdered` rows the order is the tree's own. Of an order and its reverse
/// the one that begins with the earlier row is given.
struct RowClustering: Equatable {
    /// Two clusters become one. Clusters below the number of rows are rows; merge k makes cluster rows + k.
    struct Merge: Equatable {
        var first: Int
        var second: Int
        /// The mean distance between rows of the one and rows of the other.
        var height: Double
    }

    static let mostOrdered = 300

    /// By rising height.
    let merges: [Merge]
    /// The rows from top to bottom.
    let order: [Int]

    init(rows: [[Double]]) {
        let distances = Self.distances(rows)
        merges = Self.averageLinkage(distances, count: rows.count)
        let tree = Tree(count: rows.count, merges: merges)
        let order = rows.count <= Self.mostOrdered ? tree.bestOrder(distances) : tree.leaves.last ?? []
        let isReversed = (order.first ?? 0) > (order.last ?? 0)
        self.order = isReversed ? order.reversed() : order
    }

    /// rows × rows, flat.
    private static func distances(_ rows: [[Double]]) -> [Double] {
        let count = rows.count
        var distances = [Double](repeating: 0, count: count * count)
        for a in 0..<count {
            for b in 0..<a {
                var sum = 0.0
                var shared = 0
                for (x, y) in zip(rows[a], rows[b]) where x.isFinite && y.isFinite {
                    sum += (x - y) * (x - y)
                    shared += 1
                }
                let distance = shared == 0 ? .nan : (sum * Double(rows[a].count) / Double(shared)).squareRoot()
                distances[a * count + b] = distance
                distances[b * count + a] = distance
            }
        }
        let farthest = distances.filter(\.isFinite).max() ?? 0
        return distances.map { $0.isFinite ? $0 : farthest }
    }

    private static func averageLinkage(_ distances: [Double], count: Int) -> [Merge] {
        var distance = distances
        var size = [Double](repeating: 1, count: count)
        var isOpen = [Bool](repeating: true, count: count)
        var chain: [Int] = []
        var found: [Merge] = []
        while found.count + 1 < count {
            if chain.isEmpty { chain = [isOpen.firstIndex(of: true) ?? 0] }
            let last = chain[chain.count - 1]
            let previous = chain.count > 1 ? chain[chain.count - 2] : nil
            var nearest = previous
            var least = previous.map { distance[last * count + $0] } ?? .infinity
            for other in 0..<count where isOpen[other] && other != last {
                if distance[last * count + other] < least || nearest == nil {
                    least = distance[last * count + other]
                    nearest = other
                }
            }
            guard let nearest else { break }
            guard nearest == previous else {
                chain.append(nearest)
                continue
            }
            // Each is the other's nearest: they become one, in the place of the second.
            chain.removeLast(2)
            found.append(Merge(first: last, second: nearest, height: least))
            isOpen[last] = false
            for other in 0..<count where isOpen[other] && other != nearest {
                let mean =
                    (size[last] * distance[last * count + other] + size[nearest] * distance[nearest * count + other])
                    / (size[last] + size[nearest])
                distance[nearest * count + other] = mean
                distance[other * count + nearest] = mean
            }
            size[nearest] += size[last]
        }
        // By height, and with the clusters' numbers in place of one of their rows.
        var cluster = Array(0..<count)
        func root(_ row: Int) -> Int {
            var at = row
            while cluster[at] != at { at = cluster[at] }
            return at
        }
        var number = Array(0..<count)
        let sorted = found.enumerated().sorted { ($0.element.height, $0.offset) < ($1.element.height, $1.offset) }
        return sorted.enumerated().map { place, entry in
            let (a, b) = (root(entry.element.first), root(entry.element.second))
            let merge = Merge(
                first: min(number[a], number[b]), second: max(number[a], number[b]), height: entry.element.height)
            cluster[a] = b
            number[b] = count + place
            return merge
        }
    }

    private struct Tree {
        let count: Int
        let merges: [Merge]
        /// The rows of every cluster.
        let leaves: [[Int]]

        init(count: Int, merges: [Merge]) {
            self.count = count
            self.merges = merges
            leaves = merges.reduce(into: (0..<count).map { [$0] }) { $0.append($0[$1.first] + $0[$1.second]) }
        }

        /// The rows at which the cluster can end when it begins with `row`: those of its other half.
        private func ends(_ cluster: Int, from row: Int, _ half: [Int]) -> [Int] {
            guard cluster >= count else { return [row] }
            let merge = merges[cluster - count]
            return half[row] == merge.first ? leaves[merge.second] : leaves[merge.first]
        }

        /// The least sum of distances between neighbours, by dynamic programming over the rows at both ends of a cluster.
        func bestOrder(_ distance: [Double]) -> [Int] {
            guard let all = leaves.last, count > 1 else { return leaves.last ?? [] }
            // Of two rows: the length of the shortest order of their smallest common cluster that they end.
            var length = [Double](repeating: 0, count: count * count)
            // The half of its cluster in which a row lies, at the stage of the merge at work.
            var half = Array(0..<count)
            var halves: [[Int]] = []
            for merge in merges {
                halves.append(half)
                let (left, right) = (leaves[merge.first], leaves[merge.second])
                for start in left {
                    let inner = ends(merge.first, from: start, half)
                    let reach = right.map { next in
                        inner.reduce(Double.infinity) {
                            min($0, length[start * count + $1] + distance[$1 * count + next])
                        }
                    }
                    var reachOf = [Double](repeating: .infinity, count: count)
                    for (place, next) in right.enumerated() { reachOf[next] = reach[place] }
                    for end in right {
                        let shortest = ends(merge.second, from: end, half).reduce(Double.infinity) {
                            min($0, reachOf[$1] + length[$1 * count + end])
                        }
                        length[start * count + end] = shortest
                        length[end * count + start] = shortest
                    }
                }
                for row in left { half[row] = merge.first }
                for row in right { half[row] = merge.second }
            }
            let top = merges[merges.count - 1]
            var best = (start: all[0], end: all[count - 1], length: Double.infinity)
            for start in leaves[top.first] {
                for end in leaves[top.second] where length[start * count + end] < best.length {
                    best = (start, end, length[start * count + end])
                }
            }
            return path(2 * count - 2, from: best.start, to: best.end, length, distance, halves)
        }

        /// The rows of a cluster in their best order between two of them.
        private func path(
            _ cluster: Int, from start: Int, to end: Int, _ length: [Double], _ distance: [Double], _ halves: [[Int]]
        ) -> [Int] {
            guard cluster >= count else { return [start] }
            let merge = merges[cluster - count]
            let half = halves[cluster - count]
            let isForward = leaves[merge.first].contains(start)
            let (near, far) = isForward ? (merge.first, merge.second) : (merge.second, merge.first)
            var best = (last: start, next: end, length: Double.infinity)
            for last in ends(near, from: start, half) {
                for next in ends(far, from: end, half) {
                    let whole =
                        length[start * count + last] + distance[last * count + next] + length[next * count + end]
                    if whole < best.length { best = (last, next, whole) }
                }
            }
            return path(near, from: start, to: best.last, length, distance, halves)
                + path(far, from: best.next, to: end, length, distance, halves)
        }
    }
}
