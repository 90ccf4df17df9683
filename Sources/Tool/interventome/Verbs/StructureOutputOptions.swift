import ArgumentParser
import Runs

/// What `structure` writes beside its table.
struct StructureOutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "All genes, and the edges that reach --threshold, for networkx, igraph or Cytoscape.", valueName: "file"))
    var graphml: String?

    @Option(help: ArgumentHelp("Least probability of the edges in --graphml (default: 0.5).", valueName: "p"))
    var threshold: Double?

    @Option(
        help: ArgumentHelp(
            "The acyclic decoding: edges above 0.5, kept or dropped, and the cycle that each one dropped closes.",
            valueName: "file.tsv"))
    var dag: String?

    @Option(help: ArgumentHelp("The acyclic decoding for Cytoscape: source, causes, target.", valueName: "file"))
    var sif: String?

    @Option(
        help: ArgumentHelp(
            "The cells as they were read, with the probabilities as varp/interventome_edges.", valueName: "file.h5ad"))
    var h5ad: String?

    @Option(
        help: ArgumentHelp("Draw n acyclic graphs from the probabilities, into EDGES.samples.tsv.", valueName: "n"))
    var samples: Int?

    func validate() throws {
        if let threshold {
            guard (0...1).contains(threshold) else {
                throw ValidationError("--threshold takes 0 to 1, not \(threshold)")
            }
            guard graphml != nil else { throw ValidationError("--threshold belongs to --graphml, which is missing") }
        }
        if let samples, !(1...100_000).contains(samples) {
            throw ValidationError("--samples takes 1 to 100000, not \(samples)")
        }
    }

    /// The options of files that are asked for.
    var named: [String] {
        [
            ("--graphml", graphml != nil), ("--dag", dag != nil), ("--sif", sif != nil), ("--h5ad", h5ad != nil),
            ("--samples", samples != nil),
        ].filter(\.1).map(\.0)
    }

    var outputs: StructureOutputs {
        StructureOutputs(
            graphML: graphml, threshold: threshold ?? 0.5, sif: sif, dag: dag, h5ad: h5ad, samples: samples)
    }
}
