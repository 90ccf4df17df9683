import AnnotatedData
import Formats
import Foundation
import Graphs

/// What `structure` writes beside its table, and where.
public struct StructureOutputs {
    public var graphML: String?
    /// Least probability of the edges in the GraphML.
    public var threshold: Double
    public var sif: String?
    public var dag: String?
    public var h5ad: String?
    /// Graphs to draw; nil draws none.
    public var samples: Int?

    public init(
        graphML: String? = nil, threshold: Double = 0.5, sif: String? = nil, dag: String? = nil,
        h5ad: String? = nil, samples: Int? = nil
    ) {
        self.graphML = graphML
        self.threshold = threshold
        self.sif = sif
        self.dag = dag
        self.h5ad = h5ad
        self.samples = samples
    }

    /// `EDGES.samples.tsv` for `EDGES.tsv`.
    static func sampleFile(beside table: String) -> String {
        (table.hasSuffix(".tsv") ? String(table.dropLast(".tsv".count)) : table) + ".samples.tsv"
    }

    /// Refuses every output that exists, unless `force`, or that has the name of another, or of the input.
    public func claim(beside table: String, of input: String, force: Bool) throws(Failure) {
        let files =
            [table]
            + [graphML, sif, dag, h5ad, samples.map { _ in Self.sampleFile(beside: table) }]
            .compactMap { $0 }
        let inputs = [Self.place(input), URL(fileURLWithPath: input).resolvingSymlinksInPath().path]
        var taken: Set<String> = []
        for file in files {
            guard !inputs.contains(Self.place(file)) else {
                throw Failure(
                    code: "USAGE", element: file, message: "expected another name than the input's, found the same",
                    remedy: "give the output a name of its own; --force does not replace the input", exit: .wrongUsage)
            }
            guard taken.insert(Self.place(file)).inserted else {
                throw Failure(
                    code: "USAGE", element: file, message: "expected a name for each output, found one for two of them",
                    remedy: "give them names of their own", exit: .wrongUsage)
            }
            try OutputFile.claim(file, force: force)
        }
    }

    /// Where a file of that name comes to stand: links to folders are followed, a link of that name is replaced.
    private static func place(_ file: String) -> String {
        let url = URL(fileURLWithPath: file).standardizedFileURL
        return url.deletingLastPathComponent().resolvingSymlinksInPath().appendingPathComponent(url.lastPathComponent)
            .path
    }

    /// Writes what is asked for.
    ///
    /// - Parameters:
    ///   - prepared: The cells as they were read, the genes those of the beliefs.
    ///   - provenance: What the beliefs are of, for `uns`.
    func write(
        _ beliefs: EdgeBeliefs, decoding: AcyclicDecoding, of prepared: PreparedScreen, provenance: [String: String],
        seed: UInt64, beside table: String, console: Console
    ) throws -> Summary {
        var summary = Summary(dag: dag, sif: sif, h5ad: h5ad)
        if let dag { try OutputFile.write(GraphFiles.decisions(decoding, beliefs: beliefs), to: dag) }
        if let sif { try OutputFile.write(GraphFiles.sif(decoding.graph, genes: beliefs.genes), to: sif) }
        if let graphML {
            let (text, count) = GraphFiles.graphML(beliefs, decoding: decoding, threshold: threshold)
            try OutputFile.write(text, to: graphML)
            summary.graphml = .init(file: graphML, threshold: threshold, edges: count)
            console.note("\(graphML) holds \(counted(count, "edge", "edges")) of probability \(threshold) or more.")
        }
        if let h5ad {
            let annotated = Self.annotated(
                prepared.result.data, beliefs: beliefs, decoding: decoding, provenance: provenance)
            try OutputFile.whole(h5ad) { try prepared.write(annotated, to: $0) }
        }
        if let samples {
            let file = Self.sampleFile(beside: table)
            let graphs = try SampledGraphs(of: beliefs, count: samples, seed: seed) { [console] in
                console.advance(to: $0)
            }
            try OutputFile.write(graphs.table, to: file)
            if graphs.unsettledEdges > 0 {
                console.note(
                    "Shares of graphs in \(file) are not settled for "
                        + "\(counted(graphs.unsettledEdges, "edge", "edges")): chains of graphs that set out apart differ by more than chance. Draw more graphs, or take probabilities from the "
                        + "table of edges.")
            }
            summary.samples = .init(file: file, count: samples, unsettledEdges: graphs.unsettledEdges)
        }
        return summary
    }

    /// The cells with `varp/interventome_edges` (row = source, column = target), `varp/interventome_acyclic` (1 for the
    /// edges of the decoding) and `uns/interventome`.
    private static func annotated(
        _ data: AnnotatedMatrix, beliefs: EdgeBeliefs, decoding: AcyclicDecoding, provenance: [String: String]
    ) -> AnnotatedMatrix {
        var data = data
        let shape = [beliefs.genes.count, beliefs.genes.count]
        data.genes.names = beliefs.genes
        data.geneGraphs["interventome_edges"] = .numbers(NumberArray(.floats(beliefs.probabilities), shape: shape))
        data.geneGraphs["interventome_acyclic"] = .numbers(
            NumberArray(.integers(decoding.graph.adjacency.map { $0 ? 1 : 0 }), shape: shape, type: .int8))
        let words = provenance.merging([
            "version": Build.version,
            "varp":
                "interventome_edges[i, j] is the probability that gene i causes gene j; interventome_acyclic[i, j] is 1 "
                + "where that edge is kept in the most probable acyclic graph",
        ]) { given, _ in given }
        data.unstructured["interventome"] = .dictionary(words.mapValues { .string($0) })
        return data
    }

    /// What `structure --json` says of these files.
    struct Summary: Encodable {
        var dag: String?
        var graphml: EdgeFile?
        var sif: String?
        var h5ad: String?
        var samples: SampleFile?

        struct EdgeFile: Encodable {
            let file: String
            let threshold: Double
            let edges: Int
        }

        struct SampleFile: Encodable {
            let file: String
            let count: Int
            let unsettledEdges: Int
        }
    }
}
