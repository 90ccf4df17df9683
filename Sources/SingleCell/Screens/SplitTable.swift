import Foundation
import Probability

/// Which treatments are for training and which for the test, fold by fold, and how controls are divided: a small file
/// that people can read.
///
/// Lines that begin with `#` hold a word, a colon and its value; then comes a table, one row a treatment. `test_in` is the
/// fold in which the treatment is for the test, empty where in none; `left_out_of` lists folds in which it is for nothing.
/// Everything else is for training.
public struct SplitTable: Sendable, Equatable {
    /// One treatment.
    public struct Row: Sendable, Equatable {
        public var perturbation: String
        public var dose: Double?
        public var level: String?
        public var covariates: [String: String]
        /// From 1 on.
        public var testIn: Int?
        public var leftOutOf: [Int]

        init(_ context: Context, testIn: Int? = nil, leftOutOf: [Int] = []) {
            perturbation = context.perturbation
            dose = context.dose
            level = context.level
            covariates = context.covariates
            self.testIn = testIn
            self.leftOutOf = leftOutOf
        }

        /// The treatment, without the unit of its dose.
        var treatment: Context {
            Context(perturbation: perturbation, dose: dose, level: level, covariates: covariates)
        }
    }

    /// In words, for people and provenance.
    public var description: String
    /// Divides controls.
    public var seed: UInt64
    /// How often controls are halved; each time either half makes what the model sees once.
    public var divisions: Int
    public var rows: [Row]

    public init(description: String, seed: UInt64, divisions: Int = 5, rows: [Row]) {
        self.description = description
        self.seed = seed
        self.divisions = divisions
        self.rows = rows
    }

    public var folds: Int { rows.compactMap(\.testIn).max() ?? 0 }

    // MARK: Files

    private static let first = ["perturbation", "dose", "level"]
    private static let last = ["test_in", "left_out_of"]

    /// The file's text; the same for the same split.
    public var text: String {
        let covariates = Set(rows.flatMap(\.covariates.keys)).sorted()
        var lines = [
            "# interventome split: 1", "# by: \(description)", "# folds: \(folds)", "# control divisions: \(divisions)",
            "# control seed: \(seed)", (Self.first + covariates + Self.last).joined(separator: "\t"),
        ]
        for row in rows {
            let fields =
                [row.perturbation, row.dose.map { "\($0)" } ?? "", row.level ?? ""]
                + covariates.map { row.covariates[$0] ?? "" }
                + [row.testIn.map { "\($0)" } ?? "", row.leftOutOf.map { "\($0)" }.joined(separator: ",")]
            lines.append(
                fields.map { $0.replacingOccurrences(of: "\t", with: " ").replacingOccurrences(of: "\n", with: " ") }
                    .joined(separator: "\t"))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Throws `BAD_SPLIT` with the line that is not understood.
    public init(parsing text: String, file: String? = nil) throws(ScreenError) {
        func bad(_ line: Int, _ message: String) -> ScreenError {
            ScreenError(
                code: "BAD_SPLIT", file: file, element: "line \(line)", message: message,
                remedy: "make the file anew with `interventome split`")
        }
        var facts: [String: String] = [:]
        var columns: [String] = []
        var rows: [Row] = []
        for (place, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.hasSuffix("\r") ? line.dropLast() : line
            if line.isEmpty { continue }
            if line.hasPrefix("#") {
                let parts = line.dropFirst().split(separator: ":", maxSplits: 1)
                if parts.count == 2 {
                    facts[parts[0].trimmingCharacters(in: .whitespaces)] = parts[1].trimmingCharacters(in: .whitespaces)
                }
                continue
            }
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if columns.isEmpty {
                guard Array(fields.prefix(3)) == Self.first, Array(fields.suffix(2)) == Self.last else {
                    throw bad(place + 1, "expected the columns perturbation, dose, level … test_in, left_out_of")
                }
                columns = fields
                continue
            }
            guard fields.count == columns.count else {
                throw bad(place + 1, "expected \(columns.count) fields, found \(fields.count)")
            }
            guard fields[1].isEmpty || Double(fields[1]) != nil else {
                throw bad(place + 1, "expected a dose, found \(fields[1])")
            }
            let covariates = zip(columns, fields).dropFirst(3).dropLast(2)
            var row = Row(
                Context(
                    perturbation: fields[0], dose: Double(fields[1]), level: fields[2].isEmpty ? nil : fields[2],
                    covariates: Dictionary(covariates.filter { !$1.isEmpty }, uniquingKeysWith: { $1 })))
            func folds(_ text: String) throws(ScreenError) -> [Int] {
                let parts = text.split(separator: ",").map { Int($0.trimmingCharacters(in: .whitespaces)) ?? 0 }
                guard parts.allSatisfy({ $0 > 0 }) else {
                    throw bad(place + 1, "expected numbers of folds from 1 on, found \(text)")
                }
                return parts
            }
            row.testIn = try folds(fields[fields.count - 2]).first
            row.leftOutOf = try folds(fields[fields.count - 1])
            rows.append(row)
        }
        guard facts["interventome split"] == "1", !columns.isEmpty else {
            throw bad(1, "expected `# interventome split: 1`, found another kind of file")
        }
        self.init(
            description: facts["by"] ?? "", seed: facts["control seed"].flatMap(UInt64.init) ?? 0,
            divisions: max(1, facts["control divisions"].flatMap(Int.init) ?? 1), rows: rows)
    }
}
