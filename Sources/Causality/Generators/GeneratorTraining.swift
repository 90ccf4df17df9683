import Probability

/// How generators are chosen and trained.
public struct GeneratorOptions: Codable, Sendable, Equatable {
    /// nil chooses by the kinds of the nodes and by rows kept back.
    public var form: GeneratorForm?
    /// Total of the pseudo-counts of a stratum of a table.
    public var pseudoCount = 0.1
    /// The largest table that is made unasked.
    public var largestTable = 100_000
    public var networks = NetworkOptions()

    public init() {}

    /// Learns p(outcome | inputs) from rows.
    ///
    /// Unless a form is set: without inputs the values are resampled; a category given categories is a table; a scalar is
    /// linear-Gaussian unless the mixture is better on rows kept back, by more than two standard errors of the difference;
    /// a vector is a flow; all else is a mixture. A form that cannot be made for the
    /// kinds of the nodes gives way to the one chosen so.
    /// - Parameters:
    ///   - table: Columns of the outcome and of the inputs.
    ///   - stream: Of this node: the result depends on nothing else that is drawn.
    /// - Returns: The same bytes at any number of workers.
    public func trained(
        outcome: Node, inputs: [Node], table: NodeTable, stream: RandomStream, workers: Int? = nil
    ) throws(GeneratorError) -> any ConditionalGenerator {
        try check(table, [outcome] + inputs)
        if inputs.isEmpty { return ResamplingGenerator(outcome: outcome, values: table[outcome.name]) }
        switch form(for: outcome, inputs: inputs) {
        case .table:
            return TableGenerator(outcome: outcome, inputs: inputs, table: table, pseudoCount: pseudoCount)
        case .linearGaussian:
            return judged(outcome: outcome, inputs: inputs, table: table, stream: stream)
        case .flow:
            return FlowGenerator(
                outcome: outcome, inputs: inputs, table: table, split: split(table, stream), options: networks,
                stream: stream)
        case .diffusion:
            return DiffusionGenerator(
                outcome: outcome, inputs: inputs, table: table, split: split(table, stream), options: networks,
                stream: stream)
        default:
            return mixture(outcome: outcome, inputs: inputs, table: table, stream: stream, workers: workers)
        }
    }

    private func form(for outcome: Node, inputs: [Node]) -> GeneratorForm {
        let cells = TableGenerator.cells(outcome: outcome, inputs: inputs)
        switch (outcome.kind, form) {
        case (.category, .table) where cells != nil: return .table
        case (.category, nil), (.category, .linearGaussian):
            return cells.map { $0 <= largestTable } ?? false ? .table : .mixture
        case (.scalar, .linearGaussian), (.vector, .linearGaussian): return .linearGaussian
        case (.scalar, .flow), (.vector, .flow): return .flow
        case (.scalar, .diffusion), (.vector, .diffusion): return .diffusion
        case (.vector, _): return .flow
        default: return .mixture
        }
    }

    private func split(_ table: NodeTable, _ stream: RandomStream) -> NetworkTraining.Split {
        .init(rows: table.rows, options: networks, stream: stream.stream("held out"))
    }

    /// The linear-Gaussian model of all rows, judged by one of the rows that are not kept back.
    private func judged(
        outcome: Node, inputs: [Node], table: NodeTable, stream: RandomStream
    ) -> LinearGaussianGenerator {
        let split = split(table, stream)
        let partial = LinearGaussianGenerator(outcome: outcome, inputs: inputs, table: table.selecting(split.learnt))
        let heldOut = table.selecting(split.heldOut)
        let densities = partial.logDensity(of: heldOut[outcome.name], given: heldOut) ?? []
        var report = TrainingReport(form: .linearGaussian, rows: table.rows, heldOutRows: split.heldOut.count)
        report.judge(densities)
        return LinearGaussianGenerator(outcome: outcome, inputs: inputs, table: table).reporting(report)
    }

    /// The ensemble, or in its place the linear-Gaussian model of a scalar where that is as good.
    private func mixture(
        outcome: Node, inputs: [Node], table: NodeTable, stream: RandomStream, workers: Int?
    ) -> any ConditionalGenerator {
        let split = split(table, stream)
        let heldOut = table.selecting(split.heldOut)
        let generator = MixtureGenerator(
            outcome: outcome, inputs: inputs, table: table, split: split, options: networks, stream: stream,
            workers: workers)
        let densities = generator.logDensity(of: heldOut[outcome.name], given: heldOut) ?? []
        var report = generator.training
        report.judge(densities)
        guard outcome.kind == .scalar, form == nil else { return generator.reporting(report) }
        let partial = LinearGaussianGenerator(outcome: outcome, inputs: inputs, table: table.selecting(split.learnt))
        let others = partial.logDensity(of: heldOut[outcome.name], given: heldOut) ?? []
        var linearReport = TrainingReport(form: .linearGaussian, rows: table.rows, heldOutRows: split.heldOut.count)
        linearReport.judge(others)
        let gain = Estimate(zip(densities, others).map { $0 - $1 })
        guard gain.mean > 2 * gain.standardError else {
            linearReport.alternatives["mixture"] = report.heldOutLogDensity
            return LinearGaussianGenerator(outcome: outcome, inputs: inputs, table: table).reporting(linearReport)
        }
        report.alternatives["linear-gaussian"] = linearReport.heldOutLogDensity
        return generator.reporting(report)
    }

    private func check(_ table: NodeTable, _ nodes: [Node]) throws(GeneratorError) {
        guard table.rows >= 2 else {
            throw GeneratorError(
                code: "TOO_FEW_ROWS", element: nodes[0].name,
                message: "expected at least two rows to learn from, found \(table.rows)", remedy: "give more rows")
        }
        for node in nodes {
            let values = table[node.name].values
            if let place = values.firstIndex(where: { !$0.isFinite }) {
                throw GeneratorError(
                    code: "NOT_FINITE", element: node.name,
                    message: "expected finite values, found \(values[place]) in row \(place / node.kind.width + 1)",
                    remedy: "remove rows with missing values")
            }
            guard let levels = node.kind.levels else { continue }
            if let wrong = values.first(where: { !(0..<Float(levels)).contains($0) || $0 != $0.rounded() }) {
                throw GeneratorError(
                    code: "CODES_RANGE", element: node.name,
                    message: "expected places of \(levels) labels, found \(wrong)",
                    remedy: "number the labels from 0")
            }
        }
    }
}

extension TrainingReport {
    fileprivate mutating func judge(_ densities: [Double]) {
        let estimate = Estimate(densities)
        heldOutLogDensity = estimate.mean
        standardError = estimate.standardError
    }
}

/// The mean of some numbers and its standard error.
private struct Estimate {
    let mean: Double
    let standardError: Double

    init(_ values: [Double]) {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / max(1, n)
        self.mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        standardError = n > 1 ? (squares / (n - 1) / n).squareRoot() : 0
    }
}
