import Foundation
import Graphs
import KernelMechanisms
import Matrices
import Mechanisms
import Probability
import Reports
import Simulators
import Structure

/// How often intervals of interventional means hold the truth: with graphs drawn from beliefs, with the most probable graph
/// only, and with the true graph; functions are drawn each time.
struct IntervalTest {
    static let levels = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]

    enum Kind: String, CaseIterable {
        case linear, waves = "random Fourier"

        var mechanism: MechanismChoice {
            switch self {
            case .linear: .linear(weights: [1...3])
            case .waves: .randomFourier(lengthScales: [7...10], outputScales: [10...20])
            }
        }
    }

    enum Graphs: String, CaseIterable {
        case drawn = "graphs drawn"
        case probable = "most probable graph"
        case known = "true graph"
    }

    /// Held and all, by level, of genes that the intervention moves and of the others.
    struct Tally {
        private(set) var moved = [Int](repeating: 0, count: levels.count)
        private(set) var others = [Int](repeating: 0, count: levels.count)
        private(set) var counts = (moved: 0, others: 0)
        private(set) var widths = 0.0

        mutating func add(_ bands: [StructuralEnsemble.Band], truth: [Double], isMoved: [Bool], deviations: [Double]) {
            for gene in truth.indices {
                for (level, band) in bands.enumerated()
                where (Double(band.lower[0, gene])...Double(band.upper[0, gene])).contains(truth[gene]) {
                    if isMoved[gene] { moved[level] += 1 } else { others[level] += 1 }
                }
                if isMoved[gene] {
                    counts.moved += 1
                    let band = bands[levels.firstIndex(of: 0.9)!]
                    widths += Double(band.upper[0, gene] - band.lower[0, gene]) / deviations[gene]
                } else {
                    counts.others += 1
                }
            }
        }

        func coverage(_ level: Int) -> (moved: Double, others: Double) {
            (Double(moved[level]) / Double(max(1, counts.moved)), Double(others[level]) / Double(max(1, counts.others)))
        }

        /// Of intervals of 90 % of moved genes, in standard deviations.
        var width: Double { widths / Double(max(1, counts.moved)) }
    }

    let predictor: StructurePredictor
    let model: any MechanismModel
    let draws: Int

    private static let genes = 10
    /// Few, and none with interventions: graphs are far from sure.
    private static let untouched = 100
    private static let interventions = 3
    /// Cells whose mean is taken: the same noise in all models, spread evenly.
    private static let cells = 1000

    func tally(_ kind: Kind, world number: Int, into tallies: inout [Graphs: Tally]) throws {
        var options = CausalWorldOptions()
        options.genes = Self.genes
        options.graphs = [.erdosRenyi(edgesPerNode: [1, 2])]
        options.mechanisms = [kind.mechanism]
        options.observationalCells = Self.untouched
        options.interventionalCells = 0
        let stream = RandomStream(seed: 2026).stream("intervals").stream(kind.rawValue).stream(number)
        let world = CausalWorld(options: options, stream: stream)
        let sample = world.sample(stream: stream.stream("sample"))
        let names = sample.genes
        let beliefs = try predictor.predict(
            cells: InterventionalCells(genes: names, values: sample.values)
        ).beliefs
        let rows = sample.values
        let context = try MechanismContext(values: rows, names: names, graph: world.graph)
        let truth = StructuralModel(context, mechanisms: WorldTruths(world: world, context: context), workers: 1)
        let many = world.sample(observational: 20_000, interventional: 0, stream: stream.stream("truth")).values
        let noise = try truth.noise(of: many, workers: 1)
        var own = stream.stream("interventions")
        let set = own.choice(Self.interventions, of: Self.genes).map { node in
            let bounds = quantiles(of: rows.column(node), at: [0.1, 0.9])
            return (node: node, value: Float(own.bernoulli(0.5) ? bounds[0] : bounds[1]))
        }
        for graphs in Graphs.allCases {
            let ensemble = try StructuralEnsemble(
                values: rows, names: names, beliefs: Self.beliefs(graphs, beliefs, world.graph), graphs: draws,
                by: model, stream: stream.stream("ensemble"), workers: 1)
            for (node, value) in set {
                let answers = try ensemble.answers { model, stream in
                    let cells = try model.generated(
                        rows: Self.cells, interventions: [node: value], evenly: true, stream: stream)
                    return Matrix(rows: 1, columns: Self.genes, values: cells.columnMeans().map { Float($0) })
                }
                let expected = try truth.values(noise: noise, interventions: [node: value]).columnMeans()
                let reached = world.graph.descendants(of: node)
                let others = (0..<Self.genes).filter { $0 != node }
                let means = answers.map { answer in
                    Matrix(rows: 1, columns: others.count, values: others.map { answer[0, $0] })
                }
                tallies[graphs, default: Tally()].add(
                    Self.levels.map { StructuralEnsemble.Band(of: means, level: $0) },
                    truth: others.map { expected[$0] }, isMoved: others.map(reached.contains),
                    deviations: others.map { context.deviations[$0] })
            }
        }
    }

    private static func beliefs(_ graphs: Graphs, _ beliefs: EdgeBeliefs, _ truth: DirectedGraph) -> EdgeBeliefs {
        let graph: DirectedGraph
        switch graphs {
        case .drawn: return beliefs
        case .probable: graph = AcyclicDecoding(beliefs).graph
        case .known: graph = truth
        }
        let d = beliefs.genes.count
        var values = [Float](repeating: 0, count: d * d)
        for edge in graph.edges { values[edge.source * d + edge.target] = 1 }
        return EdgeBeliefs(genes: beliefs.genes, probabilities: values)
    }

    /// Prints a table and writes the figure.
    func run(worlds: Int, figure file: String) throws {
        print("functions\tgraphs\tworlds\tlevel\tmoved_genes\tcoverage_moved\tcoverage_others\twidth")
        var figures: [LineFigure] = []
        for kind in Kind.allCases {
            var tallies: [Graphs: Tally] = [:]
            for number in 0..<worlds { try tally(kind, world: number, into: &tallies) }
            for graphs in Graphs.allCases {
                let tally = tallies[graphs]!
                for (place, level) in Self.levels.enumerated() {
                    let (moved, others) = tally.coverage(place)
                    print(
                        "\(kind.rawValue)\t\(graphs.rawValue)\t\(worlds)\t\(level)\t\(tally.counts.moved)\t"
                            + String(format: "%.3f\t%.3f\t%.3f", moved, others, tally.width))
                }
            }
            fflush(nil)
            let ideal = LineFigure.Series(
                name: "as promised", points: Self.levels.map { LineFigure.Point(x: $0, y: $0) })
            var one = LineFigure(
                title: kind.rawValue, horizontalAxis: "level of the interval",
                verticalAxis: "share that holds the truth",
                series: [ideal]
                    + Graphs.allCases.map { graphs in
                        LineFigure.Series(
                            name: graphs.rawValue,
                            points: Self.levels.enumerated().map {
                                LineFigure.Point(x: $1, y: tallies[graphs]!.coverage($0).moved)
                            })
                    }, small: true)
            one.verticalRange = 0...1
            figures.append(one)
        }
        let sheet = FigureSheet(
            title: "Intervals of interventional means",
            caption:
                "genes that the intervention moves, \(worlds) worlds of \(Self.genes) genes, \(Self.untouched) cells "
                + "to read from, \(draws) graphs", figures: figures)
        try Data(sheet.svg.utf8).write(to: URL(fileURLWithPath: file))
    }
}
