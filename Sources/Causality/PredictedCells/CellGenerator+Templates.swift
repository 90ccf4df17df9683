import Foundation
import Matrices
import Screens

extension CellGenerator {
    /// Templates beyond these add little but time.
    static let mostTemplates = 16

    /// The treatments of the training that tell most of how distributions change under the one asked for.
    ///
    /// Doses of the same perturbation weigh by how near they are on the logarithm, other kinds of cells by how their controls
    /// resemble those of the cells asked for, parts of combinations half as much as the whole. All others weigh a tenth of
    /// these together (all, where there are none of these), each by the square of the cosine between its shift and the
    /// predicted one, none where it is negative.
    /// - Parameters:
    ///   - shift: predicted, of every gene.
    ///   - left: a context that is not used.
    public func templates(for context: Context, shift: [Double], leaving left: Int? = nil) -> [CellTemplate] {
        let own = controlMean(for: context)
        var related: [CellTemplate] = []
        var others: [CellTemplate] = []
        for (place, other) in contexts.enumerated() where place != left {
            let weight = relation(of: other, to: context)
            if weight > 0 {
                let isSame = other.covariates == context.covariates
                related.append(
                    CellTemplate(
                        context: place,
                        weight: isSame ? weight : weight * similarity(own, to: controlMean(shares(at: place))))
                )
            } else {
                let likeness = cosine(shift, place)
                if likeness > 0 { others.append(CellTemplate(context: place, weight: likeness * likeness)) }
            }
        }
        related = Self.heaviest(related)
        others = Array(Self.heaviest(others).prefix(Self.mostTemplates - related.count))
        let sums = (
            related: related.reduce(0) { $0 + $1.weight }, others: others.reduce(0) { $0 + $1.weight }
        )
        guard sums.related > 0, sums.others > 0 else { return sums.related > 0 ? related : others }
        let scale = 0.1 * sums.related / sums.others
        return related + others.map { CellTemplate(context: $0.context, weight: $0.weight * scale) }
    }

    private static func heaviest(_ templates: [CellTemplate]) -> [CellTemplate] {
        Array(
            templates.sorted { $0.weight == $1.weight ? $0.context < $1.context : $0.weight > $1.weight }
                .prefix(mostTemplates))
    }

    /// 1 for the same perturbation and dose, less at other doses and for parts of combinations, 0 for others.
    private func relation(of other: Context, to context: Context) -> Double {
        let nearness: Double
        if let dose = context.dose, let otherDose = other.dose, context.level == nil {
            let steps = log(max(otherDose, 1e-12) / max(dose, 1e-12)) / log(10)
            nearness = exp(-0.5 * steps * steps)
        } else {
            nearness = context.level == other.level ? 1 : 0.5
        }
        if other.perturbation == context.perturbation { return nearness }
        let parts = Set(combinations[context.perturbation] ?? [context.perturbation])
        return parts.isDisjoint(with: combinations[other.perturbation] ?? [other.perturbation]) ? 0 : 0.5 * nearness
    }

    /// exp(−50 (1 − r)) with r the correlation of mean controls over genes, as the baseline of similar cells weighs them.
    private func similarity(_ own: [Double], to other: [Double]) -> Double {
        let r = pearsonCorrelation(own, other)
        return exp(-50 * (1 - (r.isNaN ? 0 : r)))
    }

    private func cosine(_ shift: [Double], _ context: Int) -> Double {
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for gene in 0..<genes {
            let other = Double(shifts[context, gene])
            ab += shift[gene] * other
            aa += shift[gene] * shift[gene]
            bb += other * other
        }
        return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : 0
    }
}
