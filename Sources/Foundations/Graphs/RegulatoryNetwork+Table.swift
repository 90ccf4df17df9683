extension RegulatoryNetwork {
    /// Strengths that a file can give.
    private static let allowedStrengths = 1e-6...1e4

    /// Reads lines `regulator target effect`, separated by tabs: the effect is `+`, `-`, `+-` (both), `?`, or a strength, the
    /// number of which is positive where the regulator activates and negative where it represses; lines of two fields leave
    /// it undetermined. A first line `source target weight`, as simulations write it, and empty lines are passed over.
    public init(table text: String) throws(GraphError) {
        var regulations: [Regulation] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        where !line.isEmpty && !(index == 0 && line == "source\ttarget\tweight") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard (2...3).contains(fields.count), !fields[0].isEmpty, !fields[1].isEmpty else {
                throw GraphError(
                    code: "CSV_RAGGED", file: nil, element: "line \(index + 1)",
                    message: "expected a regulator, a target and an effect, found \(fields.count) fields",
                    remedy: "separate the names by one tab")
            }
            guard let (effect, strength) = Self.effect(fields.count == 3 ? fields[2] : "?") else {
                throw GraphError(
                    code: "CSV_VALUE", file: nil, element: "line \(index + 1)",
                    message: "expected +, -, +-, ? or a strength of \(Self.allowedStrengths.lowerBound) to "
                        + "\(Self.allowedStrengths.upperBound) with its sign, found \(fields[2].prefix(40))",
                    remedy: "correct the third field, or leave it out")
            }
            regulations.append(
                Regulation(regulator: fields[0], target: fields[1], effect: effect, strength: strength))
        }
        guard !regulations.isEmpty else {
            throw GraphError(
                code: "EMPTY_FILE", file: nil, element: nil,
                message: "expected lines of regulator and target, found none",
                remedy: "give a network that has edges")
        }
        self.init(regulations)
    }

    private static func effect(_ word: String) -> (Effect, strength: Double?)? {
        switch word {
        case "+": return (.activates, nil)
        case "-": return (.represses, nil)
        case "+-", "?": return (.undetermined, nil)
        default:
            guard let signed = Double(word), allowedStrengths.contains(abs(signed)) else { return nil }
            return (signed > 0 ? .activates : .represses, abs(signed))
        }
    }
}
