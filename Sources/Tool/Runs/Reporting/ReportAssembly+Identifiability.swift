import Explanations
import Reports

extension ReportAssembly {
    var identifiability: IdentifiabilityFindings {
        IdentifiabilityFindings(
            hidden: results.explanations.hidden.map { ($0.name, $0.genes) },
            effects: results.explanations.effects.map { effect in
                let evidence: IdentifiabilityFindings.Evidence =
                    switch effect.evidence {
                    case .observation: .observation
                    case .experiment: .experiment
                    case .none: .none
                    }
                return .init(
                    source: effect.source, target: effect.target, evidence: evidence, agreement: effect.agreement,
                    experiments: effect.experiments, missing: effect.missing)
            })
    }
}
