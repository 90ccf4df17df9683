import AnnotatedData
import Formats
import Graphs
import Identification
import KernelMechanisms
import Matrices
import Mechanisms

// Reading.
extension MechanismJob {
    /// What a question is asked of.
    struct Asked {
        let source: AnnotatedSource
        let names: [String]
        /// All cells, in the units of the data, with the genes of the graph.
        let cells: Matrix<Float>
        /// Those that mechanisms are read from; none where they were read before.
        let context: Matrix<Float>
        let edges: GraphEdges?
        let fitted: StructuralModel?
    }

    func opened() throws -> Asked {
        let source = try openAnnotated(input, options: configuration.read)
        source.notices.forEach { console.note($0.message) }
        let genes = source.annotation.genes.names
        if let fitted {
            let model = try reading(fitted) { try FittedMechanisms(file: fitted, workers: 1).model }
            let places = Dictionary(zip(genes, genes.indices)) { first, _ in first }
            let columns = try model.context.names.map { name in
                guard let place = places[name] else {
                    throw MechanismError(
                        code: "GRAPH_MISMATCH", element: name,
                        message: "expected the genes of the mechanisms in the data, found one missing",
                        remedy: "give cells with the genes that mechanisms were fitted to")
                }
                return place
            }
            return Asked(
                source: source, names: model.context.names, cells: try cells(of: source, columns: columns),
                context: Matrix(rows: 0, columns: columns.count), edges: nil, fitted: model)
        }
        let edges = try edges(of: graph!, among: genes)
        let cells = try cells(of: source, columns: edges.columns)
        let chosen = try contextRows(source.annotation.cells)
        return Asked(
            source: source, names: edges.columns.map { genes[$0] }, cells: cells,
            context: chosen.map { cells.selectingRows($0) } ?? cells, edges: edges, fitted: nil)
    }

    struct GraphEdges {
        /// The places of the graph's genes among the data's, rising.
        let columns: [Int]
        let named: [(source: String, target: String)]
        let probabilities: [Double]

        func beliefs(_ names: [String]) -> EdgeBeliefs {
            let places = Dictionary(zip(names, names.indices)) { first, _ in first }
            var values = [Float](repeating: 0, count: names.count * names.count)
            for (edge, probability) in zip(named, probabilities) where edge.source != edge.target {
                values[places[edge.source]! * names.count + places[edge.target]!] = Float(probability)
            }
            return EdgeBeliefs(genes: names, probabilities: values)
        }
    }

    /// The graph's edges; with `--graph-samples` those of a table with their probabilities.
    private func edges(of graph: String, among genes: [String]) throws -> GraphEdges {
        try reading(graph) {
            var nodes: Set<String> = []
            var named: [(source: String, target: String)] = []
            var probabilities: [Double] = []
            if graphSamples != nil {
                for edge in try EdgeTable.edges(graph) {
                    guard (0...1).contains(edge.probability) else {
                        throw Failure(
                            code: "CSV_VALUE", file: graph, element: "\(edge.source) → \(edge.target)",
                            message: "expected a probability from 0 to 1, found \(edge.probability)",
                            remedy: "correct the column probability", exit: .badData)
                    }
                    named.append((edge.source, edge.target))
                    probabilities.append(edge.probability)
                }
            } else {
                let description = try GraphText.read(try IdentificationJob.text(graph))
                guard description.bidirected.isEmpty, description.latent.isEmpty else {
                    throw Failure(
                        code: "UNMEASURED_CAUSES", file: graph,
                        message: "expected a graph without causes that are not measured, found some",
                        remedy: "see whether `identify` finds the effect; mechanisms need all causes", exit: .badData)
                }
                nodes = Set(description.nodes)
                named = description.directed.map { ($0.first, $0.second) }
            }
            for edge in named { nodes.formUnion([edge.source, edge.target]) }
            let known = Set(genes)
            if let stranger = nodes.subtracting(known).min() {
                throw MechanismError(
                    code: "GRAPH_MISMATCH", element: stranger,
                    message: "expected genes of the data, found another in the graph",
                    remedy: "give the graph the names of the data's genes")
            }
            return GraphEdges(
                columns: genes.indices.filter { nodes.contains(genes[$0]) }, named: named, probabilities: probabilities)
        }
    }

    /// All cells, and of their genes those of the graph.
    private func cells(of source: AnnotatedSource, columns: [Int]) throws -> Matrix<Float> {
        guard let x = source.x else {
            throw Failure(
                code: "MISSING_ELEMENT", file: input, element: "/X", message: "expected a matrix, found none",
                remedy: "give a file with values", exit: .badData)
        }
        var values: [Float] = []
        try x.forEachBlock { values += $0.matrix.dense.selectingColumns(columns).values }
        return Matrix(rows: x.rows, columns: columns.count, values: values)
    }

    /// The cells of `--context`; nil for all.
    private func contextRows(_ cells: AnnotationTable) throws(Failure) -> [Int]? {
        guard let context else { return nil }
        let parts = context.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let labels = cells[parts[0]]?.labels else {
            throw Failure(
                code: "USAGE", element: context,
                message: "expected COLUMN=LABEL of a column of cells after --context, found something else",
                remedy: cells.columns.isEmpty
                    ? "leave it out: these cells have no columns"
                    : "choose one of \(cells.columns.map(\.name).joined(separator: ", "))", exit: .wrongUsage)
        }
        return labels.indices.filter { labels[$0] == parts[1] }
    }
}
