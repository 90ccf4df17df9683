import AnnotatedData
import Graphs

/// The tables for people.
extension PerturbationModel {
    /// `source target probability effect`, all ordered pairs by falling probability; effects in the scale of the screen, 0
    /// where no final graph has the edge.
    public var edgeTable: String {
        var lines = ["source\ttarget\tprobability\teffect"]
        for edge in edgeBeliefs.ranked {
            lines.append(
                "\(genes[edge.source].field())\t\(genes[edge.target].field())\t\(edge.probability)\t"
                    + "\(Float(effect(of: edge.source, on: edge.target)))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `perturbation dose gene probability location posterior` of every treatment of the fit and every gene, genes by
    /// falling |π m|. `probability` is π of the map, `location` m in the scale of the screen, `posterior` the
    /// probability after seeing the treatment's cells.
    public var targetTable: String {
        var lines = ["perturbation\tdose\tgene\tprobability\tlocation\tposterior"]
        for (k, context) in contexts.enumerated() {
            guard let targets = try? self.targets(ofMeasured: k) else { continue }
            for target in targets {
                lines.append(
                    "\(context.perturbation.field())\t\(context.dose.map { "\($0)" } ?? "")\t\(target.gene.field())\t"
                        + "\(Float(target.probability))\t\(Float(target.location))\t\(Float(target.posterior))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
