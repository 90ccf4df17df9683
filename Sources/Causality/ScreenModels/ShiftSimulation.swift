import Matrices
import Probability
import Responses

/// Mean shifts under draws of interventions; the undisturbed cells of each graph are simulated once.
struct ShiftSimulation: Sendable {
    private let graphs: [PairedCells]

    /// Cells simulated to find the mean shift of one draw where mechanisms are not linear; draws average further.
    private static let cellsOfDraw = 100

    init(_ model: ScreenModel) {
        let stream = RandomStream(seed: model.seed)
        graphs = model.mechanisms.enumerated().map { graph, mechanisms in
            PairedCells(mechanisms, count: Self.cellsOfDraw, stream: stream.stream(graph))
        }
    }

    /// Of each gene, in control standard deviations.
    func shift(of one: DrawnIntervention) -> [Float] {
        graphs[one.graph].meanShift(of: one.shifts, replacements: one.replacements)
    }

    /// Draws × genes.
    func shifts(of drawn: [DrawnIntervention]) -> Matrix<Float> {
        let rows = drawn.map { shift(of: $0) }
        return Matrix(rows: rows.count, columns: rows.first?.count ?? 0, values: rows.flatMap { $0 })
    }
}
