import AnnotatedData
import Foundation
import Matrices
import Probability
import Screens

/// A drug screen with known truth: genes in a chain g0 → g1 → …, each drug shifts one gene along a dose curve, and features
/// are a random rotation of what the drug does.
struct ChainScreen {
    static let genes = 6
    static let effect = 0.8
    static let noise = 0.6

    var screen: PerturbationScreen
    typealias Drug = (target: Int, size: Double, halfDose: Double)
    var drugs: [Drug]

    static func name(_ drug: Int) -> String { "drug\(drug)" }

    /// - Parameters:
    ///   - drugs: Measured ones and, behind them, those that are only described.
    ///   - pairs: Combinations that are measured, without dose curves.
    init(
        measured: Int = 14, unseen: Int = 0, doses: [Double?] = [0.5, 1, 2, 4], cells: Int = 40, controls: Int = 300,
        pairs: [(Int, Int)] = [], strata: [String] = [], strength: Double = 1, seed: UInt64 = 1
    ) {
        var random = RandomStream(seed: seed).stream("chain screen")
        let d = Self.genes
        let count = measured + unseen
        let drugs = (0..<count).map { drug -> Drug in
            (
                target: drug % d, size: strength * (drug / d % 2 == 0 ? 1 : -1) * random.uniform(2, 3.5),
                halfDose: exp(random.uniform(log(0.6), log(2.5)))
            )
        }
        var values: [Float] = []
        var contexts: [Context] = []
        var contextOfCell: [Int] = []
        var strataOfCell: [Int] = []
        func add(_ context: Context, _ pushes: [Double], _ n: Int, _ stratum: Int) {
            contexts.append(context)
            for _ in 0..<n {
                var last = 0.0
                for gene in 0..<d {
                    last = (gene == 0 ? 0 : Self.effect * last) + Self.noise * random.normal() + pushes[gene]
                    values.append(Float(2 + last + (gene == 2 ? Double(stratum) : 0)))
                }
                contextOfCell.append(contexts.count - 1)
                strataOfCell.append(stratum)
            }
        }
        func described(_ context: Context, _ stratum: Int) -> Context {
            var context = context
            if !strata.isEmpty { context.covariates = ["line": strata[stratum]] }
            return context
        }
        let nothing = [Double](repeating: 0, count: d)
        for stratum in 0..<max(1, strata.count) {
            add(described(Context(perturbation: "vehicle", isControl: true), stratum), nothing, controls, stratum)
            for drug in 0..<measured {
                for dose in doses {
                    let context = Context(perturbation: Self.name(drug), dose: dose)
                    add(described(context, stratum), Self.pushes(drugs, [drug], dose), cells, stratum)
                }
            }
            for pair in pairs {
                let context = Context(perturbation: "\(Self.name(pair.0))+\(Self.name(pair.1))")
                add(described(context, stratum), Self.pushes(drugs, [pair.0, pair.1], nil), cells, stratum)
            }
        }
        self.drugs = drugs
        screen = PerturbationScreen(
            genes: (0..<d).map { "g\($0)" },
            expression: Matrix(rows: contextOfCell.count, columns: d, values: values), scale: .log1p,
            contexts: contexts, contextOfCell: contextOfCell,
            controlStrata: strata.isEmpty ? nil : strataOfCell,
            combinations: Dictionary(
                uniqueKeysWithValues: pairs.map {
                    ("\(Self.name($0.0))+\(Self.name($0.1))", [Self.name($0.0), Self.name($0.1)])
                }))
        screen.features = features(&random)
    }

    private func features(_ random: inout RandomStream) -> FeatureTable {
        let (d, p) = (Self.genes, 12)
        let mixing = (0..<(d + 1) * p).map { _ in random.normal() }
        let rows = drugs.map { drug -> [Float] in
            (0..<p).map { feature in
                Float(
                    drug.size * mixing[drug.target * p + feature] + log(drug.halfDose) * mixing[d * p + feature]
                        + 0.05 * random.normal())
            }
        }
        return FeatureTable(
            perturbations: drugs.indices.map(Self.name), features: (0..<p).map { "f\($0)" },
            values: Matrix(rows: drugs.count, columns: p, values: rows.flatMap { $0 }))
    }

    private static func pushes(_ drugs: [Drug], _ members: [Int], _ dose: Double?) -> [Double] {
        var pushes = [Double](repeating: 0, count: genes)
        for member in members {
            let drug = drugs[member]
            pushes[drug.target] += drug.size * (dose.map { $0 / ($0 + drug.halfDose) } ?? 1)
        }
        return pushes
    }

    /// What the drugs do to the means, along the chain.
    func shift(_ members: [Int], _ dose: Double?) -> [Double] {
        var last = 0.0
        return Self.pushes(drugs, members, dose).map { push in
            last = Self.effect * last + push
            return last
        }
    }
}
