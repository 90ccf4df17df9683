import AnnotatedData
import Foundation
import Interventions
import Matrices
import Probability
import Screens
import Testing

@testable import ScreenModels

/// Fits of screens whose values are not held.
struct BlockwiseFitTests {
    /// Blocks of 77 cells.
    struct Pieces: MatrixBlocks {
        let matrix: Matrix<Float>
        var rows: Int { matrix.rows }
        var columns: Int { matrix.columns }
        var storedCount: Int { matrix.values.count }

        func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
            for first in stride(from: 0, to: rows, by: 77) {
                let part = matrix.selectingRows(Array(first..<min(rows, first + 77)))
                try body(MatrixBlock(firstRow: first, matrix: .dense(part)))
            }
        }
    }

    /// Four genes in a chain that bends, four perturbations at two doses.
    static func data() -> AnnotatedMatrix {
        var stream = RandomStream(seed: 5).stream("cells")
        var (values, labels, doses): ([Float], [String], [Double]) = ([], [], [])
        for cell in 0..<900 {
            let perturbation = cell % 5
            let dose = [0.5, 2][cell / 5 % 2]
            labels.append(perturbation == 4 ? "control" : "p\(perturbation)")
            doses.append(perturbation == 4 ? 0 : dose)
            var row: [Float] = []
            for gene in 0..<4 {
                let cause = gene > 0 ? 1.2 * tanh(Double(row[gene - 1])) : 0
                let shift = gene == perturbation ? 2.5 * dose / (dose + 1) : 0
                row.append(Float(cause + shift + 0.7 * stream.normal()))
            }
            values += row
        }
        return AnnotatedMatrix(
            x: .dense(Matrix(rows: 900, columns: 4, values: values)),
            cells: AnnotationTable(
                names: (0..<900).map { "c\($0)" },
                columns: [
                    .init(name: "perturbation", values: .strings(labels)),
                    .init(name: "dose_value", values: .floats(doses)),
                ]), genes: AnnotationTable(names: ["a", "b", "c", "d"]))
    }

    @Test func blocksChangeNoByteOfAModel() throws {
        let data = Self.data()
        guard case .dense(let matrix) = data.x else { preconditionFailure("dense cells") }
        let whole = try PerturbationScreen(data, scale: .scaled)
        var annotation = data
        annotation.x = nil
        let blocks = try BlockwiseScreen(annotation, values: Pieces(matrix: matrix), scale: .scaled)
        var options = ScreenModelOptions()
        options.draws = 2
        options.interventionDraws = 3
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("blocks-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let fits: [(String, any ScreenCells, Int)] = [("whole", whole, 1), ("blocks", blocks, 3)]
        for (name, screen, workers) in fits {
            try ScreenModel.fit(screen, options: options, seed: 3, workers: workers).save(
                to: folder.appendingPathComponent(name))
        }
        for file in ["model.safetensors", "model.json", "edges.tsv", "targets.tsv"] {
            let parts = try fits.map {
                try Data(contentsOf: folder.appendingPathComponent($0.0).appendingPathComponent(file))
            }
            #expect(parts[0] == parts[1], "\(file)")
        }
    }

    @Test func theModelSaysHowTheSearchEnded() throws {
        var options = ScreenModelOptions()
        options.mechanisms = .linear
        options.draws = 2
        let model = try ScreenModel.fit(PerturbationScreen(Self.data(), scale: .scaled), options: options)
        #expect(model.outcomes.count == 2)
        let rounds = model.searchScores.joined().count
        #expect(rounds >= 2)
        #expect(model.outcomes.allSatisfy { $0 == .converged(steps: rounds) })
    }
}
