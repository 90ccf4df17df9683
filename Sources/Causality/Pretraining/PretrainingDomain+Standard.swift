import Simulators

extension PretrainingDomain {
    /// What the shipped weights are trained on: linear mechanisms, random Fourier functions and gene regulation, about a
    /// third each, and some worlds in which there is nothing to find.
    ///
    /// Of each third a part has the published training ranges and the rest wider ones: graphs of six families, light and
    /// heavy tails, noise that depends on the parents, shifts instead of hard interventions, labels without an effect,
    /// counting; for gene regulation other kinetics, technologies, numbers of cell types and knock-downs. The wider ranges
    /// hold part of the values that Lorch et al. 2022 test with out of distribution, none of their real networks.
    public static let standard: [PretrainingDomain] =
        smooth + wide + regulation + withoutFindings + later

    /// The published training ranges of linear and random Fourier worlds.
    private static var smooth: [PretrainingDomain] {
        [("linear", .linear), ("random Fourier", .randomFourier)].flatMap { (name: String, preset: WorldPreset) in
            [
                PretrainingDomain(name: name, share: 0.045, worlds: .preset(preset), isInterventional: false),
                PretrainingDomain(
                    name: "\(name), interventional", share: 0.055, worlds: .preset(preset), isInterventional: true),
            ]
        }
    }

    private static let noises: [NoiseFamily] = [.gaussian, .gaussian, .gaussian, .laplace, .laplace, .cauchy]
    private static let noiseScales: [NoiseScaleChoice] = [.constant(0.2...2), .heteroscedastic]
    private static let linear = MechanismChoice.linear(
        weights: [0.25...2, 2...4, 0.25...4], noises: noises, noiseScales: noiseScales)
    private static let randomFourier = MechanismChoice.randomFourier(
        lengthScales: [5...8, 8...12, 5...12], outputScales: [8...15, 15...22, 8...22], noises: noises,
        noiseScales: noiseScales)
    /// Labels without effect, in worlds that may have them: in half of the worlds none.
    private static let doubtful = [0, 0, 0.1, 0.3]
    /// As often linear as not: choices count by their combinations.
    private static let either = [linear, linear, linear, randomFourier]

    /// Wider ranges of structural causal models, with all six families of graphs about as often.
    private static func wide(_ mechanisms: [MechanismChoice], _ interventions: InterventionKind = .hard)
        -> CausalWorldOptions
    {
        let powers = [0.7, 1, 1.2, 1.5]
        var worlds = CausalWorldOptions()
        worlds.graphs =
            Array(repeating: .erdosRenyi(edgesPerNode: [0.5, 1, 2, 3]), count: 3) + [
                .scaleFree(edgesPerNode: [1, 2, 3], powers: powers),
                .scaleFree(edgesPerNode: [1, 2, 3], powers: powers, transposed: true),
                .wattsStrogatz(dimensions: [2, 3], reaches: [1, 1, 2], rewirings: [0.2, 0.4]),
                .stochasticBlock(edgesPerNode: [0.5, 1, 2, 3], blocks: [2, 5, 10], dampings: [0.1]),
            ] + Array(repeating: .geometric(radii: [0.08, 0.1, 0.15]), count: 4)
        worlds.mechanisms = mechanisms
        worlds.interventions = interventions
        worlds.targets = [.percent(20), .percent(50), .all]
        worlds.interventionValues = [1...5]
        return worlds
    }

    private static var wide: [PretrainingDomain] {
        [("linear", linear), ("random Fourier", randomFourier)].flatMap { (name: String, mechanism: MechanismChoice) in
            [
                PretrainingDomain(
                    name: "wide \(name)", share: 0.06, worlds: wide([mechanism]), isInterventional: false),
                PretrainingDomain(
                    name: "wide \(name), interventional", share: 0.07, worlds: wide([mechanism]),
                    isInterventional: true),
            ]
        } + [
            PretrainingDomain(
                name: "shifts, some without effect", share: 0.07, worlds: wide(either, .shift), isInterventional: true,
                ineffectiveShares: doubtful),
            PretrainingDomain(
                name: "counted", share: 0.04, worlds: wide(either), isInterventional: false, isCounted: true),
            PretrainingDomain(
                name: "counted, interventional", share: 0.04, worlds: wide(either), isInterventional: true,
                isCounted: true, ineffectiveShares: doubtful),
        ]
    }

    /// The published training ranges of gene regulation, wider ones, and expression that nobody sequenced.
    private static var regulation: [PretrainingDomain] {
        let published = GeneRegulationOptions.preset(.train)
        var wide = published
        wide.graphs =
            Array(repeating: .erdosRenyi(edgesPerNode: [0.5, 1, 2, 3]), count: 3) + [
                .scaleFree(edgesPerNode: [1, 2, 3], powers: [0.5, 0.8, 1, 1.2, 1.5], transposed: true),
                .scaleFree(edgesPerNode: [1, 2, 3], powers: [1]),
                .stochasticBlock(edgesPerNode: [1, 2, 3], blocks: [2, 5, 10], dampings: [0.1]),
            ]
        wide.cellTypes = [1, 2, 5, 7, 10]
        wide.basalRates = [1...3, 0.5...4]
        wide.strengths = [1...5, 1...7]
        wide.activationShares = [BetaShape(1, 1), BetaShape(0.5, 0.5), BetaShape(0.25, 0.25)]
        wide.hillCoefficients = [1.5, 1.75, 2, 2.25, 2.5]
        wide.decays = [0.5, 0.7, 0.9, 1.1, 1.3, 1.5]
        wide.noiseScales = [0.5, 0.75, 1, 1.25, 1.5]
        wide.technologies = [.tenXChromium, .tenXChromium, .illumina, .dropSeq, .smartSeq]
        wide.targets = [.percent(20), .percent(50), .all, .all]
        wide.remainingProductions = [0, 0, 0.2, 0.5]
        var clean = wide
        clean.technologies = [.none]
        return [
            PretrainingDomain(
                name: "gene regulation", share: 0.045, geneRegulation: published, isInterventional: false),
            PretrainingDomain(
                name: "gene regulation, knock-outs", share: 0.075, geneRegulation: published, isInterventional: true),
            PretrainingDomain(
                name: "wide gene regulation", share: 0.055, geneRegulation: wide, isInterventional: false),
            PretrainingDomain(
                name: "wide gene regulation, interventional", share: 0.09, geneRegulation: wide,
                isInterventional: true, ineffectiveShares: doubtful),
            PretrainingDomain(
                name: "unsequenced gene regulation", share: 0.02, geneRegulation: clean, isInterventional: false),
            PretrainingDomain(
                name: "unsequenced gene regulation, interventional", share: 0.02, geneRegulation: clean,
                isInterventional: true),
        ]
    }

    private static var withoutFindings: [PretrainingDomain] {
        var empty = wide(either)
        empty.graphs = [.erdosRenyi(edgesPerNode: [0])]
        var idle = GeneRegulationOptions.preset(.train)
        idle.graphs = empty.graphs
        idle.technologies = [.tenXChromium, .illumina, .dropSeq, .smartSeq]
        // Labels with and without an effect on their own genes, but none on others.
        let labels = [0, 0.3, 1]
        return [
            PretrainingDomain(name: "no edges", share: 0.01, worlds: empty, isInterventional: false),
            PretrainingDomain(
                name: "no edges, interventional", share: 0.015, worlds: empty, isInterventional: true,
                ineffectiveShares: labels),
            PretrainingDomain(
                name: "no edges, counted", share: 0.01, worlds: empty, isInterventional: true, isCounted: true,
                ineffectiveShares: labels),
            PretrainingDomain(
                name: "no regulation", share: 0.01, geneRegulation: idle, isInterventional: true,
                ineffectiveShares: labels),
            PretrainingDomain(
                name: "permuted", share: 0.01, worlds: wide(either), isInterventional: false, isPermuted: true),
            PretrainingDomain(
                name: "permuted, interventional", share: 0.01, worlds: wide(either), isInterventional: true,
                isPermuted: true),
            PretrainingDomain(
                name: "permuted gene regulation", share: 0.005, geneRegulation: .preset(.train),
                isInterventional: true, isPermuted: true),
            PretrainingDomain(
                name: "duplicated genes", share: 0.015, worlds: wide(either), isInterventional: true,
                duplicatedShare: 0.2),
        ]
    }

    /// What joins once the rest is known: inhibitors of proteins, which their own amount does not show, and panels that leave
    /// genes out.
    private static var later: [PretrainingDomain] {
        [
            PretrainingDomain(
                name: "activity, some without effect", share: 0.06, worlds: wide(either, .activity),
                isInterventional: true, ineffectiveShares: doubtful, fromStep: 60_000),
            PretrainingDomain(
                name: "hidden genes", share: 0.05, worlds: wide(either), isInterventional: false, hiddenShare: 0.3,
                fromStep: 60_000),
            PretrainingDomain(
                name: "hidden genes, interventional", share: 0.07, worlds: wide(either, .shift),
                isInterventional: true, ineffectiveShares: doubtful, hiddenShare: 0.3, fromStep: 60_000),
        ]
    }
}
