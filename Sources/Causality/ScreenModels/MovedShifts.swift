import AnnotatedData
import Foundation
import Interventions
import ShiftProcesses

/// Which measured mean shifts differ from none by a plain test, whatever any model says: what claims rest on.
///
/// A z test of each treatment and gene against the controls, with the sampling error of both means and the noise between
/// contexts, and the false discovery rate over all of them kept at 5 % (Benjamini & Hochberg 1995).
struct MovedShifts: Sendable {
    static let rate = 0.05
    /// Treatments × genes that could have moved.
    let tested: Int
    /// Of each treatment, in the order of the table: genes that moved, the surest first.
    let genes: [[Int]]

    /// - Parameter contextNoise: Variance between contexts over that of cells.
    init(_ table: ShiftTable, contextNoise: Double) {
        let (n, d) = (table.contexts.count, table.genes)
        // A gene that is the same everywhere says nothing, and is none of those tested.
        let varying = (0..<d).filter { gene in (0..<n).contains { table.shifts[$0, gene] != 0 } }
        var found: [(treatment: Int, gene: Int, z: Double)] = []
        for treatment in 0..<n {
            for gene in varying {
                let variance =
                    table.samplingVariance(treatment: treatment, gene: gene) + contextNoise * table.variances[gene]
                found.append((treatment, gene, abs(table.shifts[treatment, gene]) / variance.squareRoot()))
            }
        }
        found.sort { ($0.z, $1.treatment, $1.gene) > ($1.z, $0.treatment, $0.gene) }
        tested = found.count
        let count = Double(found.count)
        let last = found.indices.last { place in
            erfc(found[place].z / 2.0.squareRoot()) <= Self.rate * Double(place + 1) / count
        }
        var genes = [[Int]](repeating: [], count: n)
        for one in found.prefix(last.map { $0 + 1 } ?? 0) { genes[one.treatment].append(one.gene) }
        self.genes = genes
    }

    var count: Int { genes.reduce(0) { $0 + $1.count } }

    var diagnostic: FitDiagnostic {
        FitDiagnostic(
            name: "mean shifts beyond noise", value: Double(count),
            note:
                "of \(tested) of a treatment and a gene, by a plain test against the controls at a false discovery rate of "
                + "\(Int(100 * Self.rate)) %; \(genes.count { !$0.isEmpty }) of \(genes.count) treatments move anything"
        )
    }

    /// What a reader must know before believing any claim.
    func notices(_ model: ScreenModel) -> [Notice] {
        guard tested > 0 else { return [] }
        var notices: [Notice] = []
        let movers = genes.indices.filter { !genes[$0].isEmpty }
        if movers.isEmpty {
            notices.append(
                Notice(
                    code: "NO_EVIDENCE",
                    message:
                        "no evidence of any effect: none of \(tested) mean shifts differs from the controls at a false "
                        + "discovery rate of 5 %; what is predicted is no change, give or take the intervals"))
        } else if 4 * movers.count <= genes.count {
            let names = movers.sorted { (genes[$1].count, $0) < (genes[$0].count, $1) }.prefix(3).map { place in
                "\(model.contexts[place].perturbation) (\(Self.list(genes[place].map { model.genes[$0] })))"
            }
            notices.append(
                Notice(
                    code: "EVIDENCE_OF_FEW",
                    message: "there is evidence of effects of \(movers.count) of \(genes.count) treatments only: "
                        + names.joined(separator: ", ") + (movers.count > 3 ? " and \(movers.count - 3) more" : "")
                        + "; of all others the cells show none"))
        }
        let unborne = claimsWithoutShift(model)
        if !unborne.isEmpty {
            notices.append(
                Notice(
                    code: "CLAIMS_WITHOUT_SHIFT",
                    message: "targets told from regulators and not from a shift of their own mean that stands out: "
                        + Self.list(unborne) + "; take them as suggestions"))
        }
        return notices
    }

    /// Targets that the model has found, more probable than not, whose own mean moves in no treatment.
    private func claimsWithoutShift(_ model: ScreenModel) -> [String] {
        let d = model.genes.count
        return model.parts.indices.flatMap { part -> [String] in
            let name = model.parts[part]
            guard model.knownTargets[name] == nil else { return [] }
            let own = model.contexts.indices.filter {
                model.partNames(of: PerturbationQuery(model.contexts[$0])).contains(name)
            }
            let moved = Set(own.flatMap { genes[$0] })
            return (0..<d).filter { model.targetProbabilities[part * d + $0] >= 0.5 && !moved.contains($0) }
                .map { "\(model.genes[$0]) of \(name)" }
        }
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
}
