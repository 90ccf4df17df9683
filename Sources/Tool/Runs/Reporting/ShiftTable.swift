import AnnotatedData
import Formats

/// `predictions.shifts.tsv` read back: for each treatment its genes with their shifts.
struct ShiftTable {
    struct Treatment: Hashable {
        var perturbation: String
        var dose: Double?
    }

    struct Row {
        var gene: String
        var shift: Double
        var lower: Double
        var upper: Double
        var targetProbability: Double
        var directEffect: Double
    }

    /// In the order of the table.
    private(set) var treatments: [Treatment] = []
    private(set) var rows: [Treatment: [Row]] = [:]

    init(file: String) throws {
        let table = try readTable(file, textColumns: ["gene"])
        func numbers(_ name: String) throws -> [Double] {
            guard let values = table[name]?.numbers else {
                throw Failure(
                    code: "MISSING_ELEMENT", file: file, element: name, message: "expected a column of numbers",
                    remedy: "run again", exit: .badData)
            }
            return values
        }
        let genes = table["gene"]?.labels ?? []
        let doses = table["dose"]?.numbers ?? []
        let columns = try ["shift", "lower", "upper", "target_probability", "direct_effect"].map(numbers)
        for row in table.names.indices {
            let dose = row < doses.count && doses[row].isFinite ? doses[row] : nil
            let treatment = Treatment(perturbation: table.names[row], dose: dose)
            if rows[treatment] == nil { treatments.append(treatment) }
            rows[treatment, default: []].append(
                Row(
                    gene: genes[row] ?? "", shift: columns[0][row], lower: columns[1][row], upper: columns[2][row],
                    targetProbability: columns[3][row], directEffect: columns[4][row]))
        }
    }
}
