import AnnotatedData
import Foundation

/// Says which guides each cell carries, by the method of the options.
/// - Parameters:
///   - counts: cells × guides: numbers of molecules.
///   - guides: the guides' names; any text, compared as it is.
/// - Throws: `OPTION`; `EMPTY_MATRIX` without guides; `NONFINITE`, `NEGATIVE` and, for mixtures, `NOT_COUNTS` for values
///   that are no counts; `MISSING_ELEMENT` for a guide without a target; `AMBIGUOUS` for a target named as a label is.
public func assignGuides(
    counts: CellMatrix, guides: [String], options: GuideOptions = .init()
) throws(ScreenError) -> GuideAssignment {
    try assignGuides(GuideCounts(counts: counts, guides: guides), options: options)
}

/// Says which guides each cell carries; targets that the features name are used where the options name none.
/// - Throws: As for counts and names apart.
public func assignGuides(
    _ guideCounts: GuideCounts, options: GuideOptions = .init()
) throws(ScreenError) -> GuideAssignment {
    try options.check()
    guard !guideCounts.guides.isEmpty else {
        throw ScreenError(
            code: "EMPTY_MATRIX", element: nil, message: "guides expected, found none",
            remedy: "name a matrix of guide counts")
    }
    var calling = GuideCalling(guides: guideCounts.guides, options: options)
    let (targets, isControl) = try calling.targets(known: options.targets ?? guideCounts.targets)
    let cells = try calling.cells(guideCounts.counts)
    let (thresholds, mixtures) = try calling.thresholds(cells)
    let assigned = cells.map { calling.carried($0, thresholds) }
    return GuideAssignment(
        guides: guideCounts.guides, targets: targets, isControl: isControl, assigned: assigned,
        counts: cells.map { $0.reduce(0) { $0 + $1.count } }, thresholds: thresholds, mixtures: mixtures,
        options: options, notices: calling.notices)
}

private struct GuideCalling {
    /// Molecules of a guide in a cell.
    typealias Count = (guide: Int, count: Double)

    let guides: [String]
    let options: GuideOptions
    var notices: [Notice] = []

    /// The target of each guide, and whether it is a control.
    mutating func targets(known: [String: String]?) throws(ScreenError) -> ([String], [Bool]) {
        if let known {
            let unknown = guides.filter { known[$0] == nil }
            guard unknown.isEmpty else {
                throw ScreenError(
                    code: "MISSING_ELEMENT", element: "targets",
                    message: "no target is named for \(shortList(unknown))",
                    remedy: "add them to targets, or leave targets out and set naming")
            }
        }
        if Set(guides).count < guides.count {
            var seen: Set<String> = []
            let repeated = guides.filter { !seen.insert($0).inserted }
            note("DUPLICATE_NAMES", "\(repeated.count) guides have the name of another one: \(shortList(repeated)).")
        }
        let targets = guides.map { known?[$0] ?? target(named: $0) }
        let isControl = targets.map { target in
            options.controlTargets?.contains(target) ?? Self.looksLikeControl(target)
        }
        let controls = Set(zip(targets, isControl).filter { $1 }.map { $0.0 }).sorted()
        if options.controlTargets == nil, !controls.isEmpty {
            note("CONTROL_GUIDES", "Guides of \(shortList(controls)) were taken as controls.")
        }
        let reserved = [options.controlLabel, options.unassignedLabel, options.multipleLabel]
        for (target, isControl) in zip(targets, isControl) where !isControl && reserved.contains(target) {
            throw ScreenError(
                code: "AMBIGUOUS", element: target, message: "a target has the name of a label, \(target)",
                remedy: "set controlLabel, unassignedLabel or multipleLabel to another text, or controlTargets")
        }
        return (targets, isControl)
    }

    private func target(named guide: String) -> String {
        let separator: Character? =
            switch options.naming {
            case .wholeName: nil
            case .beforeLastUnderscore: "_"
            case .beforeLastHyphen: "-"
            }
        guard let separator, let end = guide.lastIndex(of: separator), end > guide.startIndex else { return guide }
        return String(guide[..<end])
    }

    /// The usual words, alone or followed by a number as in `non-targeting_00012`.
    private static func looksLikeControl(_ target: String) -> Bool {
        var word = target[...]
        while let last = word.last, last.isNumber || last == "_" || last == "-" { word = word.dropLast() }
        return ColumnSearch.looksLikeControl(target) || ColumnSearch.looksLikeControl(String(word))
    }

    /// The counts of each cell that are not 0, a guide once.
    func cells(_ counts: CellMatrix) throws(ScreenError) -> [[Count]] {
        var cells: [[Count]] = []
        cells.reserveCapacity(counts.rows)
        var problem: (cell: Int, guide: Int, value: Double)?
        var sums = [Double](repeating: 0, count: guides.count)
        let needsWhole = options.method == .mixture
        counts.forEachRow { entries in
            var seen: [Int] = []
            for (guide, value) in entries where value != 0 {
                if sums[guide] == 0 { seen.append(guide) }
                sums[guide] += Double(value)
            }
            seen.sort()
            for guide in seen {
                let value = sums[guide]
                let isCount = value.isFinite && value >= 0 && (!needsWhole || value.rounded() == value)
                if !isCount, problem == nil { problem = (cells.count, guide, value) }
            }
            cells.append(seen.map { (guide: $0, count: sums[$0]) })
            for guide in seen { sums[guide] = 0 }
        }
        guard let problem else { return cells }
        let (code, expected) =
            !problem.value.isFinite
            ? ("NONFINITE", "numbers") : problem.value < 0 ? ("NEGATIVE", "counts") : ("NOT_COUNTS", "whole numbers")
        throw ScreenError(
            code: code, element: guides[problem.guide],
            message: "\(expected) expected; cell \(problem.cell) has \(problem.value)",
            remedy: code == "NOT_COUNTS" ? "name the raw counts, or set method to threshold" : "name the raw counts")
    }

    /// The least count that assigns each guide.
    mutating func thresholds(_ cells: [[Count]]) throws(ScreenError) -> ([Int], [GuideMixture?]) {
        let simple = [Int](repeating: options.minimumCount, count: guides.count)
        guard options.method == .mixture else { return (simple, Array(repeating: nil, count: guides.count)) }
        var histograms = [[Int: Int]](repeating: [:], count: guides.count)
        for cell in cells {
            for (guide, count) in cell { histograms[guide][Int(min(count, 1e9)), default: 0] += 1 }
        }
        let mixtures = histograms.map { histogram in
            histogram.values.reduce(0, +) < options.mixtureCells ? nil : GuideMixture.fit(histogram)
        }
        var thresholds = simple
        var unfitted: [String] = []
        for (guide, mixture) in mixtures.enumerated() {
            if let threshold = mixture?.threshold(posterior: options.posterior) {
                thresholds[guide] = max(threshold, options.minimumCount)
            } else {
                unfitted.append(guides[guide])
            }
        }
        if !unfitted.isEmpty {
            note(
                "NO_MIXTURE",
                "\(unfitted.count) guides show no two populations of cells, and were assigned from "
                    + "\(options.minimumCount) molecules on: \(shortList(unfitted)).")
        }
        return (thresholds, mixtures)
    }

    /// The guides that a cell carries, by falling count.
    func carried(_ cell: [Count], _ thresholds: [Int]) -> [Int] {
        let candidates = cell.filter { $0.count >= Double(thresholds[$0.guide]) }
            .sorted { ($1.count, $0.guide) < ($0.count, $1.guide) }
        guard options.method == .maximum else { return candidates.map(\.guide) }
        let total = cell.reduce(0) { $0 + $1.count }
        guard let top = candidates.first, top.count >= options.minimumShare * total else { return [] }
        // Two guides with the same count are no maximum.
        return candidates.count > 1 && candidates[1].count == top.count ? [] : [top.guide]
    }

    private mutating func note(_ code: String, _ message: String) {
        notices.append(Notice(code: code, message: message))
    }
}
