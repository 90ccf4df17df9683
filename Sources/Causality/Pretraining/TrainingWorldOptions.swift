import Simulators

/// From what worlds of either kind a domain of training is drawn.
///
/// As YAML the settings of structural causal models, or `{geneRegulation: …}` with those of gene regulation.
public enum TrainingWorldOptions: Sendable, Equatable {
    case causal(CausalWorldOptions)
    /// Seen as sequenced, ln(1 + counts); as expression where the technology is `none`.
    case geneRegulation(GeneRegulationOptions)

    /// The same with other numbers of genes and cells.
    func sized(genes: Int, observationalCells: Int, interventionalCells: Int) -> TrainingWorldOptions {
        switch self {
        case .causal(var options):
            options.genes = genes
            options.observationalCells = observationalCells
            options.interventionalCells = interventionalCells
            return .causal(options)
        case .geneRegulation(var options):
            options.genes = genes
            options.observationalCells = observationalCells
            options.interventionalCells = interventionalCells
            return .geneRegulation(options)
        }
    }

    func validate() throws(SimulationError) {
        switch self {
        case .causal(let options): try options.validate()
        case .geneRegulation(let options): try options.validate()
        }
    }
}

extension TrainingWorldOptions: Codable {
    private enum CodingKeys: String, CodingKey { case geneRegulation }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let options = try container.decodeIfPresent(GeneRegulationOptions.self, forKey: .geneRegulation) {
            self = .geneRegulation(options)
        } else {
            self = .causal(try CausalWorldOptions(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .causal(let options): try options.encode(to: encoder)
        case .geneRegulation(let options):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(options, forKey: .geneRegulation)
        }
    }
}
