import AnnotatedData
import Matrices
import Screens
import Testing

struct GuideAssignmentTests {
    private let guides = ["TP53_1", "TP53_2", "MYC+MAX_1", "α, β_1", "non-targeting_7"]

    private func options(_ change: (inout GuideOptions) -> Void) -> GuideOptions {
        var options = GuideOptions()
        options.method = .threshold
        options.naming = .beforeLastUnderscore
        change(&options)
        return options
    }

    private let counts = CellMatrix.dense(
        Matrix(
            rows: 7, columns: 5,
            values: [
                9, 0, 0, 1, 0,
                4, 5, 0, 0, 0,
                0, 0, 8, 8, 0,
                0, 0, 0, 3, 30,
                0, 0, 2, 0, 0,
                0, 0, 0, 0, 5,
                0, 0, 0, 0, 0,
            ]))

    @Test func guidesFromAThresholdOn() throws {
        let result = try assignGuides(counts: counts, guides: guides, options: options { _ in })
        #expect(result.assigned == [[0], [1, 0], [2, 3], [4, 3], [], [4], []])
        #expect(result.targets == ["TP53", "TP53", "MYC+MAX", "α, β", "non-targeting"])
        #expect(result.isControl == [false, false, false, false, true])
        #expect(
            result.perturbations == ["TP53", "TP53", "multiple", "α, β", "unassigned", "control", "unassigned"])
        #expect(result.counts == [10, 9, 16, 33, 2, 5, 0])
        #expect(result.notices.map(\.code) == ["CONTROL_GUIDES"])
        // Several targets stay apart, whatever their names hold.
        #expect(result.targets(ofCell: 2) == ["MYC+MAX", "α, β"])
    }

    @Test func cellsThatNothingIsKnownOfCanGoWithoutALabel() throws {
        let result = try assignGuides(
            counts: counts, guides: guides, options: options { $0.labelsEveryCell = false })
        #expect(
            result.columns[0].values.labels == ["TP53", "TP53", nil, "α, β", nil, "control", nil])
        #expect((0..<7).map(result.isAssigned) == [true, true, false, true, false, true, false])
        let combined = try assignGuides(
            counts: counts, guides: guides,
            options: options {
                $0.labelsEveryCell = false
                $0.keepCombinations = true
            })
        #expect(combined.columns[0].values.labels[2] == "MYC+MAX+α, β")
        #expect {
            try assignGuides(counts: counts, guides: guides, options: options { $0.method = nil })
        } throws: {
            ($0 as? ScreenError)?.code == "OPTION"
        }
    }

    @Test func columnsSayItInText() throws {
        let result = try assignGuides(
            counts: counts, guides: guides,
            options: options {
                $0.keepCombinations = true
                $0.unassignedLabel = "none"
            })
        let columns = result.columns
        #expect(columns.map(\.name) == ["perturbation", "guide_id", "nperts", "guide_umis"])
        #expect(
            columns[0].values.labels == ["TP53", "TP53", "MYC+MAX+α, β", "α, β", "none", "control", "none"])
        #expect(
            columns[1].values.labels == [
                "TP53_1", "TP53_1+TP53_2", "MYC+MAX_1+α, β_1", "non-targeting_7+α, β_1", nil, "non-targeting_7", nil,
            ])
        #expect(columns[2].values == .integers([1, 1, 2, 1, nil, 0, nil]))
        #expect(columns[3].values == .floats([10, 9, 16, 33, 2, 5, 0]))
    }

    @Test func theTopGuideWithItsShare() throws {
        func assigned(_ share: Double) throws -> [[Int]] {
            try assignGuides(
                counts: counts, guides: guides,
                options: options {
                    $0.method = .maximum
                    $0.minimumShare = share
                }
            ).assigned
        }
        // 9 of 10, 5 of 9, a tie, 30 of 33, 2 molecules, 5 of 5.
        #expect(try assigned(0.8) == [[0], [], [], [4], [], [4], []])
        #expect(try assigned(0.5) == [[0], [1], [], [4], [], [4], []])
        #expect(try assigned(0.95) == [[], [], [], [], [], [4], []])
    }

    @Test func rareGuidesGoByTheThreshold() throws {
        let result = try assignGuides(counts: counts, guides: guides, options: options { $0.method = .mixture })
        #expect(result.mixtures.allSatisfy { $0 == nil } && result.thresholds == [3, 3, 3, 3, 3])
        #expect(result.assigned == [[0], [1, 0], [2, 3], [4, 3], [], [4], []])
        #expect(result.notices.map(\.code) == ["CONTROL_GUIDES", "NO_MIXTURE"])
    }

    @Test(arguments: [
        (GuideOptions.Naming.wholeName, ["HLA-A_2", "NKX2-1-3", "_1", "plain"]),
        (.beforeLastUnderscore, ["HLA-A", "NKX2-1-3", "_1", "plain"]),
        (.beforeLastHyphen, ["HLA", "NKX2-1", "_1", "plain"]),
    ])
    func targetsFollowFromNames(naming: GuideOptions.Naming, targets: [String]) throws {
        let result = try assignGuides(
            counts: .dense(Matrix(rows: 0, columns: 4)), guides: ["HLA-A_2", "NKX2-1-3", "_1", "plain"],
            options: options { $0.naming = naming })
        #expect(result.targets == targets)
    }

    @Test func aTableOfTargetsWins() throws {
        let table = ["TP53_1": "p53", "TP53_2": "p53", "MYC+MAX_1": "MYC", "α, β_1": "safe", "non-targeting_7": "NT"]
        let result = try assignGuides(
            counts: counts, guides: guides,
            options: options {
                $0.targets = table
                $0.controlTargets = ["NT", "safe"]
            })
        #expect(result.perturbations == ["p53", "p53", "MYC", "control", "unassigned", "control", "unassigned"])
        #expect(result.notices.isEmpty)
    }

    private func code(
        _ values: [Float], _ change: (inout GuideOptions) -> Void = { _ in }
    ) -> String? {
        do throws(ScreenError) {
            _ = try assignGuides(
                counts: .dense(Matrix(rows: 1, columns: values.count, values: values)),
                guides: Array(guides.prefix(values.count)), options: options(change))
            return nil
        } catch {
            return "\(error.code) \(error.element ?? "-")"
        }
    }

    @Test func whatIsNoCountIsRefused() {
        #expect(code([]) == "EMPTY_MATRIX -")
        #expect(code([1, .nan]) == "NONFINITE TP53_2")
        #expect(code([-1, 1]) == "NEGATIVE TP53_1")
        #expect(code([0.5, 1]) == nil)
        #expect(code([0.5, 1]) { $0.method = .mixture } == "NOT_COUNTS TP53_1")
        #expect(code([1]) { $0.minimumCount = 0 } == "OPTION minimumCount")
        #expect(code([1]) { $0.minimumShare = 1.1 } == "OPTION minimumShare")
        #expect(code([1]) { $0.posterior = 1 } == "OPTION posterior")
        #expect(code([1]) { $0.multipleLabel = "control" } == "OPTION unassignedLabel")
        #expect(code([1, 1]) { $0.targets = ["TP53_1": "a"] } == "MISSING_ELEMENT targets")
        #expect(code([1]) { $0.targets = ["TP53_1": "multiple"] } == "AMBIGUOUS multiple")
    }

    @Test func repeatedEntriesCountAsTheirSums() throws {
        let result = try assignGuides(
            counts: .sparse(
                SparseMatrix(rows: 2, columns: 2, rowStarts: [0, 3, 3], columnIndices: [1, 0, 1], values: [2, 1, 2])),
            guides: ["A", "B"], options: options { _ in })
        #expect(result.assigned == [[1], []] && result.counts == [5, 0])
    }
}
