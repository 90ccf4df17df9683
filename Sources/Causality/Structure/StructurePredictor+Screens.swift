import AnnotatedData
import Screens

extension StructurePredictor {
    /// Beliefs about the genes of a screen, from the cells that `InterventionalCells` takes of it.
    public func predict(
        screen: PerturbationScreen, options: StructureOptions = StructureOptions(),
        report: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> StructurePrediction {
        try predict(cells: InterventionalCells(screen: screen), options: options, report: report)
    }

    public func predict(
        cells: InterventionalCells, options: StructureOptions = StructureOptions(),
        report: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> StructurePrediction {
        let prediction = try predict(
            values: cells.values, interventions: cells.interventions, genes: cells.genes, areCounts: cells.areCounts,
            options: options, report: report)
        return StructurePrediction(
            beliefs: prediction.beliefs, notices: cells.notices + prediction.notices,
            subsetCount: prediction.subsetCount)
    }
}
