import AnnotatedData
import Graphs
import Structure

extension StructurePrediction {
    /// A fit does not need to know of edges beforehand: where cells are too few to read any, every edge is as likely as
    /// every other, and a notice says so.
    static func orNone(
        genes: [String], _ body: () throws -> StructurePrediction
    ) throws -> StructurePrediction {
        do {
            return try body()
        } catch let error as StructureError {
            guard ["TOO_FEW_CELLS", "TOO_FEW_GENES", "NO_EVIDENCE"].contains(error.code), genes.count >= 2 else {
                throw error
            }
            return StructurePrediction(
                beliefs: EdgeBeliefs(genes: genes, everyEdge: min(0.2, 2 / Double(genes.count))),
                notices: [
                    Notice(
                        code: "NO_STRUCTURE",
                        message: "no edges could be read from the cells beforehand, the fit begins without: "
                            + error.message)
                ], subsetCount: 0)
        }
    }
}

extension EdgeBeliefs {
    /// Whether they tell some edges from others.
    var isInformative: Bool {
        let d = genes.count
        let edges = (0..<d).flatMap { i in (0..<d).filter { $0 != i }.map { self[i, $0] } }
        return Set(edges).count > 1
    }
}
