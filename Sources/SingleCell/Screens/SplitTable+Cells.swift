import Probability

/// Which controls make the shifts that a model sees, and which the truth.
public enum ControlUse: Sendable, Hashable {
    /// All make both, as papers do; the common noise flatters every prediction.
    case shared
    /// One half for the model and the baselines, the other for the truth: no noise in common. Counted from 0; numbers
    /// 2 n and 2 n + 1 are the same halves in exchanged places.
    case disjoint(Int)

    /// As tables call it.
    public var name: String { self == .shared ? "shared" : "disjoint" }
}

extension SplitTable {
    /// The ways of dividing controls in the disjoint protocol.
    public var disjointUses: [ControlUse] { (0..<2 * divisions).map { .disjoint($0) } }

    /// The cells of a screen that a model may learn from in a fold, and those by which it is judged, each with controls.
    ///
    /// - Parameters:
    ///   - fold: From 1 on.
    ///   - strata: One a cell: cells of equal numbers share controls; nil takes those of the screen.
    /// - Returns: Places of cells, rising. A control that is alone in its stratum is in both parts. Controls of strata in
    ///   which nothing is for the test are no part of the test, and those in which nothing is for training remain in the
    ///   training: they are what is known of these cells.
    /// - Throws: `BAD_SPLIT` for a fold that the table does not have or treatments that the screen or the table lacks.
    public func cells(
        of screen: PerturbationScreen, fold: Int, controls: ControlUse, strata: [Int]? = nil
    ) throws(ScreenError) -> (training: [Int], test: [Int]) {
        guard (1...max(1, folds)).contains(fold), folds > 0 else {
            throw bad("fold", "expected a fold from 1 to \(folds), found \(fold)", "name a fold of the split")
        }
        let rows = try rowsOfContexts(screen)
        var training: [Int] = []
        var test: [Int] = []
        for (cell, context) in screen.contextOfCell.enumerated() {
            guard let row = rows[context], !row.leftOutOf.contains(fold) else { continue }
            if row.testIn == fold { test.append(cell) } else { training.append(cell) }
        }
        let strata = strata ?? screen.controlStrata
        let tested = Set(test.map { strata?[$0] ?? 0 })
        let groups = Dictionary(grouping: screen.controlCells, by: { strata?[$0] ?? 0 })
        for (stratum, cells) in groups {
            let (seen, judging) = divide(cells, stratum: stratum, controls)
            training += seen
            if tested.contains(stratum) { test += judging }
        }
        // Test cells without controls of their own are judged by those of all.
        if tested.contains(where: { groups[$0] == nil }) {
            test += groups.filter { !tested.contains($0.key) }.flatMap { divide($0.value, stratum: $0.key, controls).1 }
        }
        return (training.sorted(), test.sorted())
    }

    /// The controls that are seen, and those that judge.
    private func divide(_ cells: [Int], stratum: Int, _ use: ControlUse) -> ([Int], [Int]) {
        guard case .disjoint(let number) = use, cells.count > 1 else { return (cells, cells) }
        var stream = RandomStream(seed: seed).stream("screens/split/controls").stream(number / 2).stream(stratum)
        var order = cells
        order.shuffle(using: &stream)
        // An odd control is seen.
        let half = (cells.count + 1) / 2
        let (one, other) = (Array(order.prefix(half)), Array(order.dropFirst(half)))
        return number % 2 == 0 ? (one, other) : (other, one)
    }

    /// The row of each context of the screen; nil for controls.
    private func rowsOfContexts(_ screen: PerturbationScreen) throws(ScreenError) -> [Row?] {
        var known: [Context: Row] = [:]
        for row in rows { known[row.treatment] = row }
        var found: [Row?] = []
        for context in screen.contexts {
            if context.isControl {
                found.append(nil)
                continue
            }
            var key = context
            key.doseUnit = nil
            guard let row = known.removeValue(forKey: key) else {
                throw bad(
                    context.perturbation,
                    "expected every treatment of the screen in the split, found none at dose "
                        + "\(context.dose.map { "\($0)" } ?? "–") \(context.covariateValues.joined(separator: " "))",
                    "make the split anew for this screen, with the same options")
            }
            found.append(row)
        }
        if let missing = known.keys.map(\.perturbation).min() {
            throw bad(
                missing, "the screen lacks \(known.count) treatments of the split", "give the screen of the split")
        }
        return found
    }

    private func bad(_ element: String, _ message: String, _ remedy: String) -> ScreenError {
        ScreenError(code: "BAD_SPLIT", element: element, message: message, remedy: remedy)
    }
}
