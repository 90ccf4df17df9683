import Probability
import Testing

@testable import Identification

/// Effects from observation and experiments together.
struct GeneralIdentificationTests {
    /// Where X itself is confounded with Y, setting its instrument Z does not help; where only Z is, observation is not
    /// enough and setting Z is: Bareinboim & Pearl 2012, "Causal inference by surrogate experiments".
    @Test func anExperimentOnACauseOfTheTreatment() throws {
        let instrument = try Diagrams.of("Z -> X, X -> Y, X <-> Y")
        #expect(try !instrument.ask("P(Y | do(X))").isIdentifiable)
        #expect(try !instrument.ask("P(Y | do(X))", experiments: [["Z"]]).isIdentifiable)
        let surrogate = try Diagrams.of("Z -> X, X -> Y, Z <-> X, Z <-> Y")
        #expect(try !surrogate.ask("P(Y | do(X))").isIdentifiable)
        let answer = try surrogate.ask("P(Y | do(X))", experiments: [["Z"]])
        try #require(answer.isIdentifiable)
        #expect(answer.derivation.usedExperiments == [surrogate.set("Z")])
        #expect(answer.derivation.estimand.text == "P(Y | do(Z), X)")
    }

    /// One factor from observation, another from an experiment.
    @Test func factorsOfTwoSources() throws {
        let diagram = try Diagrams.of("Z -> X, X -> M, M -> Y, Z <-> X, Z <-> M")
        #expect(try !diagram.ask("P(Y | do(X))").isIdentifiable)
        let answer = try diagram.ask("P(Y | do(X))", experiments: [["Z"]])
        try #require(answer.isIdentifiable)
        #expect(answer.derivation.estimand.text == "Σ_{M} P(M | do(Z), X) P(Y | M)")
    }

    @Test func theExperimentItselfIsTheAnswer() throws {
        let diagram = try Diagrams.of(Diagrams.bow)
        let answer = try diagram.ask("P(Y | do(X))", experiments: [["X"]])
        #expect(answer.derivation.estimand.text == "P(Y | do(X))")
        #expect(answer.derivation.steps.map(\.line.rawValue) == [8, 1])
    }

    /// Random worlds in which experiments are carried out: the formula must give the truth, and with experiments on
    /// treatments whatever observation answers is still answered.
    @Test func formulasGiveTheTruthInRandomWorlds() throws {
        var stream = RandomStream(seed: 10).stream("experiments")
        var (gained, refused) = (0, 0)
        for round in 0..<400 {
            let diagram = try RandomDiagram.draw(4 + round % 3, bidirected: 0.9, stream: &stream)
            let query = RandomDiagram.query(diagram, stream: &stream)
            let experiments = (0..<(1 + stream.index(below: 2))).map { _ in
                NodeSet(stream.choice(1 + stream.index(below: 2), of: diagram.count))
            }
            let alone = diagram.identify(query)
            let answer = diagram.identify(query, experiments: experiments)
            #expect(answer.isIdentifiable || !alone.isIdentifiable)
            guard answer.isIdentifiable else {
                refused += 1
                let root = answer.derivation.root
                let hedge = try #require(answer.hedge)
                #expect(hedge.isValid(for: root.outcomes, root.treatments, in: diagram))
                expectEveryDistributionFails(answer.derivation)
                continue
            }
            guard !alone.isIdentifiable else { continue }
            gained += 1
            let world = DiscreteWorld(diagram, stream: &stream)
            let truth = world.truth(query)
            for estimand in [answer.derivation.estimand, try #require(answer.derivation.literalEstimand())] {
                let value = estimand.value { world.distribution(do: $0) }
                #expect(value.largestDifference(from: truth) < 1e-9, "round \(round): \(estimand.text)")
            }
        }
        #expect(gained > 12 && refused > 60, "\([gained, refused])")
    }

    /// The thicket: of the district that is missing, observation and every experiment that leaves it alone have a
    /// hedge.
    private func expectEveryDistributionFails(_ derivation: Derivation) {
        guard let step = derivation.steps.last(where: { $0.line == .experiment && $0.isRefused }) else { return }
        let diagram = derivation.diagram
        let district = step.nodes.subtracting(step.treatments)
        for experiment in [[]] + derivation.experiments {
            let attempt = step.children.first { $0.experiment == experiment }
            guard let refusal = attempt?.refusal else {
                #expect(!experiment.isDisjoint(with: district) || experiment.isDisjoint(with: step.nodes))
                continue
            }
            #expect(
                Hedge(refusal).isValid(
                    for: step.outcomes, step.treatments.subtracting(experiment), in: diagram,
                    within: step.nodes.subtracting(experiment)))
        }
    }

    /// By its definition the effect of a set of nodes that an experiment sets alone needs no assumption at all; and the
    /// effects of all single experiments of a bow chain add nothing to each other.
    @Test func whatNoExperimentTouchesStaysRefused() throws {
        let diagram = try Diagrams.of("A -> B, B -> C, A <-> B, B <-> C, A <-> C")
        #expect(try !diagram.ask("P(C | do(B))", experiments: [["A"]]).isIdentifiable)
        #expect(try diagram.ask("P(C | do(A))", experiments: [["A"]]).isIdentifiable)
    }
}
