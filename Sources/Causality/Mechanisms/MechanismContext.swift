import Graphs
import Matrices

/// Rows of all nodes and an acyclic graph over them: what mechanisms are read from.
public struct MechanismContext: Sendable {
    /// A name for every column.
    public let names: [String]
    public let graph: DirectedGraph
    /// n × d, each column with mean 0 and standard deviation 1 (divisor n − 1); a constant column is 0.
    public let values: Matrix<Float>
    /// Of the rows as they were given.
    public let means: [Double]
    /// 1 for a constant column.
    public let deviations: [Double]
    /// Parents before children.
    public let order: [Int]

    /// The least number of rows.
    public static let fewestRows = 10

    /// - Parameters:
    ///   - values: n × d, in the units of the data.
    ///   - graph: Over the columns.
    public init(values: Matrix<Float>, names: [String], graph: DirectedGraph) throws(MechanismError) {
        precondition(values.columns == names.count, "\(names.count) names for \(values.columns) columns")
        try Self.check(values, names)
        guard graph.nodeCount == names.count else {
            throw MechanismError(
                code: "GRAPH_MISMATCH",
                message: "expected a graph of the \(names.count) columns, found one of \(graph.nodeCount) nodes",
                remedy: "give the graph that belongs to these data")
        }
        try Self.demandAcyclic(graph, names: names)
        let moments = values.columnMoments()
        let deviations = moments.standardDeviations.map { $0 > 0 ? $0 : 1 }
        self.names = names
        self.graph = graph
        means = moments.means
        self.deviations = deviations
        order = graph.topologicalOrder!
        self.values = Self.scaled(values) { value, node in (value - moments.means[node]) / deviations[node] }
    }

    /// The graph of edges between columns by their names.
    public static func graph(
        of edges: [(source: String, target: String)], names: [String]
    ) throws(MechanismError) -> DirectedGraph {
        let places = Dictionary(zip(names, names.indices)) { first, _ in first }
        var found: Set<Edge> = []
        for (source, target) in edges {
            guard let from = places[source], let to = places[target] else {
                throw MechanismError(
                    code: "GRAPH_MISMATCH", element: "\(source) -> \(target)",
                    message: "expected columns of the data, found \(places[source] == nil ? source : target)",
                    remedy: "give the graph the names of the data's columns")
            }
            guard from != to else {
                throw MechanismError(
                    code: "CYCLIC_GRAPH", element: "\(source) -> \(source)",
                    message: "expected an acyclic graph, found a node that is its own parent",
                    remedy: "take out this edge")
            }
            found.insert(Edge(from, to))
        }
        return DirectedGraph(nodeCount: names.count, edges: found.sorted())
    }

    /// Names a cycle, if there is one.
    public static func demandAcyclic(_ graph: DirectedGraph, names: [String]) throws(MechanismError) {
        guard let cycle = graph.cycle else { return }
        throw MechanismError(
            code: "CYCLIC_GRAPH", element: (cycle + [cycle[0]]).map { names[$0] }.joined(separator: " -> "),
            message: "expected an acyclic graph, found a cycle", remedy: "take out one of its edges")
    }

    /// The place of a node.
    public func node(named name: String) throws(MechanismError) -> Int {
        guard let place = names.firstIndex(of: name) else {
            throw MechanismError(
                code: "UNKNOWN_NODE", element: name, message: "expected a node of the graph, found another name",
                remedy: "choose one of \(names.prefix(5).joined(separator: ", "))\(names.count > 5 ? ", …" : "")")
        }
        return place
    }

    private static func check(_ values: Matrix<Float>, _ names: [String]) throws(MechanismError) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw MechanismError(
                code: "REPEATED_NAME", element: name, message: "expected a name for each column, found one twice",
                remedy: "rename one of the columns")
        }
        guard values.rows >= fewestRows else {
            throw MechanismError(
                code: "TOO_FEW_ROWS", message: "expected at least \(fewestRows) rows, found \(values.rows)",
                remedy: "give more rows")
        }
        try demandFinite(values, names)
    }

    static func demandFinite(_ values: Matrix<Float>, _ names: [String]) throws(MechanismError) {
        guard let place = values.values.firstIndex(where: { !$0.isFinite }) else { return }
        throw MechanismError(
            code: "NONFINITE", element: "\(names[place % values.columns]), row \(place / values.columns + 1)",
            message: "expected finite values, found \(values.values[place])",
            remedy: "leave out rows with missing values")
    }
}

// Units.
extension MechanismContext {
    /// Rows in the units of the data as standardised ones.
    public func standardised(_ rows: Matrix<Float>) -> Matrix<Float> {
        Self.scaled(rows) { value, node in (value - means[node]) / deviations[node] }
    }

    /// Standardised rows in the units of the data.
    public func restored(_ rows: Matrix<Float>) -> Matrix<Float> {
        Self.scaled(rows) { value, node in value * deviations[node] + means[node] }
    }

    /// Noise, which has no mean, in standardised units and back.
    func standardised(noise rows: Matrix<Float>) -> Matrix<Float> {
        Self.scaled(rows) { value, node in value / deviations[node] }
    }

    func restored(noise rows: Matrix<Float>) -> Matrix<Float> {
        Self.scaled(rows) { value, node in value * deviations[node] }
    }

    private static func scaled(
        _ rows: Matrix<Float>, _ body: (_ value: Double, _ node: Int) -> Double
    ) -> Matrix<Float> {
        var result = rows
        for place in result.values.indices {
            result.values[place] = Float(body(Double(rows.values[place]), place % rows.columns))
        }
        return result
    }
}
