import AnnotatedData
import Graphs

/// Graphs of genes in the formats that other programs open.
enum GraphFiles {
    /// GraphML (Brandes et al. 2002) for networkx, igraph and Cytoscape: every gene, and the edges whose probability
    /// reaches a threshold, each with `probability` and with `acyclic`, whether it is an edge of the decoding.
    ///
    /// - Returns: The text, and how many edges are in it.
    static func graphML(
        _ beliefs: EdgeBeliefs, decoding: AcyclicDecoding, threshold: Double
    ) -> (text: String, edgeCount: Int) {
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#, #"<graphml xmlns="http://graphml.graphdrawing.org/xmlns">"#,
            #"  <key id="name" for="node" attr.name="name" attr.type="string"/>"#,
            #"  <key id="probability" for="edge" attr.name="probability" attr.type="double"/>"#,
            #"  <key id="acyclic" for="edge" attr.name="acyclic" attr.type="boolean"/>"#,
            #"  <graph edgedefault="directed">"#,
        ]
        let names = beliefs.genes.map(escaped)
        lines += names.map { #"    <node id="\#($0)"><data key="name">\#($0)</data></node>"# }
        let isKept = decoding.graph.adjacency
        let edges = beliefs.ranked.prefix { Double($0.probability) >= threshold }
        lines += edges.map { edge in
            let place = edge.source * names.count + edge.target
            return #"    <edge source="\#(names[edge.source])" target="\#(names[edge.target])">"#
                + #"<data key="probability">\#(edge.probability)</data>"#
                + #"<data key="acyclic">\#(isKept[place])</data></edge>"#
        }
        lines += ["  </graph>", "</graphml>"]
        return (lines.joined(separator: "\n") + "\n", edges.count)
    }

    /// Cytoscape's simple interaction format: `source causes target`, and genes without an edge alone on a line. It knows
    /// no quotes, so that tabs and line breaks within names become spaces.
    static func sif(_ graph: DirectedGraph, genes: [String]) -> String {
        let names = genes.map { name in String(name.map { $0 == "\t" || $0.isNewline ? " " : $0 }) }
        let isolated = names.indices.filter { graph.parents[$0].isEmpty && graph.children[$0].isEmpty }
        let lines =
            graph.edges.map { "\(names[$0.source])\tcauses\t\(names[$0.target])" } + isolated.map { names[$0] }
        return lines.map { $0 + "\n" }.joined()
    }

    /// `source target probability decision cycle`: the edges above one half by falling probability, `kept` or `dropped`,
    /// these with the cycle that they close among those kept: `A -> B -> A`.
    static func decisions(_ decoding: AcyclicDecoding, beliefs: EdgeBeliefs) -> String {
        let genes = beliefs.genes
        let cycles = Dictionary(uniqueKeysWithValues: decoding.dropped.map { ($0.edge, $0.cycle) })
        let rows = beliefs.ranked.prefix { $0.probability > 0.5 }.map { edge in
            let cycle = cycles[Edge(edge.source, edge.target)]
            return [
                genes[edge.source].field(), genes[edge.target].field(), "\(edge.probability)",
                cycle == nil ? "kept" : "dropped",
                cycle.map { $0.map { genes[$0] }.joined(separator: " -> ").field() } ?? "",
            ].joined(separator: "\t")
        }
        return (["source\ttarget\tprobability\tdecision\tcycle"] + rows).joined(separator: "\n") + "\n"
    }

    /// As a value of XML: characters that it forbids become U+FFFD, and white space that it would change is numbered.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n", "\r": result += "&#\(scalar.value);"
            default:
                let isForbidden = scalar.value < 0x20 || scalar.value & 0xFFFE == 0xFFFE
                result.unicodeScalars.append(isForbidden ? "\u{FFFD}" : scalar)
            }
        }
    }
}
