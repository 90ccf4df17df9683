import AnnotatedData
import Matrices
import Probability
import ScreenModels
import Screens
import Testing

@testable import Runs

/// Predictions of treatments that differ by nothing but the cells they were given to.
struct PredictionsTests {
    /// One drug moves gene a in one cell line and gene b in the other.
    private func screen() -> PerturbationScreen {
        var random = RandomStream(seed: 2)
        var values: [Float] = []
        var contexts: [Context] = []
        var owners: [Int] = []
        for line in ["one", "two"] {
            for drug in [nil, "x", "y"] as [String?] {
                contexts.append(
                    Context(perturbation: drug ?? "vehicle", isControl: drug == nil, covariates: ["line": line]))
                for _ in 0..<40 {
                    owners.append(contexts.count - 1)
                    let shifted = drug == "x" ? (line == "one" ? 0 : 1) : -1
                    values += (0..<3).map { Float(random.normal() + ($0 == shifted ? 4 : 0)) }
                }
            }
        }
        return PerturbationScreen(
            genes: ["a", "b", "c"], expression: Matrix(rows: owners.count, columns: 3, values: values), scale: .scaled,
            contexts: contexts, contextOfCell: owners, controlStrata: owners.map { $0 / 3 })
    }

    @Test func eachLineGetsItsOwnAnswerAndColumn() throws {
        let screen = screen()
        var options = ScreenModelOptions()
        options.draws = 2
        options.mechanisms = .linear
        let model = try ScreenModel.fit(screen, options: options)
        let queries = screen.queries(for: model)
        let predictions = try Predictions(model: model, queries: queries, cells: queries.map { _ in 3 }, seed: 0) { _, _ in }
        let answers = predictions.answers(for: screen).predictions
        #expect(answers.count == 4)
        let x = screen.contexts.filter { $0.perturbation == "x" }.compactMap { answers[$0]?.shift }
        #expect(x.count == 2 && x[0] != x[1])
        let lines = predictions.shiftTable.split(separator: "\n")
        #expect(lines[0].hasSuffix("from_likeness\tline"))
        #expect(lines.count { $0.hasSuffix("\tone") } == 6 && lines.count { $0.hasSuffix("\ttwo") } == 6)
    }
}
