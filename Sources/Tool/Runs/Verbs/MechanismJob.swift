import AnnotatedData
import Formats
import Foundation
import Graphs
import Identification
import KernelMechanisms
import Matrices
import MechanismNetworks
import Mechanisms
import Networks
import Probability
import Reference

/// The verb `mechanisms`: what the mechanisms of a graph, read off cells at once, say of noise, new cells, interventions
/// and counterfactuals.
public struct MechanismJob {
    public enum Question: Sendable {
        case noise
        case generate(cells: Int)
        case intervene(cells: Int)
        case counterfactual
    }

    /// How mechanisms are had.
    public enum Method: String, Sendable, CaseIterable {
        /// Read off at once, by a pretrained network.
        case amortised
        /// A Gaussian process for each gene, by maximum evidence.
        case evidence
        /// Least squares.
        case linear
    }

    /// What `--json` prints.
    public struct Summary: Encodable, Sendable {
        let output: String
        let method: String
        let genes: [String]
        let edges: Int?
        let contextCells: Int
        let cells: Int
        let graphs: Int
        let interventions: [String: Double]

        public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }
    }

    public var method = Method.amortised
    /// Weights that ship, or a file.
    public var weights: String?
    /// `COLUMN=LABEL` of the cells that mechanisms are read from; nil for all.
    public var context: String?
    /// Graphs to draw from a table of probabilities; nil takes the graph as it is.
    public var graphSamples: Int?
    public var seed: UInt64 = 0
    private let input: String
    private let graph: String
    private let settings: [(gene: String, value: Float)]
    private let configuration: RunConfiguration
    private let console: Console

    /// - Parameter settings: `GENE=VALUE` of each gene that is set.
    public init(
        input: String, graph: String, settings: [String], configuration: RunConfiguration, console: Console
    ) throws(Failure) {
        var read: [(gene: String, value: Float)] = []
        for setting in settings {
            guard let sign = setting.lastIndex(of: "="), sign > setting.startIndex,
                let value = Float(setting[setting.index(after: sign)...]), value.isFinite
            else {
                throw Failure(
                    code: "USAGE", element: setting, message: "expected GENE=VALUE after --do, found something else",
                    remedy: "write it as in --do GATA1=2.5", exit: .wrongUsage)
            }
            read.append((String(setting[..<sign]), value))
        }
        (self.input, self.graph, self.settings) = (input, graph, read)
        (self.configuration, self.console) = (configuration, console)
    }

    /// Writes the answer: cells × genes of the graph; where graphs were drawn, their mean with the bounds of 90 % of them
    /// as the layers `lower` and `upper`.
    public func run(_ question: Question, to output: String, threads: Int) throws -> Summary {
        let target = try ConversionJob.Target(path: output)
        guard target == .h5ad || (target == .delimitedText && graphSamples == nil) else {
            throw Failure(
                code: "USAGE", file: output,
                message: "expected an output that can hold the answer, found another ending",
                remedy: "end the name in .h5ad, or without --graph-samples in .csv or .tsv", exit: .wrongUsage)
        }
        let model = try model()
        console.begin("mechanisms")
        let (answer, summary) = try reading(input) { try self.answer(question, model, output, threads: threads) }
        try OutputFile.whole(output) { scratch in
            if target == .h5ad {
                try writeH5AD(answer, to: scratch)
            } else {
                try writeDelimited(
                    AnnotatedSource(
                        format: .h5ad, layout: "dense", dtype: "float32", x: answer.x, annotation: answer),
                    to: scratch)
            }
        }
        console.end("\(counted(summary.cells, "cell", "cells")) × \(counted(summary.genes.count, "gene", "genes"))")
        return summary
    }

    private func model() throws -> any MechanismModel {
        switch method {
        case .evidence: return EvidenceKernelModel()
        case .linear: return LeastSquaresModel()
        case .amortised:
            let file = ReferenceFile.mechanisms(weights ?? "kernels").path ?? weights
            guard let file, FileManager.default.fileExists(atPath: file) else {
                throw Failure(
                    code: "NOT_FOUND", file: weights, message: "expected weights that ship or a file, found neither",
                    remedy: "interventome pretrain mechanisms -o FILE, or --method evidence", exit: .inputMissing)
            }
            return try reading(file) { () -> any MechanismModel in
                let tensors = try SafeTensors(file: file)
                if FixedPointCard.describes(tensors) { return try FixedPointModel(tensors, file: file) }
                return try AmortisedKernelModel(tensors, file: file)
            }
        }
    }

    private func answer(
        _ question: Question, _ model: any MechanismModel, _ output: String, threads: Int
    ) throws -> (AnnotatedMatrix, Summary) {
        let source = try openAnnotated(input, options: configuration.read)
        source.notices.forEach { console.note($0.message) }
        let all = source.annotation.genes.names
        let edges = try edges(among: all)
        let cells = try cells(of: source, columns: edges.columns)
        let names = edges.columns.map { all[$0] }
        let chosen = try contextRows(source.annotation.cells)
        let rows = chosen.map { cells.selectingRows($0) } ?? cells
        let stream = RandomStream(seed: seed).stream("mechanisms")

        let graph = graphSamples == nil ? try MechanismContext.graph(of: edges.named, names: names) : nil
        let set = try interventions(names)
        func answer(_ model: StructuralModel, _ stream: RandomStream) throws -> Matrix<Float> {
            switch question {
            case .noise: try model.noise(of: cells, workers: threads)
            case .counterfactual: try model.counterfactual(of: cells, interventions: set, workers: threads)
            case .generate(let count), .intervene(let count):
                try model.generated(rows: count, interventions: set, stream: stream)
            }
        }
        var layers: [String: CellMatrix] = [:]
        let values: Matrix<Float>
        if let graph {
            let context = try MechanismContext(values: rows, names: names, graph: graph)
            let mechanisms = try model.mechanisms(of: context, workers: threads)
            values = try answer(
                StructuralModel(context, mechanisms: mechanisms, workers: threads), stream.stream("answers"))
        } else {
            let ensemble = try StructuralEnsemble(
                values: rows, names: names, beliefs: edges.beliefs(names), graphs: graphSamples!, by: model,
                stream: stream, workers: threads)
            let band = try ensemble.band(answer)
            values = band.means
            layers = ["lower": .dense(band.lower), "upper": .dense(band.upper)]
        }
        var table = source.annotation.cells
        if values.rows != cells.rows || !question.isOfCells {
            table = AnnotationTable(names: (0..<values.rows).map { "cell\($0 + 1)" })
        }
        let result = AnnotatedMatrix(
            x: .dense(values), cells: table, genes: AnnotationTable(names: names), layers: layers)
        return (
            result,
            Summary(
                output: output, method: method.rawValue, genes: names, edges: graph?.edgeCount,
                contextCells: rows.rows, cells: values.rows, graphs: graphSamples ?? 1,
                interventions: Dictionary(settings.map { ($0.gene, Double($0.value)) }) { $1 })
        )
    }

    private func interventions(_ names: [String]) throws(MechanismError) -> [Int: Float] {
        var result: [Int: Float] = [:]
        for setting in settings {
            guard let place = names.firstIndex(of: setting.gene) else {
                throw MechanismError(
                    code: "UNKNOWN_NODE", element: setting.gene,
                    message: "expected a gene of the graph in --do, found another", remedy: "correct the name")
            }
            result[place] = setting.value
        }
        return result
    }
}

extension MechanismJob.Question {
    /// Whether it is asked of cells that were given.
    fileprivate var isOfCells: Bool {
        switch self {
        case .noise, .counterfactual: true
        case .generate, .intervene: false
        }
    }
}

// Reading.
extension MechanismJob {
    private struct GraphEdges {
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
    private func edges(among genes: [String]) throws -> GraphEdges {
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
                remedy: "choose one of \(cells.columns.map(\.name).joined(separator: ", "))", exit: .wrongUsage)
        }
        return labels.indices.filter { labels[$0] == parts[1] }
    }
}
