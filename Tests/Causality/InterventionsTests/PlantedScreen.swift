import AnnotatedData
import Matrices
import Probability
import Screens

@testable import Interventions

/// A small drug screen with known truth: genes in a chain g0 → g1 → …, each drug shifts one gene by a Hill curve.
struct PlantedScreen {
    var screen: PerturbationScreen
    /// Target of each drug.
    var targets: [String: Int] = [:]
    /// Location at full effect of each drug.
    var locations: [String: Double] = [:]
    static let effect = 0.8

    /// Features are the signed targets, as a chemist's dream would have it.
    init(
        genes d: Int = 5, drugs: Int = 10, doses: [Double?] = [0.5, 2], cells: Int = 20, controls: Int = 60,
        hasFeatures: Bool = true, seed: UInt64 = 7
    ) {
        var random = RandomStream(seed: seed)
        var values: [Float] = []
        var contexts = [Context(perturbation: "vehicle", isControl: true)]
        var contextOfCell: [Int] = []
        func draw(target: Int?, push: Double) {
            var last = 0.0
            for j in 0..<d {
                last = (j == 0 ? 0 : Self.effect * last) + 0.6 * random.normal() + (j == target ? push : 0)
                values.append(Float(2 + last))
            }
        }
        for _ in 0..<controls {
            draw(target: nil, push: 0)
            contextOfCell.append(0)
        }
        var features: [Float] = []
        for drug in 0..<drugs {
            let name = "drug\(drug)"
            let location = (drug % 2 == 0 ? 1.0 : -1.0) * random.uniform(2, 4)
            targets[name] = drug % d
            locations[name] = location
            features += (0..<d).map { $0 == drug % d ? Float(location) : 0 }
            for dose in doses {
                contexts.append(Context(perturbation: name, dose: dose))
                let fraction = dose.map { $0 / (1 + $0) } ?? 1
                for _ in 0..<cells {
                    draw(target: drug % d, push: location * fraction)
                    contextOfCell.append(contexts.count - 1)
                }
            }
        }
        screen = PerturbationScreen(
            genes: (0..<d).map { "g\($0)" },
            expression: Matrix(rows: contextOfCell.count, columns: d, values: values), scale: .log1p,
            contexts: contexts, contextOfCell: contextOfCell,
            features: hasFeatures
                ? FeatureTable(
                    perturbations: (0..<drugs).map { "drug\($0)" }, features: (0..<d).map { "f\($0)" },
                    values: Matrix(rows: drugs, columns: d, values: features)) : nil)
    }

    /// Quick enough for a debug build, long enough to find the truth.
    static var quick: FitOptions {
        var options = FitOptions()
        options.ensembleSize = 2
        options.structureSteps = 400
        options.learningRate = 0.04
        options.refinementSteps = 200
        options.hiddenUnits = 4
        return options
    }
}
