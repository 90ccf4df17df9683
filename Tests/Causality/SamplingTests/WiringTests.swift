import Generators
import Identification
import Probability
import Sampling
import Testing

/// How networks are put together: the pitfalls of merging, of orders and of private copies.
struct WiringTests {
    static let rows = 4000

    func trained(
        _ diagram: CausalDiagram, _ query: String, seed: UInt64 = 3, _ options: SamplingOptions = SamplingOptions()
    ) throws -> (network: SamplingNetwork, world: DiscreteWorld) {
        let world = DiscreteWorld(diagram, levels: 2, seed: seed)
        var options = options
        options.resampledRows = 20_000
        return (
            try network(diagram, query, world.nodes(diagram), world.rows(Self.rows, seed: 5), options), world
        )
    }

    /// X′ of the front door is drawn anew: it never takes the value that X is set to.
    @Test func privateCopiesAreNotSet() throws {
        let diagram = try diagram("x-s s-y", "x-y")
        let (network, _) = try trained(diagram, "P(y | do(x))")
        let x = try #require(diagram.number(of: "x"))
        let copies = network.models.filter { $0.place.node == x }
        #expect(copies.count == 1 && copies[0].place.copy > 0)
        let y = try #require(network.models.first { $0.generator.outcome.name == "y" })
        #expect(y.inputs.contains(copies[0].place))
        #expect(!y.inputs.contains(SamplingNetwork.Place(node: x, copy: 0)))
    }

    /// Two factors need an X′ each, and have one each: y1 and y2 do not depend on each other given what is set.
    @Test func everyFactorHasCopiesOfItsOwn() throws {
        let diagram = try diagram("x-s s-y1 s-y2", "x-y1 x-y2")
        let (network, world) = try trained(diagram, "P(y1, y2 | do(x))", seed: 11)
        let x = try #require(diagram.number(of: "x"))
        let places = network.models.map { $0.place }
        #expect(Set(places).count == places.count)
        #expect(Set(places.filter { $0.node == x }.map { $0.copy }).count == 2)
        let draws = 20_000
        let drawn = network.sample(
            at: NodeTable(rows: 1, columns: ["x": NodeColumn(labels(2), [1])]), draws: draws,
            stream: RandomStream(seed: 2))
        for outcome in ["y1", "y2"] {
            let truth = world.truth(of: outcome, doing: ["x": 1])
            // Thousands of rows: about .02 in a probability.
            #expect(totalVariation(shares(drawn[outcome], 0..<draws), truth) < 0.04)
        }
        // P(y1, y2 | do(x)) from the truth: P(y1 | do(x), y2) for each y2.
        for second in 0..<2 {
            let rows = (0..<draws).filter { drawn["y2"].values[$0] == Float(second) }
            guard rows.count > 1000 else { continue }
            let found = Double(rows.count { drawn["y1"].values[$0] == 1 }) / Double(rows.count)
            let truth = world.truth(of: "y1", doing: ["x": 1], given: ["y2": second])[1]
            // Of a thousand draws or more: a standard error of .016, and .02 of the models.
            #expect(abs(found - truth) < 0.06)
        }
    }

    /// Districts {w1, y} and {w2} of figure 2 take turns: w1, w2, y.
    @Test func nodesAreEvaluatedInOneOrder() throws {
        let diagram = try diagram("x-w1 w1-w2 w2-y", "x-w2 w1-y")
        let (network, _) = try trained(diagram, "P(y | do(x))")
        let names = network.models.filter { $0.place.copy == 0 }.map { network.nodes[$0.place.node].name }
        #expect(names == ["w1", "w2", "y"])
        for model in network.models {
            #expect(model.inputs.allSatisfy { $0 < model.place })
        }
    }

    /// What is set at a nested step is drawn apart from what comes before it; rows of the data would not do.
    @Test func rowsOfNestedStepsAreDrawnAfresh() throws {
        let diagram = try diagram("w1-w2 w2-x x-y", "w1-x w1-y")
        let (network, world) = try trained(diagram, "P(y | do(x))")
        let check = try #require(network.diagnostics.independence.first)
        #expect(check.set == ["w2"] && check.earlier == ["w1"])
        // The bound is four standard errors.
        #expect(check.correlation < check.bound)
        let rows = world.rows(Self.rows, seed: 5)
        #expect(abs(correlation(rows["w1"].values, rows["w2"].values)) > 0.1)
    }

    func correlation(_ x: [Float], _ y: [Float]) -> Double {
        let n = Double(x.count)
        let (meanX, meanY) = (Double(x.reduce(0, +)) / n, Double(y.reduce(0, +)) / n)
        func product(_ a: [Float], _ ma: Double, _ b: [Float], _ mb: Double) -> Double {
            zip(a, b).reduce(0) { $0 + (Double($1.0) - ma) * (Double($1.1) - mb) }
        }
        return product(x, meanX, y, meanY)
            / (product(x, meanX, x, meanX) * product(y, meanY, y, meanY)).squareRoot()
    }

    /// Streams go by names: nodes that have nothing to do with the answer change no byte of it.
    @Test func otherNodesShiftNoDraws() throws {
        let small = try diagram("x-s s-y", "x-y")
        let world = DiscreteWorld(small, levels: 2, seed: 3)
        var rows = world.rows(Self.rows, seed: 5)
        let large = try diagram("a-b x-s s-y y-z", "x-y a-z")
        for name in ["a", "b", "z"] { rows[name] = rows["x"] }
        let settings = NodeTable(rows: 1, columns: ["x": NodeColumn(labels(2), [1])])
        func draws(_ diagram: CausalDiagram) throws -> NodeColumn {
            let nodes = diagram.names.map { Node($0, labels(2)) }
            return try network(diagram, "P(y | do(x))", nodes, rows)
                .sample(at: settings, draws: 3000, stream: RandomStream(seed: 4))["y"]
        }
        #expect(try draws(small) == draws(large))
    }

    @Test func threadsDoNotMatter() throws {
        let diagram = try diagram("w1-w2 w2-x x-y", "w1-x w1-y")
        let world = DiscreteWorld(diagram, levels: 2, seed: 3)
        var options = SamplingOptions()
        options.resampledRows = 20_000
        func draws(_ workers: Int) throws -> NodeTable {
            try network(
                diagram, "P(y | do(w1))", world.nodes(diagram), world.rows(1000, seed: 5), options, workers: workers
            ).sample(
                at: NodeTable(rows: 1, columns: ["w1": NodeColumn(labels(2), [1])]), draws: 20_000,
                stream: RandomStream(seed: 4), workers: workers)
        }
        #expect(try draws(1) == draws(3))
    }

    /// Inputs that any value serves for are drawn from the data, and the draws do not depend on them.
    @Test func freeInputsDoNotMatter() throws {
        let diagram = try diagram("w1-w2 w2-x x-y", "w1-x w1-y")
        var options = SamplingOptions()
        options.usesPillows = false
        let (network, _) = try trained(diagram, "P(y | do(x))", options)
        #expect(network.free.columns.keys.contains("w2"))
        let check = try #require(network.diagnostics.free.first { $0.of == "y" })
        // Models from 4,000 rows differ by some hundredths between values of w2.
        #expect(check.spread < 0.1)
    }

    /// With the arrow w2 → y that the graph leaves out, y depends on w2 in a world where identification says that it
    /// does not.
    @Test func aWrongGraphIsSeen() throws {
        let claimed = try diagram("w1-w2 w2-x x-y", "w1-x w1-y")
        let real = try diagram("w1-w2 w2-x x-y w2-y", "w1-x w1-y")
        func spread(_ truth: CausalDiagram) throws -> (spread: Double, chance: Double) {
            let world = DiscreteWorld(truth, levels: 2, seed: 7)
            let network = try network(
                claimed, "P(y | do(x))", world.nodes(claimed), world.rows(8000, seed: 5))
            let found = try #require(network.diagnostics.models.flatMap(\.invariances).first { $0.value == "w2" })
            return (found.spread, found.chance)
        }
        let (right, wrong) = (try spread(claimed), try spread(real))
        // First-stage models of 8,000 rows leave .02.
        #expect(right.spread < 0.05)
        #expect(wrong.spread > 0.1 && wrong.spread > 5 * wrong.chance)
    }
}
