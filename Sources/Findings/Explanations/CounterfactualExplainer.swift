import Concurrency
import Foundation
import Graphs
import Interventions
import Matrices
import Mechanisms
import Probability

/// Follows measured control cells to what they would have been, on graphs of a model, by mechanisms that are read off the
/// controls and owe nothing to the model's own.
///
/// Where no gene is attributed as a target, or no graph is known, it abstains and says why.
public struct CounterfactualExplainer: Sendable {
    /// One graph of the model with mechanisms over the genes that interventions reach on it.
    private struct Member: Sendable {
        /// Of each of the graph's genes here, its place among the model's.
        let genes: [Int]
        let cells: AbductedRows
    }

    private let model: any PerturbationModel
    /// By the graph's place among the model's.
    private let members: [Int: Member]
    private let draws: [[InterventionDraw]]
    private let cellCount: Int

    /// The probability from which a target counts as attributed.
    public static let attributed = 0.5
    /// Control cells that mechanisms are read from, and of these that are followed, at most.
    private static let (contextCells, followedCells) = (300, 200)
    /// Mechanisms read at most before fewer graphs are taken, 2 at least.
    private static let mostMechanisms = 1500
    private static let drawsOfGraph = 2

    /// - Parameters:
    ///   - queries: All that will be asked, in this order, with what is predicted of them.
    ///   - controls: Control cells × genes of the model.
    ///   - kinds: Of each control cell; kinds are centred on their own means, as these owe nothing to regulation.
    ///   - graphs: Of the model's, at most.
    public init(
        model: any PerturbationModel, queries: [(PerturbationQuery, PredictedPerturbation)], controls: Matrix<Float>,
        kinds: [Int], reader: some MechanismModel, graphs: Int, seed: UInt64,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws {
        self.model = model
        let all = model.graphs
        guard !all.isEmpty, controls.rows >= MechanismContext.fewestRows, graphs > 0 else {
            (members, draws, cellCount) = ([:], queries.map { _ in [] }, 0)
            return
        }
        let attributed = try concurrentTry(queries.count, workers: workers) { place -> [InterventionDraw] in
            let (query, predicted) = queries[place]
            guard predicted.targetProbability.contains(where: { $0 >= Self.attributed }) else { return [] }
            return try model.interventionDraws(query)
        }
        var chosen = (0..<min(graphs, all.count)).map { $0 * all.count / min(graphs, all.count) }
        var reached = chosen.map { Self.reached(attributed, $0, all[$0]) }
        while chosen.count > 2, reached.reduce(0, { $0 + $1.count }) > Self.mostMechanisms {
            chosen.removeLast()
            reached.removeLast()
        }
        let rows = (0..<min(Self.contextCells, controls.rows)).map {
            $0 * controls.rows / min(Self.contextCells, controls.rows)
        }
        let context = Self.centred(controls, kinds).selectingRows(rows)
        let followed = min(Self.followedCells, rows.count)
        let stream = RandomStream(seed: seed).stream("counterfactuals")
        var members: [Int: Member] = [:]
        for (graph, reached) in zip(chosen, reached) where !reached.isEmpty {
            let genes = Set(reached + reached.flatMap { all[graph].parents[$0] }).sorted()
            let place = Dictionary(uniqueKeysWithValues: genes.enumerated().map { ($1, $0) })
            let edges = reached.flatMap { gene in all[graph].parents[gene].map { Edge(place[$0]!, place[gene]!) } }
            let values = context.selectingColumns(genes)
            let structural = try StructuralModel(
                MechanismContext(
                    values: values, names: genes.map { model.genes[$0] },
                    graph: DirectedGraph(nodeCount: genes.count, edges: edges)), by: reader, workers: workers)
            members[graph] = Member(
                genes: genes,
                cells: try AbductedRows(
                    values.selectingRows(Array(0..<followed)),
                    by: structural.drawn(stream: stream.stream(graph)), workers: workers))
        }
        self.members = members
        cellCount = followed
        draws = attributed.map { draws in
            chosen.flatMap { graph in draws.filter { $0.graph == graph }.prefix(Self.drawsOfGraph) }
        }
    }

    /// Genes that the interventions of all draws on a graph reach, rising.
    private static func reached(_ draws: [[InterventionDraw]], _ graph: Int, _ edges: DirectedGraph) -> [Int] {
        var found: Set<Int> = []
        for draw in draws.joined() where draw.graph == graph {
            for gene in [Int](draw.shifts.keys) + [Int](draw.settings.keys) where found.insert(gene).inserted {
                found.formUnion(edges.descendants(of: gene))
            }
        }
        return found.sorted()
    }

    /// Cells of each kind moved to the mean of all.
    private static func centred(_ cells: Matrix<Float>, _ kinds: [Int]) -> Matrix<Float> {
        guard Set(kinds).count > 1 else { return cells }
        let whole = cells.columnMeans()
        var result = cells
        for (_, rows) in Dictionary(grouping: cells.rows == kinds.count ? Array(kinds.indices) : [], by: { kinds[$0] })
        {
            let own = cells.selectingRows(rows).columnMeans()
            for row in rows {
                for gene in 0..<cells.columns { result[row, gene] += Float(whole[gene] - own[gene]) }
            }
        }
        return result
    }

    /// - Parameter place: Of the query, among those announced.
    public func explain(
        _ place: Int, _ query: PerturbationQuery, _ predicted: PredictedPerturbation
    ) -> CounterfactualExplanation {
        let own = draws[place].filter { members[$0.graph] != nil }
        guard !own.isEmpty else { return abstaining(query, because: reason(predicted)) }
        let d = model.genes.count
        // Of each draw the change of the mean; of each cell its mean change over the draws.
        var shifts = Matrix<Double>(rows: own.count, columns: d)
        var changes = Matrix<Double>(rows: cellCount, columns: d)
        for (row, draw) in own.enumerated() {
            let member = members[draw.graph]!
            func here(_ values: [Int: Double]) -> [Int: Float] {
                Dictionary(
                    uniqueKeysWithValues: member.genes.enumerated().compactMap { place, gene in
                        values[gene].map { (place, Float($0)) }
                    })
            }
            let moved = member.cells.changes(shifts: here(draw.shifts), settings: here(draw.settings))
            for (place, gene) in member.genes.enumerated() {
                for cell in 0..<cellCount {
                    let change = Double(moved[cell, place])
                    shifts[row, gene] += change / Double(cellCount)
                    changes[cell, gene] += change / Double(own.count)
                }
            }
        }
        let genes = (0..<d).compactMap { gene in
            self.gene(gene, predicted, shifts: shifts.column(gene), changes: changes.column(gene))
        }
        let means = (0..<d).map { gene in shifts.column(gene).reduce(0, +) / Double(own.count) }
        let size = predicted.shift.reduce(0) { $0 + $1 * $1 }
        let missing = zip(predicted.shift, means).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return CounterfactualExplanation(
            perturbation: query.perturbation, dose: query.dose, abstention: nil, cells: cellCount,
            graphs: Set(own.map(\.graph)).count, draws: own.count, interventions: interventions(own),
            genes: genes.sorted { (abs($0.shift), $1.gene) > (abs($1.shift), $0.gene) },
            explained: size > 0 ? max(0, 1 - missing / size) : nil)
    }

    /// nil where nothing reaches the gene.
    private func gene(
        _ gene: Int, _ predicted: PredictedPerturbation, shifts: [Double], changes: [Double]
    ) -> CounterfactualExplanation.Gene? {
        guard shifts.contains(where: { $0 != 0 }) || changes.contains(where: { $0 != 0 }) else { return nil }
        let bounds = quantiles(of: shifts, at: [0.05, 0.95])
        let mean = shifts.reduce(0, +) / Double(shifts.count)
        let least = CounterfactualExplanation.leastChange * model.scaling.deviations[gene]
        let isClear = predicted.lower[gene] > 0 || predicted.upper[gene] < 0
        func share(_ isMoved: (Double) -> Bool) -> Double {
            Double(changes.count(where: isMoved)) / Double(changes.count)
        }
        return CounterfactualExplanation.Gene(
            gene: model.genes[gene], shift: mean, lower: bounds[0], upper: bounds[1], predicted: predicted.shift[gene],
            explained: isClear ? mean / predicted.shift[gene] : nil, up: share { $0 > least },
            down: share { $0 < -least },
            quantiles: quantiles(of: changes, at: CounterfactualExplanation.levels))
    }

    private func interventions(_ draws: [InterventionDraw]) -> [CounterfactualExplanation.Intervention] {
        func summed(_ values: (InterventionDraw) -> [Int: Double], isSet: Bool) -> [CounterfactualExplanation
            .Intervention]
        {
            var found: [Int: [Double]] = [:]
            for draw in draws { for (gene, value) in values(draw) { found[gene, default: []].append(value) } }
            return found.map { gene, values in
                .init(
                    gene: model.genes[gene], probability: Double(values.count) / Double(draws.count),
                    value: values.reduce(0, +) / Double(values.count), isSet: isSet)
            }
        }
        return (summed(\.shifts, isSet: false) + summed(\.settings, isSet: true))
            .sorted { ($0.probability, abs($0.value), $1.gene) > ($1.probability, abs($1.value), $0.gene) }
    }

    private func reason(_ predicted: PredictedPerturbation) -> String {
        if model.graphs.isEmpty { return "the model has no graph along which an intervention could be followed" }
        if cellCount == 0 { return "fewer than \(MechanismContext.fewestRows) control cells were kept with the model" }
        if !predicted.targetProbability.contains(where: { $0 >= Self.attributed }) {
            return
                "no gene is attributed as a target with a probability of \(Self.attributed) or more: what is predicted rests "
                + "on treatments that are alike, not on an intervention that cells could be followed under"
        }
        return "no intervention was drawn on the graphs that were followed"
    }

    private func abstaining(_ query: PerturbationQuery, because reason: String) -> CounterfactualExplanation {
        CounterfactualExplanation(
            perturbation: query.perturbation, dose: query.dose, abstention: reason, cells: 0, graphs: 0, draws: 0,
            interventions: [], genes: [], explained: nil)
    }
}
