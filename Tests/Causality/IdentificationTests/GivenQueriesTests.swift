import Probability
import Testing

@testable import Identification

/// Against verdicts on which three independent algorithms agree, and truths computed elsewhere.
@Suite(.enabled(if: GivenQueries.isThere, "\(GivenQueries.absence)"))
struct GivenQueriesTests {
    @Test func verdictsMovesAndStepsAreEqual() throws {
        let records = try GivenQueries.records()
        #expect(records.count == 411)
        for record in records {
            let diagram = try CausalDiagram(record.graph)
            let answer = try diagram.identify(record.causalQuery)
            #expect(answer.isIdentifiable == record.identifiable, "\(record.id)")
            #expect(answer.derivation.steps.map(\.line.rawValue) == record.steps, "\(record.id)")
            #expect(
                diagram.names(of: answer.derivation.movedConditions) == record.reduced.moved, "\(record.id)")
        }
    }

    @Test func everyHedgeIsOneByDefinition() throws {
        for record in try GivenQueries.records() where !record.identifiable {
            let diagram = try CausalDiagram(record.graph)
            let answer = try diagram.identify(record.causalQuery)
            let root = answer.derivation.root
            let hedge = try #require(answer.hedge)
            #expect(hedge.isValid(for: root.outcomes, root.treatments, in: diagram), "\(record.id)")
        }
    }

    /// 1e-9 is the bound asked for; sums of at most 2⁸ terms below 1 round to some 1e-14.
    @Test func everyFormulaGivesTheTruthInRandomWorlds() throws {
        var stream = RandomStream(seed: 1).stream("given")
        for record in try GivenQueries.records() where record.identifiable {
            let diagram = try CausalDiagram(record.graph)
            try expectTruth(diagram, diagram.nodes(of: record.causalQuery), &stream, "\(record.id)")
        }
    }

    @Test func numericCasesAreExact() throws {
        for numeric in try GivenQueries.numericCases() {
            let diagram = try CausalDiagram(numeric.graph)
            let query = CausalQuery(
                outcomes: numeric.query.outcomes, treatments: numeric.query.treatments,
                conditions: numeric.query.conditions)
            let joint = ProbabilityTable(numeric.joint, diagram)
            let derivation = try diagram.identify(query).derivation
            for estimand in [derivation.estimand, try #require(derivation.literalEstimand())] {
                let difference = estimand.value { _ in joint }
                    .largestDifference(from: ProbabilityTable(numeric.truth, diagram))
                #expect(difference < 1e-9, "\(numeric.id): \(estimand.text)")
            }
        }
    }
}

/// The formula, simplified and not, evaluated on what a random world shows, against what the world does when treated.
func expectTruth(
    _ diagram: CausalDiagram, _ query: NodeQuery, _ stream: inout RandomStream, _ comment: Comment,
    location: SourceLocation = #_sourceLocation
) {
    let answer = diagram.identify(query)
    guard answer.isIdentifiable else {
        Issue.record("refused: \(comment)", sourceLocation: location)
        return
    }
    let world = DiscreteWorld(diagram, stream: &stream)
    let (joint, truth) = (world.distribution(), world.truth(query))
    let estimands = [answer.derivation.estimand] + [answer.derivation.literalEstimand(limit: 500)].compactMap(\.self)
    for estimand in estimands {
        let difference = estimand.value { _ in joint }.largestDifference(from: truth)
        #expect(difference < 1e-9, "\(comment): \(estimand.text)", sourceLocation: location)
    }
}
