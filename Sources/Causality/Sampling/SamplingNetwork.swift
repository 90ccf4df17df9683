import Generators
import Networks
import Probability

/// A directed acyclic network of conditional generators that draws from P(outcomes | do(treatments), conditions).
///
/// | paper (Rahman et al. 2024, definition D.8) | code |
/// |---|---|
/// | node (v, ∅): an input | a place without a model: treatments, conditions, and `free` nodes, for which any value serves |
/// | node (v, M_v) | `Model` |
/// | X′, a private copy of X | a place with a `copy` above 0 |
/// | order π | `nodes`, one topological order for all |
public struct SamplingNetwork: Sendable {
    /// A node of the network: a node of the diagram, or a private copy of one that no value set from outside reaches.
    public struct Place: Hashable, Comparable, Codable, Sendable {
        /// Its number in `nodes`.
        public let node: Int
        /// 0 for the node itself.
        public let copy: Int

        public init(node: Int, copy: Int) {
            self.node = node
            self.copy = copy
        }

        public static func < (a: Place, b: Place) -> Bool { (a.node, a.copy) < (b.node, b.copy) }
    }

    public struct Model: Sendable {
        public let place: Place
        /// In the order of the generator's inputs.
        public let inputs: [Place]
        public let generator: any ConditionalGenerator
    }

    /// All nodes of the diagram in its topological order.
    public let nodes: [Node]
    /// In the order of evaluation; each place once.
    public let models: [Model]
    public let outcomes: [Int]
    /// Nodes set from outside, conditions that act like treatments among them.
    public let treatments: [Int]
    public let conditions: [Int]
    /// Observed values of inputs that are neither treatment nor condition: the answer does not depend on which are taken.
    public let free: NodeTable
    /// Where there are data, of each coordinate of numbers that are set or conditioned on.
    public let ranges: [String: [Range]]
    /// What the training found.
    public internal(set) var diagnostics: SamplingDiagnostics

    /// - Parameter support: Observed rows, of which up to `supportRows` are kept for the free inputs.
    init(
        nodes: [Node], models: [Model], outcomes: [Int], treatments: [Int], conditions: [Int], support: NodeTable,
        diagnostics: SamplingDiagnostics
    ) {
        self.nodes = nodes
        self.models = models.sorted { $0.place < $1.place }
        self.outcomes = outcomes
        self.treatments = treatments
        self.conditions = conditions
        self.diagnostics = diagnostics
        let names = Self.freeInputs(models, set: treatments + conditions).map { nodes[$0].name }
        let step = max(1, support.rows / Self.supportRows)
        let rows = Array(stride(from: 0, to: support.rows, by: step).prefix(Self.supportRows))
        free = support.keeping(names).selecting(rows)
        ranges = Self.ranges(of: (treatments + conditions).map { nodes[$0] }, in: support)
        checkWiring()
    }

    static let supportRows = 1000

    init(
        nodes: [Node], models: [Model], outcomes: [Int], treatments: [Int], conditions: [Int], free: NodeTable,
        ranges: [String: [Range]], diagnostics: SamplingDiagnostics
    ) {
        self.nodes = nodes
        self.models = models
        self.outcomes = outcomes
        self.treatments = treatments
        self.conditions = conditions
        self.free = free
        self.ranges = ranges
        self.diagnostics = diagnostics
    }

    /// Inputs that no model gives and no value is set for.
    static func freeInputs(_ models: [Model], set: [Int]) -> [Int] {
        let given = Set(models.map(\.place))
        let missing = models.flatMap(\.inputs).filter { !given.contains($0) }
        return Set(missing.map(\.node)).subtracting(set).sorted()
    }

    /// What ID-GEN guarantees: every place has one model at most, treatments and conditions have none, private copies
    /// always have one, and inputs come before what needs them.
    private func checkWiring() {
        var seen: Set<Place> = []
        let given = Set(models.map(\.place))
        let set = Set(treatments + conditions)
        for model in models {
            precondition(seen.insert(model.place).inserted, "two models give \(nodes[model.place.node].name)")
            precondition(model.place.copy > 0 || !set.contains(model.place.node), "a treatment has a model")
            for input in model.inputs {
                precondition(!given.contains(input) || input < model.place, "an input comes after what needs it")
                precondition(input.copy == 0 || given.contains(input), "a private copy has no model")
            }
        }
    }

    /// Draws of the outcomes, and of every other node without a private copy, so many for each row of `settings`.
    ///
    /// Each node has a random stream of its own name, so that another node elsewhere shifts none of its draws; the same
    /// bytes come at any number of threads.
    /// - Parameter settings: Columns of all treatments and conditions.
    /// - Returns: Rows of the first setting, then of the second, and so on; columns of all nodes with a value.
    public func sample(
        at settings: NodeTable, draws: Int, stream: RandomStream, workers: Int? = nil
    ) -> NodeTable {
        let rows = (0..<settings.rows).flatMap { Array(repeating: $0, count: draws) }
        return evaluated(
            inputs: settings.keeping((treatments + conditions).map { nodes[$0].name }).selecting(rows), stream: stream,
            workers: workers)
    }

    /// The network at one row of inputs a draw; free inputs may be among them.
    func evaluated(inputs: NodeTable, stream: RandomStream, workers: Int?) -> NodeTable {
        var columns: [Place: NodeColumn] = [:]
        for (number, node) in nodes.enumerated() where inputs.columns[node.name] != nil {
            columns[Place(node: number, copy: 0)] = inputs[node.name]
        }
        addFreeInputs(&columns, rows: inputs.rows, stream: stream)
        for model in models {
            var given = NodeTable(rows: inputs.rows)
            for (node, place) in zip(model.generator.inputs, model.inputs) { given[node.name] = columns[place]! }
            columns[model.place] = model.generator.draw(
                given: given, stream: stream.stream(nodes[model.place.node].name).stream(model.place.copy),
                workers: workers)
        }
        var result = NodeTable(rows: inputs.rows)
        for (place, column) in columns where place.copy == 0 { result[nodes[place.node].name] = column }
        return result
    }

    private func addFreeInputs(_ columns: inout [Place: NodeColumn], rows: Int, stream: RandomStream) {
        guard !free.columns.isEmpty else { return }
        var stream = stream.stream("free inputs")
        let chosen = stream.uniforms(rows).map { min(free.rows - 1, Int($0 * Float(free.rows))) }
        for (number, node) in nodes.enumerated() {
            let place = Place(node: number, copy: 0)
            guard columns[place] == nil, let column = free.columns[node.name] else { continue }
            columns[place] = column.selecting(chosen)
        }
    }
}
