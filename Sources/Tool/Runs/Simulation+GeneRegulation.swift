import AnnotatedData
import Formats
import Foundation
import Graphs
import Probability
import Simulators

extension Simulation {
    /// A published distribution of gene regulation.
    public typealias RegulationPreset = GeneRegulationPreset

    /// Cells of gene regulatory networks into a folder: counts and interventions (`data.h5ad`), and the truth (`truth.json`,
    /// `edges.tsv`); of several datasets each into a folder of its own below it.
    /// - Parameters:
    ///   - preset: The published distribution; without one, that of training.
    ///   - file: Lines `regulator target effect`, or `edges.tsv` of an earlier simulation, whose whole network takes the
    ///     place of drawn ones.
    ///   - configuration: A YAML file of `GeneRegulationOptions`, laid over the preset.
    ///   - settings: `key=value`, laid over both.
    ///   - datasets: How many; number k is the same whatever their number.
    public static func geneRegulation(
        preset: RegulationPreset? = nil, network file: String? = nil, configuration: String? = nil,
        settings: [String] = [], datasets: Int = 1, seed: UInt64, output: String
    ) throws -> Cost {
        var options = try merged(GeneRegulationOptions.preset(preset ?? .train), configuration, settings)
        let network = try file.map(wholeNetwork)
        if let network {
            options.genes = network.genes.count
            // Not drawn from, and so not looked for either.
            options.graphs = GeneRegulationOptions().graphs
        }
        let networks = try KnownNetworks.load(for: options.graphs)
        do {
            try options.validate(networks: networks)
        } catch {
            throw configuration.map { Failure(reporting: error).located(inConfiguration: $0) } ?? error
        }
        let stream = RandomStream(seed: seed).stream("simulation/grn")
        return try writing(datasets, to: output) { number in
            let own = stream.stream(number)
            let world = GeneRegulationWorld(
                options: options, networks: networks, network: network, stream: own.stream("world"))
            try world.validate()
            return world.sample(stream: own.stream("cells"))
        } write: { sample, folder in
            try writeH5AD(sample.annotated, to: folder.appending(file: "data.h5ad"))
            let truth = sample.truth
            try OutputFile.fill(folder.appending(file: truthFile), with: CanonicalJSON.encode(truth, pretty: true))
            try writeEdges(truth.edges, folder)
        }
    }

    /// A user's network, which must be free of cycles: nobody but the user knows which of its edges to leave out.
    private static func wholeNetwork(_ file: String) throws -> RegulatoryNetwork {
        let network = try KnownNetworks.read(file)
        let most = GeneRegulationOptions.mostGenes
        guard network.genes.count <= most else {
            throw Failure(
                code: "LIMIT", file: file, message: "expected at most \(most) genes, found \(network.genes.count)",
                remedy: "give a part of the network, or name the file in graphs, of which modules are drawn",
                exit: .badData)
        }
        if let gene = network.selfRegulators.first ?? network.graph.nodeOnCycle {
            throw Failure(
                code: "CYCLE", file: file, element: network.genes[gene],
                message: "expected a network without cycles, found a gene that regulates itself"
                    + (network.selfRegulators.isEmpty ? " through others" : ""),
                remedy: "leave out an edge of every cycle, or name the file in graphs, whose modules have none",
                exit: .badData)
        }
        return network
    }
}
