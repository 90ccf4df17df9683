import Probability

/// Whether a model may learn from a cell or is judged by it.
public enum CellRole: String, Sendable, Codable {
    case training, test
    /// A control that makes the shifts of both.
    case both
    case unused

    public var isTraining: Bool { self == .training || self == .both }
    public var isTest: Bool { self == .test || self == .both }
}

extension SplitTable {
    /// The role of every cell of the screen in one fold.
    public func roles(
        in screen: PerturbationScreen, fold: Int, controls: ControlUse, strata: [Int]? = nil
    ) throws(ScreenError) -> [CellRole] {
        let cells = try cells(of: screen, fold: fold, controls: controls, strata: strata)
        var roles = [CellRole](repeating: .unused, count: screen.cellCount)
        for cell in cells.training { roles[cell] = .training }
        for cell in cells.test { roles[cell] = roles[cell] == .training ? .both : .test }
        return roles
    }
}

extension Split {
    /// The role of every cell of the screen.
    ///
    /// Where perturbations are held out, all their cells are for the test; else a share of the cells of every treatment
    /// that has at least five. Controls are halved either way: shifts of the model and of the truth taken against the same
    /// controls would share their noise, which flatters every prediction. Where cells have controls of their own, these are
    /// halved within each stratum; all stay together where every treated cell of the stratum has the same role, for
    /// then nothing else is compared with them.
    /// - Parameter strata: One a cell: cells of equal numbers share controls. nil: all do.
    public func roles(in screen: PerturbationScreen, strata: [Int]? = nil) throws(ScreenError) -> [CellRole] {
        guard heldOutCells >= 0, heldOutCells < 1 else {
            throw ScreenError(
                code: "BAD_SPLIT", element: "split.heldOutCells",
                message: "expected a share from 0 to below 1, found \(heldOutCells)", remedy: "set it to 0.2, say")
        }
        let names = Set(try heldOutPerturbations(of: screen))
        guard !names.isEmpty || heldOutCells > 0 else {
            return [CellRole](repeating: .training, count: screen.cellCount)
        }
        var roles = [CellRole](repeating: .training, count: screen.cellCount)
        let random = RandomStream(seed: seed).stream("screens/split/cells")
        for (place, cells) in screen.cellsOfContext.enumerated() {
            let context = screen.contexts[place]
            if context.isControl, strata != nil { continue }
            let share: Double =
                if context.isControl { 0.5 } else if !names.isEmpty {
                    names.contains(context.perturbation) ? 1 : 0
                } else {
                    cells.count >= 5 ? heldOutCells : 0
                }
            var stream = random.stream(context.perturbation).stream("\(context.dose ?? -1)")
            var order = cells
            order.shuffle(using: &stream)
            for cell in order.prefix(Int((share * Double(cells.count)).rounded())) { roles[cell] = .test }
        }
        if let strata { divideControls(of: screen, strata: strata, &roles, random.stream("matched controls")) }
        return roles
    }

    /// The odd control of a stratum is for training.
    private func divideControls(
        of screen: PerturbationScreen, strata: [Int], _ roles: inout [CellRole], _ random: RandomStream
    ) {
        precondition(strata.count == screen.cellCount, "\(strata.count) strata for \(screen.cellCount) cells")
        let groups = Dictionary(grouping: strata.indices, by: { strata[$0] })
        for (stratum, cells) in groups {
            let isControl = cells.map { screen.contexts[screen.contextOfCell[$0]].isControl }
            var controls = zip(cells, isControl).filter { $1 }.map(\.0)
            let treated = Set(zip(cells, isControl).filter { !$1 }.map { roles[$0.0] })
            var stream = random.stream("\(stratum)")
            controls.shuffle(using: &stream)
            let count = treated == [.test] ? controls.count : treated == [.training] ? 0 : controls.count / 2
            for cell in controls.prefix(count) { roles[cell] = .test }
        }
    }
}
