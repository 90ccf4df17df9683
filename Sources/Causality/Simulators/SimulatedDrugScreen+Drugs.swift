import Foundation
import Matrices
import Probability
import Screens

extension SimulatedDrugScreen {
    /// Classes first, then the drugs of each in turn, so that classes are as equal in number as can be. Drugs that share
    /// no targets are classes of one.
    static func drugs(
        _ genes: [String], _ options: DrugScreenOptions, _ stream: RandomStream
    ) -> [ScreenTruth.Drug] {
        let count = options.drugs + options.heldOutDrugs
        let classNames: [String?] =
            switch options.targetSharing {
            case .classes: WorldTruth.names(prefix: "class", count: max(1, options.classes))
            case .none: Array(repeating: nil, count: max(1, count))
            }
        let classes = classNames.indices.map { number in
            var own = stream.stream("class").stream(number)
            let range = options.targetsPerClass
            let count = min(genes.count, range.lowerBound + own.index(below: range.count))
            return own.choice(count, of: genes.count).sorted().map { gene in
                let size = own.uniform(options.maximumEffects.lowerBound, options.maximumEffects.upperBound)
                return ScreenTruth.Target(gene: genes[gene], maximumEffect: own.bernoulli(0.5) ? size : -size)
            }
        }
        return WorldTruth.names(prefix: "drug", count: count).enumerated().map { number, name in
            var own = stream.stream("drug").stream(number)
            let place = number % classes.count
            let targets = classes[place].map { target in
                ScreenTruth.Target(
                    gene: target.gene,
                    maximumEffect: target.maximumEffect
                        * (1 + own.uniform(-options.effectSpread, options.effectSpread)))
            }
            let range = options.halfMaximalDoses
            return ScreenTruth.Drug(
                name: name, drugClass: classNames[place], targets: targets,
                halfMaximalDose: exp(own.uniform(log(range.lowerBound), log(range.upperBound))),
                hillCoefficient: own.uniform(options.hillCoefficients.lowerBound, options.hillCoefficients.upperBound))
        }
    }

    /// tanh(W₁ z) with z = (2 E / the largest E of every causal gene, ln EC50, h), then W₂, then noise.
    static func features(
        _ truth: ScreenTruth, _ options: DrugScreenOptions, _ stream: RandomStream
    ) -> FeatureTable {
        let inputs = truth.causalGenes.count + 2
        let hidden = 2 * options.features
        var weights = stream.stream("embedding")
        let first = (0..<hidden * inputs).map { _ in weights.normal() * 0.5 }
        let second = (0..<options.features * hidden).map { _ in weights.normal() / Double(max(1, hidden)).squareRoot() }
        let largest = max(abs(options.maximumEffects.lowerBound), abs(options.maximumEffects.upperBound))
        let scale = largest > 0 ? 2 / largest : 0
        var values = Matrix<Float>(rows: truth.drugs.count, columns: options.features)
        for (row, drug) in truth.drugs.enumerated() {
            var noise = stream.stream("noise").stream(row)
            var input = truth.causalGenes.map { gene in
                scale * (drug.targets.first { $0.gene == gene }?.maximumEffect ?? 0)
            }
            input += [log(drug.halfMaximalDose), drug.hillCoefficient]
            let inner = (0..<hidden).map { unit in
                tanh(input.indices.reduce(0) { $0 + first[unit * inputs + $1] * input[$1] })
            }
            for feature in 0..<options.features {
                let value = inner.indices.reduce(0) { $0 + second[feature * hidden + $1] * inner[$1] }
                values[row, feature] = Float(value + options.featureNoise * noise.normal())
            }
        }
        return FeatureTable(
            perturbations: truth.drugs.map(\.name),
            features: WorldTruth.names(prefix: "feature", count: options.features), values: values)
    }
}
