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
    /// A file of `mechanisms fit`, which takes the place of a graph, a context and a method.
    public var fitted: String?
    /// Graphs to draw from a table of probabilities; nil takes the graph as it is.
    public var graphSamples: Int?
    public var seed: UInt64 = 0
    let input: String
    /// Nil with `fitted`.
    let graph: String?
    private let settings: [(gene: String, value: Float)]
    let configuration: RunConfiguration
    let console: Console

    /// - Parameters:
    ///   - graph: A file; nil where `fitted` is set.
    ///   - settings: `GENE=VALUE` of each gene that is set.
    public init(
        input: String, graph: String?, settings: [String], configuration: RunConfiguration, console: Console
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
    /// as the layers `lower` and `upper`, and of each gene's mean over cells as the columns `mean`, `mean_lower` and
    /// `mean_upper` of genes.
    public func run(_ question: Question, to output: String, threads: Int) throws -> Summary {
        let target = try ConversionJob.Target(path: output)
        guard target == .h5ad || (target == .delimitedText && graphSamples == nil) else {
            throw Failure(
                code: "USAGE", file: output,
                message: "expected an output that can hold the answer, found another ending",
                remedy: "end the name in .h5ad, or without --graph-samples in .csv or .tsv", exit: .wrongUsage)
        }
        console.begin("mechanisms")
        let (answer, summary) = try reading(input) { try self.answer(question, output, threads: threads) }
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
        _ question: Question, _ output: String, threads: Int
    ) throws -> (AnnotatedMatrix, Summary) {
        let asked = try opened()
        let stream = RandomStream(seed: seed).stream("mechanisms")
        let set = try interventions(asked.names)
        func answer(_ model: StructuralModel, _ stream: RandomStream) throws -> Matrix<Float> {
            switch question {
            case .noise: try model.noise(of: asked.cells, workers: threads)
            case .counterfactual: try model.counterfactual(of: asked.cells, interventions: set, workers: threads)
            case .generate(let count), .intervene(let count):
                // All graphs answer with the same noise, whose mean they must not share an error of.
                try model.generated(
                    rows: count, interventions: set, evenly: graphSamples != nil, stream: stream)
            }
        }
        var layers: [String: CellMatrix] = [:]
        var genes = AnnotationTable(names: asked.names)
        let values: Matrix<Float>
        let single = try self.single(asked, threads: threads)
        if let single {
            values = try answer(single, stream.stream("answers"))
        } else {
            let answers = try StructuralEnsemble(
                values: asked.context, names: asked.names, beliefs: asked.edges!.beliefs(asked.names),
                graphs: graphSamples!, by: model(), stream: stream, workers: threads
            ).answers(answer)
            let band = StructuralEnsemble.Band(of: answers)
            values = band.means
            layers = ["lower": .dense(band.lower), "upper": .dense(band.upper)]
            // A gene's mean is surer than any of its cells.
            let means = StructuralEnsemble.Band(
                of: answers.map { Matrix(rows: 1, columns: $0.columns, values: $0.columnMeans().map { Float($0) }) })
            for (name, row) in [("mean", means.means), ("mean_lower", means.lower), ("mean_upper", means.upper)] {
                genes[name] = .floats(row.values.map { Double($0) })
            }
        }
        let result = AnnotatedMatrix(
            x: .dense(values),
            cells: question.isOfCells
                ? asked.source.annotation.cells : AnnotationTable(names: (0..<values.rows).map { "cell\($0 + 1)" }),
            genes: genes, layers: layers)
        return (
            result,
            Summary(
                output: output, method: fitted == nil ? method.rawValue : "fitted", genes: asked.names,
                edges: single?.context.graph.edgeCount,
                contextCells: single?.context.values.rows ?? asked.context.rows, cells: values.rows,
                graphs: graphSamples ?? 1,
                interventions: Dictionary(settings.map { ($0.gene, Double($0.value)) }) { $1 })
        )
    }

    /// The model of the graph as it is, or of the file of `mechanisms fit`; nil where graphs are to be drawn.
    private func single(_ asked: Asked, threads: Int) throws -> StructuralModel? {
        if let model = asked.fitted { return model }
        guard graphSamples == nil else { return nil }
        // What is wrong with the graph is said of its file.
        let graph = try reading(self.graph!) {
            let graph = try MechanismContext.graph(of: asked.edges!.named, names: asked.names)
            try MechanismContext.demandAcyclic(graph, names: asked.names)
            return graph
        }
        let context = try MechanismContext(values: asked.context, names: asked.names, graph: graph)
        return try StructuralModel(context, by: model(), workers: threads)
    }

    /// Reads the mechanisms off the cells and writes them, and beside them a table of how much of each gene its parents
    /// explain.
    public func fit(to output: String, threads: Int) throws -> Summary {
        console.begin("mechanisms")
        let (model, rows, table) = try reading(input) {
            let asked = try opened()
            let model = try single(asked, threads: threads)!
            guard !(model.mechanisms is EmbeddedMechanisms) else {
                throw Failure(
                    code: "USAGE", file: weights,
                    message:
                        "expected weights of the kernel reader, found those of a fixed-point network, of which no fit is kept",
                    remedy: "give them to noise, generate, intervene or counterfactual each time", exit: .wrongUsage)
            }
            return (model, asked.context, Self.table(of: model))
        }
        let tensors = try FittedMechanisms.tensors(of: model, rows: rows)
        try OutputFile.whole(output) { try tensors.write(to: $0) }
        try OutputFile.write(table, to: OutputFile.beside(output, "genes.tsv"))
        console.end(counted(model.context.names.count, "gene", "genes"))
        return Summary(
            output: output, method: method.rawValue, genes: model.context.names, edges: model.context.graph.edgeCount,
            contextCells: rows.rows, cells: 0, graphs: 1, interventions: [:])
    }

    /// `explained` is the share of a gene's variance that its parents explain in cells that the mechanism has not seen;
    /// `noise` the standard deviation of the rest, in the units of the data.
    private static func table(of model: StructuralModel) -> String {
        let context = model.context
        let lines = context.names.indices.map { node in
            let residuals = model.residuals[node].map { Double($0) }
            let left = (residuals.reduce(0) { $0 + $1 * $1 } / Double(max(1, residuals.count - 1))).squareRoot()
            let explained = context.graph.parents[node].isEmpty ? 0 : 1 - left * left
            return "\(context.names[node])\t\(context.graph.parents[node].count)\t\(Float(explained))\t"
                + "\(Float(left * context.deviations[node]))\n"
        }
        return "gene\tparents\texplained\tnoise\n" + lines.joined()
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
