import Foundation
import Matrices
import Screens
import Testing

/// Tables of `Pipelines/Golden/guides.py`: simulated counts with known carriers, and mixtures fitted by another method.
enum GuideGolden {
    static func table(_ name: String) throws -> (header: [String], rows: [[String]]) {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        let text = try String(
            contentsOf: folder.appendingPathComponent("Reference/Golden/Guides/\(name).tsv"), encoding: .utf8)
        let lines = text.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        return (lines[0], Array(lines.dropFirst()))
    }

    /// Cells × guides.
    static func numbers(_ name: String) throws -> Matrix<Float> {
        let (header, rows) = try table(name)
        return Matrix(rows: rows.count, columns: header.count, values: rows.flatMap { $0.map { Float($0) ?? .nan } })
    }
}

struct GuideMixtureTests {
    private func histogram(_ counts: [Float]) -> [Int: Int] {
        Dictionary(counts.filter { $0 > 0 }.map { (Int($0), 1) }, uniquingKeysWith: +)
    }

    @Test func theMaximumIsThatOfAnotherMethod() throws {
        let counts = try GuideGolden.numbers("counts")
        for (guide, row) in try GuideGolden.table("mixtures").rows.enumerated() {
            let expected = row.map { Double($0) ?? .nan }
            let mixture = try #require(GuideMixture.fit(histogram(counts.column(guide))))
            #expect(abs(mixture.logLikelihood - expected[5]) < 1e-6, "\(row[0])")
            // At the maximum the likelihood changes with the square of the parameters.
            #expect(abs(mixture.backgroundMean - expected[1]) < 1e-3, "\(row[0])")
            #expect(abs(mixture.foregroundMean - expected[2]) < 1e-3, "\(row[0])")
            #expect(abs(mixture.foregroundDeviation - expected[3]) < 1e-3, "\(row[0])")
            #expect(abs(mixture.foregroundShare - expected[4]) < 1e-3, "\(row[0])")
            #expect(mixture.threshold(posterior: 0.5) == Int(expected[6]), "\(row[0])")
            #expect(mixture.threshold(posterior: 0.99) == Int(expected[7]), "\(row[0])")
        }
    }

    @Test func carriersAreFound() throws {
        let (counts, carriers) = (try GuideGolden.numbers("counts"), try GuideGolden.numbers("carriers"))
        let guides = try GuideGolden.table("counts").header
        let result = try assignGuides(counts: .dense(counts), guides: guides)
        var (right, missed, wrong) = (0, 0, 0)
        for cell in 0..<counts.rows {
            for guide in guides.indices {
                switch (carriers[cell, guide] == 1, result.assigned[cell].contains(guide)) {
                case (true, true): right += 1
                case (true, false): missed += 1
                case (false, true): wrong += 1
                case (false, false): break
                }
            }
        }
        // Negative binomial carriers of few molecules lie within the background: no method finds all.
        #expect(Double(right) / Double(right + missed) > 0.95)
        #expect(Double(wrong) / Double(right + wrong) < 0.01)
    }

    @Test func onePopulationIsNone() {
        #expect(GuideMixture.fit([:]) == nil)
        #expect(GuideMixture.fit([1: 500]) == nil)
        #expect(GuideMixture.fit([40: 500]) == nil)
        // Carriers alone: whatever is fitted, no carrier is lost.
        let carriers = GuideMixture.fit([30: 10, 40: 25, 50: 40, 60: 25, 70: 10])
        #expect((carriers?.threshold(posterior: 0.5) ?? 1) <= 30)
    }

    /// Counts too large to be walked through one by one.
    @Test func largeCountsHaveAThreshold() throws {
        let mixture = try #require(
            GuideMixture.fit([1: 90, 2: 10, 300_000_000: 20, 500_000_000: 30, 900_000_000: 20]))
        let threshold = try #require(mixture.threshold(posterior: 0.5))
        #expect(threshold > 2 && threshold < 300_000_000)
        #expect(mixture.foregroundProbability(of: threshold) >= 0.5)
        #expect(mixture.foregroundProbability(of: threshold - 1) < 0.5)
    }

    @Test func higherCountsNeverSpeakLess() throws {
        // A background of a few molecules and rare carriers.
        let mixture = try #require(GuideMixture.fit([1: 900, 2: 90, 3: 9, 4: 1, 30: 10, 60: 20, 120: 10]))
        #expect(abs(mixture.foregroundMean - log2(60)) < 0.2 && abs(mixture.foregroundShare - 40.0 / 1040) < 0.01)
        let threshold = try #require(mixture.threshold(posterior: 0.5))
        #expect(threshold > 4 && threshold <= 30)
        #expect(mixture.foregroundProbability(of: threshold) >= 0.5)
        #expect(mixture.foregroundProbability(of: threshold - 1) < 0.5)
    }
}
