import Foundation
import Matrices
import Screens
import Testing

@Suite struct SplitTableTests {
    /// Two lines of cells, three drugs at three doses, one combination; two cells a treatment and eight controls a line.
    private static let screen: PerturbationScreen = {
        var contexts: [Context] = []
        var contextOfCell: [Int] = []
        var strata: [Int] = []
        for (stratum, line) in ["x", "y"].enumerated() {
            func add(_ context: Context, _ cells: Int) {
                contexts.append(context)
                contextOfCell += [Int](repeating: contexts.count - 1, count: cells)
                strata += [Int](repeating: stratum, count: cells)
            }
            add(Context(perturbation: "control", isControl: true, covariates: ["line": line]), 8)
            for drug in ["a", "b", "c", "a+b", "a+d"] {
                for dose in [1.0, 10, 100] {
                    add(Context(perturbation: drug, dose: dose, doseUnit: "µM", covariates: ["line": line]), 2)
                }
            }
        }
        return PerturbationScreen(
            genes: ["g"], expression: Matrix(rows: contextOfCell.count, columns: 1), scale: .log1p,
            contexts: contexts, contextOfCell: contextOfCell, controlStrata: strata,
            combinations: ["a+b": ["a", "b"], "a+d": ["a", "d"]])
    }()

    private static func table(_ change: (inout SplitPlan) -> Void) throws -> SplitTable {
        var plan = SplitPlan()
        change(&plan)
        return try plan.table(of: screen)
    }

    @Test("A table is its text")
    func roundTrip() throws {
        for kind in [SplitPlan.Kind.perturbation, .dose, .covariate, .combination] {
            let table = try Self.table { $0.by = kind }
            let again = try SplitTable(parsing: table.text)
            #expect(again == table && again.text == table.text, "\(kind)")
        }
        #expect { try SplitTable(parsing: "perturbation\tdose\n") } throws: {
            ($0 as? ScreenError)?.code == "BAD_SPLIT"
        }
        let text = try Self.table { $0.by = .dose }.text
        let broken = text.replacingOccurrences(of: "\t1\t\n", with: "\tx\t\n")
        #expect { try SplitTable(parsing: broken) } throws: { ($0 as? ScreenError)?.element == "line 7" }
    }

    @Test("Perturbations are in one fold each, in every fold some, the same for the same seed")
    func perturbations() throws {
        let table = try Self.table { $0.folds = 3 }
        #expect(table.folds == 3)
        let folds = Dictionary(grouping: table.rows, by: \.perturbation).mapValues { Set($0.map(\.testIn)) }
        #expect(folds.values.allSatisfy { $0.count == 1 && $0.first != .some(nil) })
        #expect(Set(table.rows.map(\.testIn)).count == 3)
        #expect(try Self.table { $0.folds = 3 } == table)
        let seeds = try Set(
            (0..<8).map { seed in
                try Self.table { ($0.folds, $0.seed) = (3, seed) }.rows.map { $0.testIn ?? 0 }
            })
        #expect(seeds.count > 1)
        #expect(try Self.table { $0.folds = 0 }.folds == 5)
        #expect(throws: ScreenError.self) { try Self.table { $0.folds = 6 } }
    }

    @Test("Scaffolds stay together")
    func scaffolds() throws {
        var plan = SplitPlan()
        (plan.by, plan.folds) = (.scaffold, 2)
        let rings = ["a": "c1ccccc1", "b": "c1ccccc1", "c": "", "a+b": "c1ccccc1", "a+d": "C1CC1"]
        let table = try plan.table(of: Self.screen, scaffolds: rings)
        let folds = Dictionary(grouping: table.rows, by: { rings[$0.perturbation] }).mapValues { Set($0.map(\.testIn)) }
        #expect(folds.values.allSatisfy { $0.count == 1 })
        // Three of one scaffold against two of other ones.
        #expect(folds["c1ccccc1"] != folds["C1CC1"] && folds[""] == folds["C1CC1"])
        #expect { try plan.table(of: Self.screen, scaffolds: ["a": ""]) } throws: {
            ($0 as? ScreenError)?.code == "NO_SCAFFOLD"
        }
    }

    @Test("Doses: those inside, those at the edge")
    func doses() throws {
        func tested(_ doses: SplitPlan.Doses) throws -> Set<Double?> {
            Set(try Self.table { ($0.by, $0.doses) = (.dose, doses) }.rows.filter { $0.testIn != nil }.map(\.dose))
        }
        #expect(try tested(.interior) == [10])
        #expect(try tested(.edge) == [1, 100])
        #expect(try tested(.all) == [1, 10, 100])
        #expect(try Self.table { $0.by = .dose }.folds == 3)
    }

    @Test("A covariate's values are left out in turn, and the controls of these cells stay known")
    func covariate() throws {
        let table = try Self.table { $0.by = .covariate }
        #expect(table.folds == 2)
        let cells = try table.cells(of: Self.screen, fold: 2, controls: .disjoint(0))
        func lines(_ cells: [Int], controls: Bool) -> [String] {
            cells.map { Self.screen.contexts[Self.screen.contextOfCell[$0]] }.filter { $0.isControl == controls }
                .compactMap { $0.covariates["line"] }
        }
        #expect(Set(lines(cells.training, controls: false)) == ["x"])
        #expect(Set(lines(cells.test, controls: false)) == ["y"])
        #expect(
            lines(cells.training, controls: true).sorted() == Array(repeating: "x", count: 4)
                + Array(repeating: "y", count: 4))
        #expect(lines(cells.test, controls: true) == Array(repeating: "y", count: 4))
        #expect(throws: ScreenError.self) { try Self.table { ($0.by, $0.covariate) = (.covariate, "batch") } }
    }

    @Test("Combinations whose single perturbations are known, or left out")
    func combinations() throws {
        func tested(_ singles: SplitPlan.Singles) throws -> SplitTable {
            try Self.table { ($0.by, $0.singles) = (.combination, singles) }
        }
        #expect(Set(try tested(.known).rows.filter { $0.testIn != nil }.map(\.perturbation)) == ["a+b"])
        let unknown = try tested(.unknown)
        #expect(unknown.folds == 2)
        let cells = try unknown.cells(of: Self.screen, fold: 1, controls: .shared)
        let names = Set(
            (cells.training + cells.test).map { Self.screen.contexts[Self.screen.contextOfCell[$0]].perturbation })
        #expect(names == ["control", "a+b", "a+d", "c"])
    }

    @Test("Halves of controls are disjoint, change places, and differ between divisions")
    func halves() throws {
        let table = try Self.table { $0.folds = 0 }
        let controls = Set(Self.screen.controlCells)
        func halves(_ number: Int) throws -> (Set<Int>, Set<Int>) {
            let cells = try table.cells(of: Self.screen, fold: 1, controls: .disjoint(number))
            return (Set(cells.training).intersection(controls), Set(cells.test).intersection(controls))
        }
        let (seen, judging) = try halves(0)
        #expect(seen.isDisjoint(with: judging) && seen.union(judging) == controls && seen.count == judging.count)
        #expect(try halves(1) == (judging, seen))
        #expect(try halves(2).0 != seen && halves(2).0 != judging)
        #expect(try halves(0) == (seen, judging))
        let shared = try table.cells(of: Self.screen, fold: 1, controls: .shared)
        #expect(controls.isSubset(of: shared.training) && controls.isSubset(of: shared.test))
        let roles = try table.roles(in: Self.screen, fold: 1, controls: .shared)
        #expect(controls.allSatisfy { roles[$0] == .both })
        #expect(table.disjointUses.count == 10)
    }

    @Test("Treatments that the table or the screen lacks are told")
    func mismatch() throws {
        let table = try Self.table { $0.folds = 0 }
        let part = Self.screen.subset(perturbations: ["a", "b"])
        #expect { try table.cells(of: part, fold: 1, controls: .shared) } throws: {
            ($0 as? ScreenError)?.code == "BAD_SPLIT"
        }
        var fewer = table
        fewer.rows.removeLast()
        #expect { try fewer.cells(of: Self.screen, fold: 1, controls: .shared) } throws: {
            ($0 as? ScreenError)?.element == "a+d"
        }
        #expect(throws: ScreenError.self) { try table.cells(of: Self.screen, fold: 9, controls: .shared) }
    }
}
