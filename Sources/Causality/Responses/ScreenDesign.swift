import Foundation

/// Who was perturbed by what: everything about a screen but its cells.
///
/// A context is a set of cells that were treated alike. One without treatments is a control; one with several is a
/// combination, whose interventions add.
public struct ScreenDesign: Codable, Sendable, Equatable {
    public struct Perturbation: Codable, Sendable, Equatable {
        public var name: String
        /// How it acts on the genes that are known to be its targets.
        public var action: Action
        /// Genes known to be targets, by number; nil where nothing is known. What is known is fixed: these are targets,
        /// and other genes are not.
        public var knownTargets: [Int]?

        public init(name: String, action: Action = .shift, knownTargets: [Int]? = nil) {
            self.name = name
            self.action = action
            self.knownTargets = knownTargets
        }
    }

    public enum Action: String, Codable, Sendable, CaseIterable {
        /// Something is added to the gene's value; its regulators still matter.
        case shift
        /// The gene's mechanism is replaced: its regulators no longer matter. Needs known targets.
        case replacement
    }

    public struct Treatment: Codable, Sendable, Equatable {
        /// A place in `perturbations`.
        public var perturbation: Int
        /// Above 0, in the unit of all doses of the screen; nil where the perturbation has no dose.
        public var dose: Double?

        public init(_ perturbation: Int, dose: Double? = nil) {
            self.perturbation = perturbation
            self.dose = dose
        }
    }

    public var genes: [String]
    public var perturbations: [Perturbation]
    public var contexts: [[Treatment]]
    /// Names of columns beside the genes that describe each cell: strata (one column a level, 0 or 1) or numbers.
    public var covariates: [String]

    public init(
        genes: [String], perturbations: [Perturbation], contexts: [[Treatment]], covariates: [String] = []
    ) throws(ResponseError) {
        self.genes = genes
        self.perturbations = perturbations
        self.contexts = contexts
        self.covariates = covariates
        try check()
    }

    /// The contexts in which a perturbation was given, with its dose.
    func contexts(of perturbation: Int) -> [(context: Int, dose: Double?)] {
        contexts.indices.flatMap { context in
            contexts[context].filter { $0.perturbation == perturbation }.map { (context, $0.dose) }
        }
    }

    /// Contexts in which the mechanism of a gene was replaced, for each gene that has such; with the perturbations.
    var replacedGenes: [Int: [(context: Int, perturbation: Int)]] {
        var result: [Int: [(context: Int, perturbation: Int)]] = [:]
        for (context, treatments) in contexts.enumerated() {
            for treatment in treatments where perturbations[treatment.perturbation].action == .replacement {
                for gene in perturbations[treatment.perturbation].knownTargets ?? [] {
                    result[gene, default: []].append((context, treatment.perturbation))
                }
            }
        }
        return result
    }

    private func check() throws(ResponseError) {
        guard genes.count >= 2 else {
            throw ResponseError(
                code: "FEW_GENES", message: "at least 2 genes expected, \(genes.count) found",
                remedy: "keep more genes in the panel")
        }
        guard contexts.contains(where: \.isEmpty) else {
            throw ResponseError(
                code: "NO_CONTROL", message: "a context without treatments expected, none found",
                remedy: "name the control cells of the screen")
        }
        for perturbation in perturbations {
            if perturbation.action == .replacement, (perturbation.knownTargets ?? []).isEmpty {
                throw ResponseError(
                    code: "NO_TARGETS", element: perturbation.name,
                    message: "targets expected for a perturbation that replaces mechanisms, none found",
                    remedy: "name its targets among the genes, or let it shift")
            }
            for gene in perturbation.knownTargets ?? [] where !genes.indices.contains(gene) {
                throw ResponseError(
                    code: "NO_SUCH_GENE", element: perturbation.name,
                    message: "targets among \(genes.count) genes expected, found number \(gene)",
                    remedy: "name targets by their place in the panel")
            }
        }
        for (context, treatments) in contexts.enumerated() {
            var seen: Set<Int> = []
            for treatment in treatments {
                guard perturbations.indices.contains(treatment.perturbation) else {
                    throw ResponseError(
                        code: "NO_SUCH_PERTURBATION", element: "context \(context)",
                        message:
                            "one of \(perturbations.count) perturbations expected, found "
                            + "number \(treatment.perturbation)",
                        remedy: "name treatments by their place among the perturbations")
                }
                let name = perturbations[treatment.perturbation].name
                guard seen.insert(treatment.perturbation).inserted else {
                    throw ResponseError(
                        code: "TREATED_TWICE", element: name,
                        message: "each perturbation once in context \(context), found twice",
                        remedy: "give one treatment with the whole dose")
                }
                if let dose = treatment.dose, !(dose > 0 && dose.isFinite) {
                    throw ResponseError(
                        code: "DOSE", element: name, message: "a dose above 0 expected, found \(dose)",
                        remedy: "call cells without dose control, or leave the dose out")
                }
            }
        }
        for (index, perturbation) in perturbations.enumerated() {
            let doses = contexts(of: index).map { $0.dose == nil }
            if Set(doses).count > 1 {
                throw ResponseError(
                    code: "DOSE", element: perturbation.name,
                    message: "a dose in all of its contexts or in none, found both",
                    remedy: "give the missing doses, or leave all of them out")
            }
        }
    }
}
