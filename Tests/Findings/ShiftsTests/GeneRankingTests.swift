import AnnotatedData
import Foundation
import Matrices
import Testing

@testable import Shifts

struct GeneRankingTests {
    private static func sparse(_ dense: Matrix<Float>) -> SparseMatrix {
        var (starts, genes, values): ([Int], [Int32], [Float]) = ([0], [], [])
        for row in 0..<dense.rows {
            for column in 0..<dense.columns where dense[row, column] != 0 {
                genes.append(Int32(column))
                values.append(dense[row, column])
            }
            starts.append(values.count)
        }
        return SparseMatrix(
            rows: dense.rows, columns: dense.columns, rowStarts: starts, columnIndices: genes, values: values)
    }

    private static let tests: [String: GeneTest] = [
        "t-test": .welch, "t-test_overestim_var": .welchOverestimatingVariance,
        "wilcoxon": .wilcoxon(tieCorrected: false), "wilcoxon_ties": .wilcoxon(tieCorrected: true),
    ]

    private static func groups(_ labels: [String?], reference: String?) -> ComparedGroups {
        ComparedGroups(
            labels: labels, comparing: reference == nil ? ["a", "b", "control"] : ["a", "b"], reference: reference)
    }

    /// The screen holds negative values, genes of one value, cells without a label and many ties.
    @Test(arguments: tests.keys.sorted(), ["control", "rest"])
    func asScanpy(method: String, reference: String) throws {
        let expression = try GoldenTable("expression").numbers
        let groups = try Self.groups(GoldenTable.labels(), reference: reference == "rest" ? nil : reference)
        let test = try #require(Self.tests[method])
        let ranking = try GeneRanking(CellMatrix.sparse(Self.sparse(expression)), groups: groups, test: test)
        let golden = try GoldenTable("genes")
        let rows = golden.rows.filter { $0[0] == method && $0[1] == reference }
        #expect(rows.count == groups.names.count * expression.columns)
        for (group, name) in groups.names.enumerated() {
            let expected = rows.filter { $0[2] == name }
            let adjusted = ranking.adjustedPValues(of: group, by: .benjaminiHochberg)
            // The same genes fall in the same order, but for equal scores, which scanpy leaves as they fall.
            let order = ranking.order(of: group)
            for (gene, row) in zip(order, expected) {
                #expect(abs(ranking.scores[group, gene] - (Double(row[4]) ?? .nan)) < 1e-5)
            }
            for row in expected {
                let gene = try #require(Int(row[3].dropFirst()))
                let value = row[4...].map { Double($0) ?? .nan }
                // A mean of a constant gene that scanpy rounds differs by 1e-8 of a fold change; scores are single there.
                #expect(abs(ranking.scores[group, gene] - value[0]) <= 1e-5 * max(1, abs(value[0])), "\(row)")
                // Variances are in single precision there, 2.5e-7 off scipy's; rank sums are whole numbers.
                let tolerance = method.hasPrefix("t") ? 1e-6 : 1e-11
                #expect(abs(ranking.pValues[group, gene] - value[1]) <= tolerance * value[1], "\(row)")
                #expect(abs(adjusted[gene] - value[2]) <= tolerance * value[2], "\(row)")
                let change = GeneRanking.log2FoldChange(
                    ranking.mean(group: group, gene: gene), ranking.referenceMean(group: group, gene: gene),
                    scale: .log1p
                )
                // g9 and g11 have negative means, whose logarithm is none.
                if value[3].isNaN {
                    #expect(change.isNaN, "\(row)")
                } else {
                    #expect(abs(change - value[3]) <= 1e-5 * max(1, abs(value[3])), "\(row)")
                }
                #expect(abs(ranking.fraction(group: group, gene: gene) - value[4]) < 1e-12, "\(row)")
                #expect(abs(ranking.referenceFraction(group: group, gene: gene) - value[5]) < 1e-12, "\(row)")
            }
        }
    }

    /// The same t-tests in double precision.
    @Test(arguments: tests.keys.filter { $0.hasPrefix("t") }.sorted(), ["control", "rest"])
    func asSciPy(method: String, reference: String) throws {
        let expression = try GoldenTable("expression").numbers
        let groups = try Self.groups(GoldenTable.labels(), reference: reference == "rest" ? nil : reference)
        let ranking = try GeneRanking(
            CellMatrix.sparse(Self.sparse(expression)), groups: groups, test: try #require(Self.tests[method]))
        let rows = try GoldenTable("t_tests").rows.filter { $0[0] == method && $0[1] == reference }
        #expect(rows.count == groups.names.count * expression.columns)
        for row in rows {
            let group = try #require(groups.names.firstIndex(of: row[2]))
            let gene = try #require(Int(row[3].dropFirst()))
            // Two populations of one value: no test there, as scanpy 0 and 1 here.
            let (score, pValue) = (Double(row[4]) ?? 0, Double(row[5]) ?? 1)
            // The order of summation.
            #expect(abs(ranking.scores[group, gene] - score) <= 1e-10 * max(1, abs(score)), "\(row)")
            #expect(abs(ranking.pValues[group, gene] - pValue) <= 1e-10 * pValue, "\(row)")
        }
    }

    /// Dense or sparse, in any order of entries, given in parts, with stored zeros, at once or gene by gene: the same bits.
    @Test(arguments: tests.keys.sorted(), ["control", "rest"])
    func storageDoesNotMatter(method: String, reference: String) throws {
        let expression = try GoldenTable("expression").numbers
        let groups = try Self.groups(GoldenTable.labels(), reference: reference == "rest" ? nil : reference)
        let test = try #require(Self.tests[method])
        let one = try GeneRanking(CellMatrix.dense(expression), groups: groups, test: test)
        let sparse = Self.sparse(expression)
        var (starts, genes, values): ([Int], [Int32], [Float]) = ([0], [], [])
        for row in 0..<sparse.rows {
            for entry in (sparse.rowStarts[row]..<sparse.rowStarts[row + 1]).reversed() {
                genes += [sparse.columnIndices[entry], sparse.columnIndices[entry]]
                values += [sparse.values[entry] / 2, sparse.values[entry] / 2]
            }
            genes.append(3)
            values.append(-0.0)
            starts.append(values.count)
        }
        let odd = SparseMatrix(
            rows: sparse.rows, columns: sparse.columns, rowStarts: starts, columnIndices: genes, values: values)
        for (matrix, entries) in [(CellMatrix.sparse(odd), 1 << 20), (.sparse(sparse), 1), (.dense(expression), 200)] {
            let other = try GeneRanking(matrix, groups: groups, test: test, entriesAtOnce: entries)
            #expect(other.scores == one.scores && other.pValues == one.pValues && other.sums == one.sums)
            #expect(other.expressing == one.expressing)
        }
    }

    /// Against ranks of everything, as the definition has it.
    @Test func rankSumsByDefinition() throws {
        let expression = try GoldenTable("expression").numbers
        let labels = try GoldenTable.labels()
        let groups = Self.groups(labels, reference: "control")
        let ranking = try GeneRanking(
            CellMatrix.dense(expression), groups: groups, test: .wilcoxon(tieCorrected: false))
        for (group, name) in groups.names.enumerated() {
            let cells = labels.indices.filter { labels[$0] == name } + labels.indices.filter { labels[$0] == "control" }
            let n = Double(groups.sizes[group])
            let m = Double(groups.referenceSize(of: group))
            for gene in 0..<expression.columns {
                let sum = ranks(of: cells.map { expression[$0, gene] }).prefix(Int(n)).reduce(0, +)
                let z = (sum - n * (n + m + 1) / 2) / (n * m * (n + m + 1) / 12).squareRoot()
                #expect(abs(ranking.scores[group, gene] - z) < 1e-12)
            }
        }
    }

    @Test func whatCannotBeCompared() throws {
        let matrix = Matrix<Float>(rows: 5, columns: 2, values: [1, 0, 2, 0, 3, 0, 4, 0, 5, .infinity])
        let small = ComparedGroups(labels: ["a", "a", "b", "c", "c"], comparing: ["a", "b"], reference: "c")
        #expect(throws: ComparisonError.self) {
            try GeneRanking(CellMatrix.dense(matrix), groups: small, test: .welch)
        }
        let whole = ComparedGroups(labels: ["a", "a", nil, "c", "c"], comparing: ["a"], reference: "c")
        do {
            _ = try GeneRanking(CellMatrix.dense(matrix), groups: whole, test: .welch)
            Issue.record("infinity was taken")
        } catch let error as ComparisonError {
            #expect(error.code == "NONFINITE" && error.element == "gene 2")
        }
    }

    @Test func equalScoresStandInTheOrderOfGenes() throws {
        let matrix = Matrix<Float>(rows: 4, columns: 3, values: [1, 5, 1, 2, 6, 2, 3, 1, 3, 4, 2, 4])
        let groups = ComparedGroups(labels: ["a", "a", "c", "c"], comparing: ["a"], reference: "c")
        let ranking = try GeneRanking(CellMatrix.dense(matrix), groups: groups, test: .welch)
        #expect(ranking.order(of: 0) == [1, 0, 2])
    }

    @Test func foldChangesByScale() {
        #expect(GeneRanking.log2FoldChange(log(9), log(3), scale: .log1p).rounded() == 2)
        #expect(GeneRanking.log2FoldChange(5, 3.5, scale: .log2) == 1.5)
        #expect(GeneRanking.log2FoldChange(8, 2, scale: .linear) == 2)
        #expect(GeneRanking.log2FoldChange(0, 2, scale: .linear).isNaN)
        #expect(GeneRanking.log2FoldChange(1, 2, scale: .none).isNaN)
    }
}
