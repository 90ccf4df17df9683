import Matrices
import Probability
import Structure
import Testing

struct PanelInspectionTests {
    private func noise(_ cells: Int, _ genes: Int, seed: UInt64 = 1) -> Matrix<Float> {
        var stream = RandomStream(seed: seed)
        return Matrix(rows: cells, columns: genes, values: stream.normals(cells * genes))
    }

    private func names(_ count: Int) -> [String] { (0..<count).map { "g\($0)" } }

    private func inspect(
        _ values: Matrix<Float>, _ interventions: Matrix<Float>? = nil
    ) throws(StructureError) -> PanelInspection {
        try PanelInspection(
            values: values, interventions: interventions.map { CellInterventions($0) }, genes: names(values.columns))
    }

    private func code(_ values: Matrix<Float>, _ interventions: Matrix<Float>? = nil) -> String? {
        do { _ = try inspect(values, interventions) } catch { return error.code }
        return nil
    }

    @Test func sizesThatCantBeReadAreRefused() throws {
        #expect(code(noise(19, 3)) == "TOO_FEW_CELLS")
        #expect(code(noise(0, 3)) == "TOO_FEW_CELLS")
        #expect(code(noise(20, 3)) == nil)
        #expect(code(noise(30, 1)) == "TOO_FEW_GENES")
        #expect(code(noise(30, 0)) == "TOO_FEW_GENES")
        #expect(code(noise(30, 2)) == nil)
        #expect(throws: Never.self) { try PanelInspection.check(cells: 20, genes: 2_000) }
        let error = #expect(throws: StructureError.self) { try PanelInspection.check(cells: 20, genes: 2_001) }
        #expect(error?.code == "TOO_MANY_GENES" && error?.remedy.contains("topGenes") == true)
    }

    @Test func constantGenesAreNamed() throws {
        var values = noise(30, 9)
        // As constant as single precision tells: one unit in the last place apart.
        for cell in 0..<30 { values[cell, 4] = cell == 3 ? Float(1000).nextUp : 1000 }
        let found = try inspect(values)
        #expect(found.varying == [0, 1, 2, 3, 5, 6, 7, 8])
        #expect(found.notices.map(\.code) == ["CONSTANT_GENES"] && found.notices[0].message.contains("(g4)"))
        for gene in 1..<9 { for cell in 0..<30 { values[cell, gene] = 0 } }
        #expect(code(values) == "TOO_FEW_GENES")
    }

    @Test func numbersThatAreNoneAreNamed() throws {
        for odd in [Float.nan, .infinity, -.infinity] {
            var values = noise(30, 3)
            values[7, 2] = odd
            let error = #expect(throws: StructureError.self) { try inspect(values) }
            #expect(error?.code == "NONFINITE" && error?.message.contains("cell 8, gene g2") == true)
        }
    }

    @Test func genesThatAreTheSameAreGrouped() throws {
        var values = noise(50, 8)
        let other = noise(50, 8, seed: 2)
        #expect(try inspect(values).notices.isEmpty)
        for cell in 0..<50 {
            values[cell, 3] = values[cell, 1]
            // Turned round, scaled and moved; a thousandth of noise leaves a correlation of 1 − 5e-7.
            values[cell, 6] = 100 - 3 * values[cell, 1] + 0.003 * other[cell, 0]
            // Correlations of 0.995 are of two genes.
            values[cell, 7] = values[cell, 5] + 0.1 * other[cell, 1]
            values[cell, 2] = values[cell, 4] * 2
        }
        let found = try inspect(values)
        #expect(found.notices.map(\.code) == ["INDISTINGUISHABLE_GENES"])
        #expect(found.notices[0].message.contains("2 groups"))
        #expect(found.notices[0].message.contains("(g1, g3, g6; g2, g4)"))
        #expect(found.varying == Array(0..<8))
    }

    @Test func interventionsThatHideCausesAreTold() throws {
        let values = noise(24, 3)
        func mask(_ isIntervened: (_ cell: Int, _ gene: Int) -> Bool) -> Matrix<Float> {
            Matrix(rows: 24, columns: 3, values: (0..<72).map { isIntervened($0 / 3, $0 % 3) ? 1 : 0 })
        }
        #expect(try inspect(values, mask { cell, gene in cell == gene }).notices.isEmpty)
        #expect(
            try inspect(values, mask { cell, gene in cell % 3 == gene }).notices.map(\.code)
                == ["NO_OBSERVATIONAL_CELLS"])
        let always = try inspect(values, mask { _, gene in gene == 1 }).notices
        #expect(always.map(\.code) == ["ALWAYS_INTERVENED"] && always[0].message.contains("(g1)"))
        #expect(code(values, mask { _, _ in true }) == "NO_EVIDENCE")
    }
}
