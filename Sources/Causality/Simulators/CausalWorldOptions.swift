import Graphs

/// What an intervention does to its gene.
public enum InterventionKind: String, Sendable, Codable, CaseIterable {
    /// Sets the gene, whatever its parents do, to a value drawn for each cell.
    case hard
    /// Adds a value to the gene, drawn once for each target: parents and noise act as before.
    case shift
    /// Leaves the gene as it is and gives its effects another value in its place, drawn once for each target: what inhibits
    /// a protein changes what it does, not how much of it there is.
    case activity
}

/// From what worlds are drawn. The combinations of a graph and a mechanism are equally likely.
///
/// Source of families and ranges: Lorch et al. 2022, "Amortized Inference for Causal Structure Learning", appendix on
/// simulated data; `preset(_:)` has its named distributions. The defaults are random linear and random Fourier worlds with
/// its training ranges.
public struct CausalWorldOptions: Codable, Sendable, Equatable {
    public var genes = 20
    public var observationalCells = 400
    public var interventionalCells = 100

    public var graphs: [GraphChoice] = [
        .erdosRenyi(edgesPerNode: [1, 2, 3]), .scaleFree(edgesPerNode: [1, 2, 3], powers: [1]),
        .scaleFree(edgesPerNode: [1, 2, 3], powers: [1], transposed: true),
    ]
    public var mechanisms: [MechanismChoice] = [MechanismChoice(.linear), MechanismChoice(.randomFourier)]

    public var interventions = InterventionKind.hard
    /// Genes that are intervened on in some cell; a list is drawn from uniformly.
    public var targets: [TargetCount] = [.all]
    /// Absolute values to which interventions set a gene or its activity, or by which they shift it; signs are random. A list of ranges is
    /// drawn from uniformly.
    public var interventionValues: [ClosedRange<Double>] = [1...3]

    public init() {}

    /// Throws `OPTION` where a setting is outside of what can be drawn.
    /// - Parameter networks: The known networks by name.
    public func validate(networks: [String: RegulatoryNetwork] = [:]) throws(SimulationError) {
        try SimulationError.demand((1...5000).contains(genes), "genes", "1 to 5000", genes)
        try SimulationError.demand(
            observationalCells: observationalCells, interventionalCells: interventionalCells)
        try SimulationError.demand(
            cells: Double(observationalCells + interventionalCells), genes: Double(genes), "observationalCells")
        try SimulationError.demand(!graphs.isEmpty, "graphs", "at least one family", "none")
        for choice in graphs { try choice.validate(genes: genes, networks: networks) }
        try SimulationError.demand(!mechanisms.isEmpty, "mechanisms", "at least one family", "none")
        for choice in mechanisms { try choice.validate() }
        // Every edge of a random Fourier function has a frequency for each feature, which the truth spells out.
        if mechanisms.contains(where: \.hasWaves) {
            let edges = graphs.map { $0.expectedEdges(genes: genes, networks: networks) }.max() ?? 0
            try SimulationError.demand(
                edges <= GraphChoice.mostEdges / 10, "graphs",
                "at most \(Int(GraphChoice.mostEdges / 10)) edges where functions are random Fourier features",
                "\(Int(edges)) expected on average")
        }
        try TargetCount.validate(targets)
        try SimulationError.demand(!interventionValues.isEmpty, "interventionValues", "at least one range", "none")
        for range in interventionValues {
            try SimulationError.demand(range, "interventionValues", within: -1e6...1e6)
        }
    }
}
