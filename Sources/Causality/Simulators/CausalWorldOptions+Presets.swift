/// A published distribution of worlds, by name.
public enum WorldPreset: String, Sendable, CaseIterable {
    /// The training distribution LINEAR.
    case linear
    /// LINEAR with graphs that training has not seen.
    case linearGraphs = "linear-graphs"
    /// The same with weights that training has not seen.
    case linearFunctions = "linear-functions"
    /// The same with noise and interventions that training has not seen: LINEAR, out of distribution.
    case linearOut = "linear-ood"
    /// The training distribution RFF.
    case randomFourier = "rff"
    case randomFourierGraphs = "rff-graphs"
    case randomFourierFunctions = "rff-functions"
    case randomFourierOut = "rff-ood"
    /// The training distribution of the package's model for general use.
    case broad = "scm-v0"
}

extension CausalWorldOptions {
    /// Source: Lorch et al. 2022, table of ranges in the appendix; `scm-v0`: configuration of that name in the package
    /// `avici` 1.0.7. 600 observational and 200 interventional cells of 30 genes.
    public static func preset(_ preset: WorldPreset) -> CausalWorldOptions {
        var options = CausalWorldOptions()
        options.genes = 30
        options.observationalCells = 600
        options.interventionalCells = 200

        let unseen: [NoiseFamily] = [.laplace, .cauchy]
        switch preset {
        case .linear, .linearGraphs:
            options.mechanisms = [.linear(weights: [1...3])]
        case .linearFunctions:
            options.mechanisms = [.linear(weights: [0.5...2, 2...4])]
        case .linearOut:
            options.mechanisms = [.linear(weights: [0.5...2, 2...4], noises: unseen, noiseScales: [.heteroscedastic])]
        case .randomFourier, .randomFourierGraphs:
            options.mechanisms = [.randomFourier(lengthScales: [7...10], outputScales: [10...20])]
        case .randomFourierFunctions:
            options.mechanisms = [.randomFourier(lengthScales: [5...8, 8...12], outputScales: [8...12, 18...22])]
        case .randomFourierOut:
            options.mechanisms = [
                .randomFourier(
                    lengthScales: [5...8, 8...12], outputScales: [8...12, 18...22], noises: unseen,
                    noiseScales: [.heteroscedastic])
            ]
        case .broad:
            let noises: [NoiseFamily] = [.gaussian, .gaussian, .gaussian, .laplace, .laplace, .cauchy]
            options.mechanisms = [
                .linear(
                    weights: [0.25...2, 2...4, 0.25...4], noises: noises,
                    noiseScales: [.constant(0.2...2), .heteroscedastic]),
                // Twice, as in the package, where both entries of this family are heteroscedastic.
                .randomFourier(
                    lengthScales: [5...8, 8...12, 5...12], outputScales: [8...15, 15...22, 8...22], noises: noises,
                    noiseScales: [.heteroscedastic, .heteroscedastic]),
            ]
        }

        switch preset {
        case .linear, .randomFourier: break
        case .linearGraphs, .linearFunctions, .linearOut, .randomFourierGraphs, .randomFourierFunctions,
            .randomFourierOut:
            options.graphs = [
                .scaleFree(edgesPerNode: [2], powers: [0.5, 1.5], transposed: true),
                .wattsStrogatz(dimensions: [2, 3], reaches: [1], rewirings: [0.3]),
                .stochasticBlock(edgesPerNode: [2], blocks: [5, 10], dampings: [0.1]), .geometric(radii: [0.1]),
            ]
        case .broad:
            let powers = [0.7, 1, 1.2, 1.5]
            options.graphs = [
                .erdosRenyi(edgesPerNode: [1, 2, 3]), .scaleFree(edgesPerNode: [1, 2, 3], powers: powers),
                .scaleFree(edgesPerNode: [1, 2, 3], powers: powers, transposed: true),
                .wattsStrogatz(dimensions: [2, 3], reaches: [1, 2], rewirings: [0.2, 0.4]),
                .stochasticBlock(edgesPerNode: [1, 2, 3], blocks: [2, 5, 10], dampings: [0.1]),
                .geometric(radii: [0.08, 0.1, 0.15]),
            ]
        }

        switch preset {
        case .linearOut, .randomFourierOut:
            // 15 of 30 genes, 50 of 100.
            options.targets = [.percent(50)]
            options.interventionValues = [1...5]
        case .broad:
            options.targets = [.percent(50), .all]
            options.interventionValues = [1...5]
        default: break
        }
        return options
    }
}
