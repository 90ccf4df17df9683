import Probability

/// Which perturbations a model must not see: those named, or a share of all drawn at random.
public struct Split: Codable, Sendable, Equatable {
    /// Names of the perturbations held out.
    public var heldOut: [String] = []
    /// The share of perturbations to hold out where none is named, 0 … 1.
    public var fraction = 0.0
    /// The share of the cells of every treatment that is kept for the test where no perturbation is held out, 0 … 1.
    public var heldOutCells = 0.2
    /// Decides which ones.
    public var seed: UInt64 = 0
    /// A file as `split` writes it: says who is held out in the place of all settings above. Relative paths begin at the
    /// configuration's folder.
    public var file: String?
    /// The fold of that file, from 1 on.
    public var fold = 1
    /// The division of controls of that file, from 0 on: which half the model sees; nil: it sees all, and so does the truth.
    public var division: Int? = 0

    public init(heldOut: [String] = [], fraction: Double = 0, seed: UInt64 = 0) {
        self.heldOut = heldOut
        self.fraction = fraction
        self.seed = seed
    }

    /// How controls are used.
    public var controls: ControlUse { division.map { .disjoint($0) } ?? .shared }

    /// The perturbations of the screen that are held out, in rising order.
    public func heldOutPerturbations(of screen: PerturbationScreen) throws(ScreenError) -> [String] {
        try heldOutPerturbations(among: screen.perturbations)
    }

    /// Those of the given perturbations that are held out, in rising order.
    ///
    /// The draw depends on the names of the perturbations and the seed, not on the order of cells.
    public func heldOutPerturbations(among names: [String]) throws(ScreenError) -> [String] {
        let all = Set(names).sorted()
        guard heldOut.isEmpty || fraction == 0 else {
            throw bad("both names and a fraction are given", remedy: "set heldOut or fraction, not both")
        }
        guard fraction >= 0, fraction < 1 else {
            throw bad("expected a fraction from 0 to below 1, found \(fraction)", remedy: "set fraction to 0.2, say")
        }
        let known = Set(all)
        let unknown = heldOut.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw ScreenError(
                code: "UNKNOWN_PERTURBATIONS", element: "heldOut",
                message: "not in the screen: \(shortList(unknown)); perturbations are \(shortList(all))",
                remedy: "spell them as the screen does")
        }
        var chosen = Set(heldOut).sorted()
        if fraction > 0, !all.isEmpty {
            var stream = RandomStream(seed: seed).stream("screens/split")
            // Keys drawn in the order of names; sorting by them shuffles.
            let keys = all.map { _ in stream.next() }
            let order = all.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
            let count = max(1, Int((fraction * Double(all.count)).rounded()))
            chosen = order.prefix(count).map { all[$0] }.sorted()
        }
        guard chosen.count < all.count || all.isEmpty else {
            throw bad("all \(all.count) perturbations would be held out", remedy: "hold out fewer")
        }
        return chosen
    }

    /// The screen without the held-out perturbations, and those with the controls.
    public func divide(
        _ screen: PerturbationScreen
    ) throws(ScreenError) -> (training: PerturbationScreen, heldOut: PerturbationScreen) {
        let names = Set(try heldOutPerturbations(of: screen))
        return (
            screen.subset(perturbations: Set(screen.perturbations).subtracting(names)),
            screen.subset(perturbations: names)
        )
    }

    /// Places, in the table that was read, of the controls and of the cells whose perturbation is not held out: those
    /// that the choice of genes may see.
    public func trainingCells(of labels: CellLabels) throws(ScreenError) -> [Int] {
        let treated = zip(labels.perturbations, labels.isControl).filter { !$1 }.map(\.0)
        let names = Set(try heldOutPerturbations(among: treated))
        return labels.cells.indices
            .filter { labels.isControl[$0] || !names.contains(labels.perturbations[$0]) }.map { labels.cells[$0] }
    }

    /// The same text for the same split, whatever the order of names: to be hashed.
    public var canonicalText: String {
        // Controls are halved by the seed whichever perturbations are held out.
        let names = Set(heldOut).sorted().map { "held out \($0.utf8.count) \($0)\n" }.joined()
        return "split 2\nfraction \(fraction)\ncells \(heldOutCells)\nseed \(seed)\n" + names
    }

    private func bad(_ message: String, remedy: String) -> ScreenError {
        ScreenError(code: "BAD_SPLIT", element: "split", message: message, remedy: remedy)
    }
}
