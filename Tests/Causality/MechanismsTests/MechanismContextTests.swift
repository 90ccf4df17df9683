import Graphs
import Matrices
import Testing

@testable import Mechanisms

struct MechanismContextTests {
    private let rows = Matrix<Float>(
        rows: 12, columns: 3, values: (0..<36).map { Float($0 % 3 == 2 ? 4 : $0 * $0 % 17) })

    @Test func columnsAreStandardised() throws {
        let context = try MechanismContext(
            values: rows, names: ["a", "b", "c"], graph: DirectedGraph(nodeCount: 3, edges: [Edge(0, 1)]))
        let moments = context.values.columnMoments()
        for node in 0..<2 {
            // Sums of 12 values in single precision.
            #expect(abs(moments.means[node]) < 1e-6)
            #expect(abs(moments.variances[node] - 1) < 1e-6)
        }
        #expect(context.values.column(2).allSatisfy { $0 == 0 }, "a constant column has nothing to scale")
        let back = context.restored(context.values)
        for (a, b) in zip(back.values, rows.values) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func aCycleIsNamed() {
        let graph = DirectedGraph(nodeCount: 3, edges: [Edge(0, 1), Edge(1, 2), Edge(2, 1)])
        let error = #expect(throws: MechanismError.self) {
            try MechanismContext(values: rows, names: ["a", "b", "c"], graph: graph)
        }
        #expect(error?.code == "CYCLIC_GRAPH")
        #expect(["b -> c -> b", "c -> b -> c"].contains(error?.element))
    }

    @Test func whatCannotBeReadIsRefused() {
        func code(_ values: Matrix<Float>, _ names: [String], nodes: Int = 3) -> String? {
            let graph = DirectedGraph(nodeCount: nodes, edges: [])
            return #expect(throws: MechanismError.self) {
                try MechanismContext(values: values, names: names, graph: graph)
            }?.code
        }
        let names = ["a", "b", "c"]
        #expect(code(rows.selectingRows(Array(0..<9)), names) == "TOO_FEW_ROWS")
        #expect(code(rows, ["a", "b", "a"]) == "REPEATED_NAME")
        #expect(code(rows, names, nodes: 4) == "GRAPH_MISMATCH")
        var broken = rows
        broken[3, 1] = .nan
        #expect(code(broken, names) == "NONFINITE")
    }

    @Test func edgesFindTheirColumns() throws {
        let names = ["a", "b", "c"]
        let graph = try MechanismContext.graph(of: [("c", "a"), ("a", "b"), ("c", "a")], names: names)
        #expect(graph.edges == [Edge(0, 1), Edge(2, 0)])
        let stranger = #expect(throws: MechanismError.self) {
            try MechanismContext.graph(of: [("a", "q")], names: names)
        }
        #expect(stranger?.code == "GRAPH_MISMATCH")
        #expect(stranger?.element == "a -> q")
        let loop = #expect(throws: MechanismError.self) { try MechanismContext.graph(of: [("a", "a")], names: names) }
        #expect(loop?.code == "CYCLIC_GRAPH")
    }

    @Test func aMissingNodeIsNamed() throws {
        let context = try MechanismContext(
            values: rows, names: ["a", "b", "c"], graph: DirectedGraph(nodeCount: 3, edges: []))
        #expect(try context.node(named: "c") == 2)
        let error = #expect(throws: MechanismError.self) { try context.node(named: "d") }
        #expect(error?.code == "UNKNOWN_NODE")
        #expect(error?.element == "d")
    }
}
