import Probability

/// How treatments are divided into folds.
public struct SplitPlan: Codable, Sendable, Equatable {
    /// What the test part has that no training cell has.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Perturbations, drawn at random.
        case perturbation
        /// Perturbations of a chemical scaffold (Bemis & Murcko 1996).
        case scaffold
        /// Doses of perturbations that are known at other doses.
        case dose
        /// Values of a covariate, such as a cell line; controls of these cells are known.
        case covariate
        /// Combinations of perturbations.
        case combination
    }

    /// Which doses are tested.
    public enum Doses: String, Codable, Sendable, CaseIterable {
        /// All but the lowest and the highest of each perturbation.
        case interior
        /// The lowest and the highest of each perturbation.
        case edge
        case all
    }

    /// What is known of the single perturbations of a combination that is tested.
    public enum Singles: String, Codable, Sendable, CaseIterable {
        /// Only combinations are tested whose single perturbations were all measured.
        case known
        /// Its single perturbations are left out of the training.
        case unknown
        /// As it comes.
        case any
    }

    public var by: Kind = .perturbation
    /// Parts into which perturbations or scaffolds are divided, each for the test once; 0 leaves each out on its own.
    public var folds = 5
    public var doses: Doses = .all
    public var singles: Singles = .any
    /// The covariate of `covariate`; nil takes the only one.
    public var covariate: String?
    /// How often controls are halved.
    public var controlDivisions = 5
    public var seed: UInt64 = 0

    public init() {}

    /// Divides the treatments of a screen.
    /// - Parameter scaffolds: by perturbation, for `scaffold`; an empty text is a scaffold of its own kind (no rings).
    /// - Throws: `BAD_SPLIT` where there is nothing to test, or a scaffold is missing.
    public func table(
        of screen: PerturbationScreen, scaffolds: [String: String]? = nil
    ) throws(ScreenError) -> SplitTable {
        guard folds >= 0, folds != 1 else { throw bad("folds", "expected 0, or 2 and more, found \(folds)") }
        guard controlDivisions >= 1 else {
            throw bad("controlDivisions", "expected 1 or more, found \(controlDivisions)")
        }
        let contexts = screen.contexts.filter { !$0.isControl }
        var rows = contexts.map { SplitTable.Row($0) }
        var words = by.rawValue
        switch by {
        case .perturbation:
            let names = screen.perturbations.map { [$0] }
            words = "perturbation, at random, seed \(seed)"
            try assign(names, to: &rows)
        case .scaffold:
            words = "scaffold, seed \(seed)"
            try assign(scaffoldGroups(screen.perturbations, scaffolds), to: &rows)
        case .dose:
            words = "dose, \(doses.rawValue)"
            assignDoses(&rows)
        case .covariate:
            let name = try covariateName(contexts)
            words = "covariate \(name)"
            let values = Set(contexts.compactMap { $0.covariates[name] }).sorted()
            guard values.count > 1 else { throw bad(name, "expected two values or more, found \(values.count)") }
            for place in rows.indices {
                rows[place].testIn = rows[place].covariates[name].flatMap { values.firstIndex(of: $0) }.map { $0 + 1 }
            }
        case .combination:
            words = "combination, single perturbations \(singles.rawValue)"
            assignCombinations(&rows, screen.combinations)
        }
        guard rows.contains(where: { $0.testIn != nil }) else {
            throw bad("split", "expected treatments to test by \(words), found none")
        }
        return SplitTable(description: words, seed: seed, divisions: controlDivisions, rows: rows)
    }

    /// Each group into one fold: at random, the largest first, into the fold that has the fewest.
    private func assign(_ groups: [[String]], to rows: inout [SplitTable.Row]) throws(ScreenError) {
        guard groups.count > 1, folds <= groups.count else {
            throw bad("folds", "expected \(max(2, folds)) groups of perturbations or more, found \(groups.count)")
        }
        var foldOf: [String: Int] = [:]
        if folds == 0 {
            for (place, group) in groups.enumerated() { for name in group { foldOf[name] = place + 1 } }
        } else {
            var stream = RandomStream(seed: seed).stream("screens/split/folds")
            let keys = groups.map { _ in stream.next() }
            let order = groups.indices.sorted { (-groups[$0].count, keys[$0]) < (-groups[$1].count, keys[$1]) }
            var sizes = [Int](repeating: 0, count: folds)
            for place in order {
                let fold = sizes.indices.min { (sizes[$0], $0) < (sizes[$1], $1) } ?? 0
                sizes[fold] += groups[place].count
                for name in groups[place] { foldOf[name] = fold + 1 }
            }
        }
        for place in rows.indices { rows[place].testIn = foldOf[rows[place].perturbation] }
    }

    private func scaffoldGroups(
        _ names: [String], _ scaffolds: [String: String]?
    ) throws(ScreenError) -> [[String]] {
        let missing = names.filter { scaffolds?[$0] == nil }
        guard let scaffolds, missing.isEmpty else {
            throw ScreenError(
                code: "NO_SCAFFOLD", element: missing.first,
                message: "expected the structure of every perturbation, found none for \(shortList(missing))",
                remedy: "give a table with a column smiles that has them all, or leave these perturbations out")
        }
        return Dictionary(grouping: names, by: { scaffolds[$0] ?? "" }).sorted { $0.key < $1.key }.map(\.value)
    }

    /// One fold a level, or a dose where there are no levels.
    private func assignDoses(_ rows: inout [SplitTable.Row]) {
        let groups = Dictionary(grouping: rows.indices) { place in
            rows[place].perturbation + "\u{0}" + rows[place].treatment.covariateValues.joined(separator: "\u{0}")
        }
        var tested: [Int] = []
        for (_, places) in groups {
            let own = places.filter { rows[$0].dose != nil }.sorted { (rows[$0].dose ?? 0) < (rows[$1].dose ?? 0) }
            guard own.count > 1 else { continue }
            let edges = [own[0], own[own.count - 1]]
            switch doses {
            case .all: tested += own
            case .edge: tested += edges
            case .interior: tested += own.filter { !edges.contains($0) }
            }
        }
        let levels = Set(tested.compactMap { rows[$0].level }).sorted()
        let amounts = Set(tested.filter { rows[$0].level == nil }.compactMap { rows[$0].dose }).sorted()
        for place in tested {
            if let level = rows[place].level {
                rows[place].testIn = levels.firstIndex(of: level).map { $0 + 1 }
            } else {
                rows[place].testIn = rows[place].dose.flatMap { amounts.firstIndex(of: $0) }
                    .map { $0 + levels.count + 1 }
            }
        }
    }

    private func covariateName(_ contexts: [Context]) throws(ScreenError) -> String {
        let names = Set(contexts.flatMap(\.covariates.keys)).sorted()
        if let covariate {
            guard names.contains(covariate) else {
                throw bad("covariate", "expected a covariate of the screen (\(shortList(names))), found \(covariate)")
            }
            return covariate
        }
        guard names.count == 1 else {
            throw bad("covariate", "expected one covariate, found \(names.count): \(shortList(names))")
        }
        return names[0]
    }

    private func assignCombinations(_ rows: inout [SplitTable.Row], _ combinations: [String: [String]]) {
        let single = Set(rows.map(\.perturbation)).subtracting(combinations.keys)
        let tested = combinations.keys.sorted().filter { name in
            singles != .known || (combinations[name] ?? []).allSatisfy(single.contains)
        }
        for place in rows.indices {
            rows[place].testIn = tested.firstIndex(of: rows[place].perturbation).map { $0 + 1 }
            guard singles == .unknown else { continue }
            rows[place].leftOutOf = tested.indices.filter {
                (combinations[tested[$0]] ?? []).contains(rows[place].perturbation)
            }.map { $0 + 1 }
        }
    }

    private func bad(_ element: String, _ message: String) -> ScreenError {
        ScreenError(
            code: "BAD_SPLIT", element: element, message: message,
            remedy: "change how the screen is split, or how it is read")
    }
}
