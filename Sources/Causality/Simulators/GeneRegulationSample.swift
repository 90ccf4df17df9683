import AnnotatedData
import Graphs
import Matrices
import Probability

/// Cells of a gene regulatory network whose truth is known.
public struct GeneRegulationSample: Sendable {
    public let world: GeneRegulationWorld
    /// Cells × genes: counts, or expression where the world's technology is `none`.
    public let values: Matrix<Float>
    /// Cells × genes: 1 where the gene was intervened on in that cell, else 0.
    public let interventions: Matrix<Float>
    /// Of each cell.
    public let cellTypes: [Int]
    /// Genes × cell types: mean expression of the wild type before technical noise; empty without such cells.
    public let cleanMeans: [[Double]]

    public var graph: DirectedGraph { world.graph }
}

extension GeneRegulationWorld {
    /// Cells of the wild type, then cells with one gene intervened on each, the targeted genes taking turns. The numbers of
    /// cells are those of the options unless given.
    public func sample(
        observational: Int? = nil, interventional: Int? = nil, stream: RandomStream
    ) -> GeneRegulationSample {
        let d = graph.nodeCount
        let observed = observational ?? options.observationalCells
        let treated = interventional ?? options.interventionalCells
        var values = Matrix<Float>(rows: observed + treated, columns: d)
        var interventions = values
        var types = Array(repeating: 0, count: observed + treated)
        var cleanMeans: [[Double]] = []

        /// Gives a population's cells, through technical noise and in random order, the rows start, start + stride, ….
        func place(_ population: Matrix<Float>, stream: RandomStream, rows: some Sequence<Int>) {
            var seen = population
            technicalNoise?.apply(to: &seen, stream: stream.stream("technical"))
            var own = stream.stream("order")
            let order = own.permutation(seen.rows)
            for (row, cell) in zip(rows, order) {
                values.values.replaceSubrange(row * d..<(row + 1) * d, with: seen.row(cell))
                types[row] = cell / (seen.rows / cellTypes)
            }
        }

        if observed > 0 {
            let own = stream.stream("wild type")
            let perType = (observed + cellTypes - 1) / cellTypes
            let wild = expression(targets: [nil], cellsPerType: perType, stream: own.stream("expression"))[0]
            cleanMeans = (0..<d).map { gene in
                (0..<cellTypes).map { type in
                    (type * perType..<(type + 1) * perType).reduce(0) { $0 + Double(wild[$1, gene]) } / Double(perType)
                }
            }
            place(wild, stream: own, rows: 0..<observed)
        }
        if treated > 0 {
            let own = stream.stream("interventions")
            var targetStream = own.stream("targets")
            let count = options.targets[targetStream.index(below: options.targets.count)].targets(of: d)
            let targets = targetStream.choice(count, of: d).sorted()
            let perType = (treated + cellTypes * count - 1) / (cellTypes * count)
            // With fewer cells than targets, the last ones have none.
            let populations = expression(
                targets: Array(targets.prefix(treated)), cellsPerType: perType, stream: own.stream("expression"))
            for (turn, population) in populations.enumerated() {
                let rows = stride(from: observed + turn, to: observed + treated, by: count)
                place(population, stream: own.stream(turn), rows: rows)
                for row in rows { interventions[row, targets[turn]] = 1 }
            }
        }
        return GeneRegulationSample(
            world: self, values: values, interventions: interventions, cellTypes: types, cleanMeans: cleanMeans)
    }
}

extension GeneRegulationSample {
    /// As a file holds it: `interventions` is a layer; the columns are each cell's `cell_type`, its target as
    /// `perturbation` and `target` (`control` and `none` where it has none) and `is_control`.
    public var annotated: AnnotatedMatrix {
        let codes = (0..<values.rows).map { row in
            Int32(interventions.row(row).firstIndex(of: 1).map { $0 - row * values.columns + 1 } ?? 0)
        }
        return AnnotatedMatrix(
            x: .dense(values),
            cells: AnnotationTable(
                names: WorldTruth.names(prefix: "cell", count: values.rows),
                columns: [
                    AnnotationColumn(
                        name: "cell_type",
                        values: .categories(
                            codes: cellTypes.map(Int32.init), levels: world.cellTypeNames, ordered: false)),
                    AnnotationColumn(
                        name: "perturbation",
                        values: .categories(codes: codes, levels: ["control"] + world.geneNames, ordered: false)),
                    AnnotationColumn(
                        name: "target",
                        values: .categories(codes: codes, levels: ["none"] + world.geneNames, ordered: false)),
                    AnnotationColumn(name: "is_control", values: .booleans(codes.map { $0 == 0 })),
                ]),
            genes: AnnotationTable(names: world.geneNames),
            layers: ["interventions": .dense(interventions)])
    }

    public var truth: GeneRegulationTruth {
        let names = world.geneNames
        return GeneRegulationTruth(
            genes: names, cellTypes: world.cellTypeNames,
            edges: graph.edges.map {
                .init(source: names[$0.source], target: names[$0.target], weight: world.strength(of: $0))
            },
            basalRates: Dictionary(
                uniqueKeysWithValues: names.indices.filter { graph.parents[$0].isEmpty }.map {
                    (names[$0], world.basalRates[$0])
                }),
            hillCoefficient: world.hillCoefficient, decay: world.decay, noiseScale: world.noiseScale,
            remainingProduction: world.remainingProduction, technology: world.technology,
            technicalNoise: world.technicalNoise, cleanMeans: cleanMeans)
    }
}

/// What a gene regulatory network was simulated with.
public struct GeneRegulationTruth: Codable, Sendable, Equatable {
    public var genes: [String]
    public var cellTypes: [String]
    /// `weight` is the strength K: positive where the source activates, negative where it represses.
    public var edges: [WorldTruth.Edge]
    /// Of each master regulator, by cell type.
    public var basalRates: [String: [Double]]
    public var hillCoefficient: Double
    public var decay: Double
    public var noiseScale: Double
    public var remainingProduction: Double
    public var technology: SequencingTechnology
    /// Absent where expression is not sequenced.
    public var technicalNoise: TechnicalNoise?
    /// Genes × cell types: mean expression of the wild type before technical noise; empty without such cells.
    public var cleanMeans: [[Double]]
}
