import AnnotatedData
import Foundation
import Graphs
import Probability
import Screens

/// A screen made ready for a fit: where its cells are, encoded perturbations, priors.
struct FitProblem: Sendable {
    let genes: [String]
    let options: FitOptions
    let scale: ExpressionScale
    let cells: FitCells
    let encoding: PerturbationEncoding
    let covariates: CovariateEncoding
    let doseScale: InterventionMap.DoseScale?
    /// Middle and spread of log(1 + dose / median) for the free head; nil where the dose is no input.
    let freeDose: FreeDoseScale?
    /// The single perturbations of combinations, where the model takes them apart.
    let combinations: [String: [String]]
    let knownTargets: [String: [String]]
    let edgePrior: [Double]
    let targetProbability: Double
    let notices: [Notice]

    /// Control contexts first.
    var contexts: [Context] { cells.contexts }
    var treated: Range<Int> { cells.controlCount..<contexts.count }

    init(
        screen: PerturbationScreen, cells source: (any ContextCells)? = nil, beliefs: EdgeBeliefs?, options: FitOptions
    ) throws {
        try options.validate()
        let d = screen.genes.count
        guard d >= 2 else {
            throw InterventionError(
                code: "TOO_FEW_GENES", element: "genes", message: "at least 2 genes expected, found \(d)",
                remedy: "choose more genes in preprocessing")
        }
        var notices: [Notice] = []
        genes = screen.genes
        scale = screen.scale
        self.options = options
        cells = try FitCells(screen, source: source ?? InMemoryCells(screen), options: options, notices: &notices)
        covariates = CovariateEncoding(contexts: cells.contexts, use: options.covariates)
        let treated = cells.contexts[cells.controlCount...]
        combinations = Self.combinations(screen, treated, notices: &notices)
        var perturbations: [String] = []
        for context in treated {
            for name in combinations[context.perturbation] ?? [context.perturbation]
            where !perturbations.contains(name) { perturbations.append(name) }
        }
        encoding = try PerturbationEncoding(
            perturbations: perturbations, table: screen.features, individuality: options.individuality)
        if encoding.features.isEmpty {
            notices.append(
                Notice(
                    code: "NO_FEATURES",
                    message: "perturbations have no features: only measured perturbations can be predicted"))
        }
        (doseScale, freeDose) = try Self.doses(treated, options: options, notices: &notices)
        knownTargets = options.useKnownTargets ? screen.knownTargets.filter { perturbations.contains($0.key) } : [:]
        edgePrior = Self.edgePrior(genes: genes, beliefs: beliefs, options: options)
        targetProbability = options.targetProbability ?? min(0.1, 2 / Double(d))
        self.notices = notices
    }

    /// Those of the screen, save where features are given of the combination and not of its parts.
    private static func combinations(
        _ screen: PerturbationScreen, _ treated: ArraySlice<Context>, notices: inout [Notice]
    ) -> [String: [String]] {
        let names = Set(treated.map(\.perturbation))
        let combinations = screen.combinations.filter { names.contains($0.key) && !$0.value.isEmpty }
        guard let table = screen.features, !combinations.isEmpty else { return combinations }
        let described = Set(table.perturbations)
        let apart = combinations.filter { $0.value.allSatisfy(described.contains) }
        if apart.count < combinations.count {
            notices.append(
                Notice(
                    code: "COMBINATIONS_WHOLE",
                    message: "\(combinations.count - apart.count) combinations have parts without features: they are "
                        + "taken as perturbations of their own"))
        }
        return apart
    }

    /// The scale of the Hill head or that of the free head; neither where doses say nothing.
    private static func doses(
        _ treated: ArraySlice<Context>, options: FitOptions, notices: inout [Notice]
    ) throws -> (InterventionMap.DoseScale?, FreeDoseScale?) {
        let doses = treated.compactMap(\.dose)
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
        if !useful { return (nil, nil) }
        return options.doseHead == .free ? (nil, FreeDoseScale(doses: doses)) : (logScale(doses), nil)
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
