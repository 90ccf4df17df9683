extension RegulatoryNetwork {
    /// Reads lines `regulator target effect`, separated by tabs and without a header: the effect is `+`, `-`, `+-` (both) or
    /// `?`; lines of two fields leave it undetermined. Empty lines are passed over.
    public init(table text: String) throws(GraphError) {
        var regulations: [Regulation] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        where !line.isEmpty {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard (2...3).contains(fields.count), !fields[0].isEmpty, !fields[1].isEmpty else {
                throw GraphError(
                    code: "CSV_RAGGED", file: nil, element: "line \(index + 1)",
                    message: "expected a regulator, a target and an effect, found \(fields.count) fields",
                    remedy: "separate the names by one tab")
            }
            let effect: Effect
            switch fields.count == 3 ? fields[2] : "?" {
            case "+": effect = .activates
            case "-": effect = .represses
            case "+-", "?": effect = .undetermined
            default:
                throw GraphError(
                    code: "CSV_VALUE", file: nil, element: "line \(index + 1)",
                    message: "expected one of +, -, +-, ?, found \(fields[2])",
                    remedy: "correct the third field, or leave it out")
            }
            regulations.append(Regulation(regulator: fields[0], target: fields[1], effect: effect))
        }
        guard !regulations.isEmpty else {
            throw GraphError(
                code: "EMPTY_FILE", file: nil, element: nil,
                message: "expected lines of regulator and target, found none",
                remedy: "give a network that has edges")
        }
        self.init(regulations)
    }
}
