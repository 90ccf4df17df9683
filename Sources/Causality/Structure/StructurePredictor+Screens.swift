import AnnotatedData
import Matrices
import Screens

extension StructurePredictor {
    /// Beliefs about the genes of a screen, from the cells that `InterventionalCells` takes of it.
    public func predict(
        screen: PerturbationScreen, options: StructureOptions = StructureOptions(),
        report: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> StructurePrediction {
        try predict(cells: InterventionalCells(screen: screen), options: options, report: report)
    }

    /// Beliefs from matrices.
    ///
    /// - Parameters:
    ///   - values: Cells × genes, on a logarithmic or similar scale.
    ///   - interventions: Cells × genes, not 0 where the gene was intervened on; nil where nowhere.
    ///   - areCounts: Whether the values derive from counts of molecules.
    public func predict(
        values: Matrix<Float>, interventions: Matrix<Float>? = nil, genes: [String], areCounts: Bool = false,
        options: StructureOptions = StructureOptions(), report: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> StructurePrediction {
        try predict(
            cells: InterventionalCells(
                genes: genes, values: values, interventions: interventions, areCounts: areCounts),
            options: options, report: report)
    }
}
