import Matrices

extension PerturbationScreen {
    /// The given cells, in the order given; contexts left without a cell are dropped.
    public func subset(cells selection: [Int]) -> PerturbationScreen {
        let used = Set(selection.map { contextOfCell[$0] }).sorted()
        let position = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        let contexts = used.map { self.contexts[$0] }
        let names = Set(contexts.map(\.perturbation))
        return PerturbationScreen(
            genes: genes, expression: expression.selectingRows(selection), scale: scale, contexts: contexts,
            contextOfCell: selection.map { position[contextOfCell[$0]] ?? 0 }, features: features,
            knownTargets: knownTargets.filter { names.contains($0.key) },
            controlStrata: controlStrata.map { strata in selection.map { strata[$0] } },
            combinations: combinations.filter { names.contains($0.key) }, notices: notices)
    }

    /// The cells of the given perturbations, and the controls unless told otherwise.
    public func subset(perturbations names: Set<String>, withControls: Bool = true) -> PerturbationScreen {
        subset(
            cells: contextOfCell.indices.filter { cell in
                let context = contexts[contextOfCell[cell]]
                return context.isControl ? withControls : names.contains(context.perturbation)
            })
    }
}
