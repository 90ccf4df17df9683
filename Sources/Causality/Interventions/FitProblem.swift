import AnnotatedData
import Foundation
import Graphs
import Probability
import Screens

/// A screen made ready for a fit: scaled cells, encoded perturbations, priors.
struct FitProblem: Sendable {
    let genes: [String]
    let options: FitOptions
    let scaling: GeneScaling
    let scale: ExpressionScale
    let encoding: PerturbationEncoding
    let doseScale: InterventionMap.DoseScale?
    /// Middle and spread of log(1 + dose / median) for the free head; nil where the dose is no input.
    let freeDose: FreeDoseScale?
    /// Treated contexts and, first, one control context that holds all controls.
    let contexts: [Context]
    let cells: [[Int]]
    /// Cells × genes, centred on control and scaled.
    let values: [Double]
    let known: [[Bool]?]
    let edgePrior: [Double]
    let targetProbability: Double
    let notices: [Notice]

    init(screen: PerturbationScreen, beliefs: EdgeBeliefs?, options: FitOptions) throws {
        try options.validate()
        let d = screen.genes.count
        var notices: [Notice] = []
        guard d >= 2 else {
            throw InterventionError(
                code: "TOO_FEW_GENES", element: "genes", message: "at least 2 genes expected, found \(d)",
                remedy: "choose more genes in preprocessing")
        }
        var cellsOf = [[Int]](repeating: [], count: screen.contexts.count)
        for (cell, context) in screen.contextOfCell.enumerated() { cellsOf[context].append(cell) }
        let isControl = screen.contexts.map { $0.isControl || $0.dose == 0 }
        let zeroDoses = screen.contexts.count { !$0.isControl && $0.dose == 0 }
        if zeroDoses > 0 {
            notices.append(
                Notice(code: "DOSE_ZERO", message: "\(zeroDoses) treatments at dose 0 are taken as controls"))
        }
        let control = screen.contexts.indices.filter { isControl[$0] }.flatMap { cellsOf[$0] }.sorted()
        guard control.count >= 2 else {
            throw InterventionError(
                code: "NO_CONTROL", element: "contexts",
                message: "at least 2 control cells expected, found \(control.count)",
                remedy: "say which label is the control")
        }
        let treated = screen.contexts.indices.filter { !isControl[$0] && !cellsOf[$0].isEmpty }
        guard !treated.isEmpty else {
            throw InterventionError(
                code: "NO_TREATMENT", element: "contexts", message: "treated cells expected, found controls only",
                remedy: "say which column names the perturbation and which label is the control")
        }
        if let bad = screen.expression.values.firstIndex(where: { !$0.isFinite }) {
            throw InterventionError(
                code: "NONFINITE", element: "cell \(bad / d), gene \(screen.genes[bad % d])",
                message: "finite values expected, found \(screen.expression.values[bad])",
                remedy: "check the matrix and its preprocessing")
        }
        genes = screen.genes
        scale = screen.scale
        self.options = options
        scaling = GeneScaling(expression: screen.expression, control: control)
        if !scaling.constantGenes.isEmpty {
            notices.append(
                Notice(
                    code: "CONSTANT_GENES",
                    message:
                        "\(scaling.constantGenes.count) genes do not vary among the controls; they are scaled by all cells"
                ))
        }
        values = scaling.scaled(screen.expression)
        var perturbations: [String] = []
        for k in treated where !perturbations.contains(screen.contexts[k].perturbation) {
            perturbations.append(screen.contexts[k].perturbation)
        }
        encoding = try PerturbationEncoding(
            perturbations: perturbations, table: screen.features, individuality: options.individuality)
        if encoding.features.isEmpty {
            notices.append(
                Notice(
                    code: "NO_FEATURES",
                    message: "perturbations have no features: only measured perturbations can be predicted"))
        }
        contexts = [Context(perturbation: "control", isControl: true)] + treated.map { screen.contexts[$0] }
        cells = [control] + treated.map { cellsOf[$0] }
        let doses = treated.compactMap { screen.contexts[$0].dose }
        if let bad = doses.first(where: { !($0 > 0 && $0.isFinite) }) {
            throw InterventionError(
                code: "DOSE", element: "dose", message: "doses of 0 or more expected, found \(bad)",
                remedy: "correct the dose column")
        }
        let complete = doses.count == treated.count
        if !complete && !doses.isEmpty {
            notices.append(
                Notice(
                    code: "DOSES_INCOMPLETE",
                    message:
                        "\(treated.count - doses.count) of \(treated.count) treatments have no dose: doses are ignored"
                ))
        }
        let useful = complete && Set(doses).count > 1
        if options.doseHead == .hill && !useful {
            throw InterventionError(
                code: "DOSE", element: "doseHead",
                message: "a dose for every treatment and at least two different ones expected for the Hill head",
                remedy: "set doseHead to automatic or free")
        }
        let hill = useful && options.doseHead != .free
        doseScale = hill ? Self.logScale(doses) : nil
        freeDose = useful && !hill ? FreeDoseScale(doses: doses) : nil
        known =
            [nil]
            + treated.map { k in
                guard options.useKnownTargets, let names = screen.knownTargets[screen.contexts[k].perturbation] else {
                    return nil
                }
                let set = Set(names)
                return screen.genes.map(set.contains)
            }
        edgePrior = Self.edgePrior(genes: genes, beliefs: beliefs, options: options)
        targetProbability = options.targetProbability ?? min(0.1, 2 / Double(d))
        self.notices = notices
    }

    private static func logScale(_ doses: [Double]) -> InterventionMap.DoseScale {
        let logs = doses.map { log($0) }
        let center = logs.reduce(0, +) / Double(logs.count)
        let variance = logs.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(logs.count)
        return .init(center: center, spread: max(0.5, variance.squareRoot()))
    }

    private static func edgePrior(genes: [String], beliefs: EdgeBeliefs?, options: FitOptions) -> [Double] {
        let d = genes.count
        let plain = options.edgeProbability ?? min(0.2, 2 / Double(d))
        var prior = [Double](repeating: plain, count: d * d)
        if let beliefs, options.beliefTrust > 0 {
            var place: [String: Int] = [:]
            for (i, gene) in beliefs.genes.enumerated() { place[gene] = i }
            for i in 0..<d {
                for j in 0..<d {
                    if let a = place[genes[i]], let b = place[genes[j]] {
                        prior[i * d + j] = pow(Double(beliefs[a, b]), options.beliefTrust)
                    }
                }
            }
        }
        return prior.map { min(max($0, 1e-3), 1 - 1e-3) }
    }

    /// What the map reads for a perturbation at a dose; `unseen` hides the perturbation's own column.
    func input(_ context: Context, unseen: Bool) throws -> [Double] {
        var row = try encoding.encoded(context.perturbation, features: nil)
        if unseen, encoding.ownValue > 0 {
            for i in encoding.rank..<encoding.size { row[i] = 0 }
        }
        if let freeDose { row.append(freeDose.value(context.dose ?? 0) * encoding.variance.squareRoot()) }
        return row
    }

    var map: InterventionMap {
        InterventionMap(
            layout: .init(
                size: encoding.size + (freeDose == nil ? 0 : 1), hidden: options.hiddenUnits, genes: genes.count),
            hill: doseScale, targetProbability: targetProbability, locationDeviation: options.locationDeviation,
            inputVariance: encoding.variance)
    }

    /// The posterior over some of the cells.
    func posterior(contexts chosen: [Int], cells: [[Int]], unseen: Set<String>) throws -> Posterior {
        let contexts = chosen.map { self.contexts[$0] }
        let data = ContextMoments(
            values: values, genes: genes.count, contexts: contexts, cells: cells,
            controlShare: options.controlShare, keepsCells: options.targetDraw == .cell)
        var inputs: [Double] = []
        var rowOf: [String: Int] = [:]
        var queries: [InterventionMap.Query] = []
        for k in chosen {
            let context = self.contexts[k]
            if context.isControl {
                queries.append(.init(input: 0, logDose: nil, known: nil, isControl: true))
                continue
            }
            let key = freeDose == nil ? context.perturbation : "\(context.perturbation)\u{0}\(context.dose ?? 0)"
            if rowOf[key] == nil {
                rowOf[key] = rowOf.count
                inputs += try input(context, unseen: unseen.contains(context.perturbation))
            }
            queries.append(
                .init(
                    input: rowOf[key] ?? 0, logDose: doseScale == nil ? nil : context.dose.map { log($0) },
                    known: known[k], isControl: false))
        }
        return Posterior(
            data: data, kind: options.intervention, map: map, inputs: inputs, queries: queries, edgePrior: edgePrior,
            effectDeviation: options.effectDeviation, targetSparsity: options.targetSparsity)
    }
}

/// The free head's dose code: log(1 + dose / median dose), standardised.
struct FreeDoseScale: Codable, Sendable, Equatable {
    let median: Double
    let center: Double
    let spread: Double

    init(doses: [Double]) {
        let median = doses.sorted()[doses.count / 2]
        let codes = doses.map { log1p($0 / median) }
        let center = codes.reduce(0, +) / Double(codes.count)
        self.median = median
        self.center = center
        spread = max(
            1e-6, (codes.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(codes.count)).squareRoot())
    }

    func value(_ dose: Double) -> Double { (log1p(dose / median) - center) / spread }
}
