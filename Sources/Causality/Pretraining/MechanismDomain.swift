import Simulators

/// One kind of worlds whose mechanisms are to be read.
public struct MechanismDomain: Codable, Sendable, Equatable {
    public var name: String
    /// Of the training worlds, relative to the other domains.
    public var share = 1.0
    public var graphs: [GraphChoice]
    public var mechanisms: [MechanismChoice]

    public init(name: String, share: Double, graphs: [GraphChoice], mechanisms: [MechanismChoice]) {
        (self.name, self.share, self.graphs, self.mechanisms) = (name, share, graphs, mechanisms)
    }

    func options(nodes: Int, rows: Int) -> CausalWorldOptions {
        var options = CausalWorldOptions()
        options.genes = nodes
        options.observationalCells = rows
        options.interventionalCells = 0
        options.graphs = graphs
        options.mechanisms = mechanisms
        return options
    }

    /// Throws where the shares or a domain's settings cannot be trained.
    static func validate(_ domains: [MechanismDomain], nodes: Int, rows: Int) throws(SimulationError) {
        try SimulationError.demand(
            domains.allSatisfy { $0.share >= 0 } && domains.contains { $0.share > 0 }, "domains.share",
            "shares of 0 or more, one above", domains.map(\.share))
        for domain in domains { try domain.options(nodes: nodes, rows: rows).validate() }
    }

    /// The first two are the training distribution of Mahajan et al. 2026 (appendix on data), linear and random Fourier
    /// functions. Wide ones have other ranges and heavier tails; those of genes are sums of Hill functions. Worlds over small-world and block graphs, on which the paper
    /// tests, are not among them.
    public static var standard: [MechanismDomain] {
        let graphs = CausalWorldOptions().graphs
        let noises: [NoiseFamily] = [.gaussian, .laplace]
        return [
            MechanismDomain(name: "linear", share: 2, graphs: graphs, mechanisms: [.linear(weights: [1...3])]),
            MechanismDomain(
                name: "random Fourier", share: 3, graphs: graphs,
                mechanisms: [.randomFourier(lengthScales: [7...10], outputScales: [10...20])]),
            MechanismDomain(
                name: "linear wide", share: 1, graphs: graphs,
                mechanisms: [.linear(weights: [0.25...4], noises: noises, noiseScales: [.constant(0.1...3)])]),
            MechanismDomain(
                name: "random Fourier wide", share: 2, graphs: graphs,
                mechanisms: [
                    .randomFourier(
                        lengthScales: [3...8, 5...14], outputScales: [3...12, 8...25], noises: noises,
                        noiseScales: [.constant(0.1...3), .constant(0.1...3), .heteroscedastic])
                ]),
            MechanismDomain(
                name: "genes", share: 2, graphs: graphs,
                mechanisms: [
                    .hill(
                        outputScales: [1...4, 3...10], exponents: [0.5...1.5, 1...4], noises: noises,
                        noiseScales: [.constant(0.1...1)])
                ]),
        ]
    }
}
