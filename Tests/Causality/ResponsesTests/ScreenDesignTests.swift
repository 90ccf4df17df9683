import Graphs
import Matrices
import Testing

@testable import Responses

struct ScreenDesignTests {
    typealias Treatment = ScreenDesign.Treatment

    func failure(
        genes: Int = 3, perturbations: [ScreenDesign.Perturbation] = [.init(name: "p")], contexts: [[Treatment]]
    ) -> ResponseError? {
        do {
            _ = try ScreenDesign(
                genes: (0..<genes).map { "g\($0)" }, perturbations: perturbations, contexts: contexts)
            return nil
        } catch { return error }
    }

    @Test func whatCannotBeIsRefused() {
        #expect(failure(contexts: [[], [.init(0)]]) == nil)
        #expect(failure(genes: 1, contexts: [[]])?.code == "FEW_GENES")
        #expect(failure(contexts: [[.init(0)]])?.code == "NO_CONTROL")
        #expect(failure(contexts: [[], [.init(1)]])?.code == "NO_SUCH_PERTURBATION")
        #expect(failure(contexts: [[], [.init(0), .init(0)]])?.code == "TREATED_TWICE")
        #expect(failure(contexts: [[], [.init(0, dose: 0)]])?.code == "DOSE")
        #expect(failure(contexts: [[], [.init(0, dose: .nan)]])?.code == "DOSE")
        let mixed = failure(contexts: [[], [.init(0, dose: 1)], [.init(0)]])
        #expect(mixed?.code == "DOSE")
        #expect(mixed?.element == "p")
        #expect(
            failure(perturbations: [.init(name: "p", action: .replacement)], contexts: [[], [.init(0)]])?.code
                == "NO_TARGETS")
        #expect(
            failure(perturbations: [.init(name: "p", knownTargets: [3])], contexts: [[], [.init(0)]])?.code
                == "NO_SUCH_GENE")
    }

    @Test func tooManyColumnsAreRefused() throws {
        let design = try ScreenDesign(
            genes: (0..<4000).map { "g\($0)" }, perturbations: [.init(name: "p")], contexts: [[], [.init(0)]])
        #expect { try ScreenMoments(design: design, cellCount: 10) } throws: {
            ($0 as? ResponseError)?.code == "TOO_LARGE"
        }
    }

    @Test func beliefsBecomeLogOdds() throws {
        let design = try ScreenDesign(
            genes: ["a", "b"], perturbations: [.init(name: "p", knownTargets: [1])], contexts: [[], [.init(0)]])
        let priors = ResponsePriors.sparse(design)
        #expect(priors.targets.values == [-.infinity, .infinity])
        let beliefs = EdgeBeliefs(genes: ["a", "b"], probabilities: [0, 0.75, 0.5, 0])
        let believing = try priors.believing(beliefs, trust: 0.5)
        // ½ ln 3, from a probability in single precision.
        #expect(abs(believing.edges[0, 1] - 0.549306144334) < 1e-6)
        #expect(believing.edges[1, 0] == 0)
        #expect(try priors.believing(beliefs, trust: 0).edges == priors.edges)
        #expect { try priors.believing(beliefs, trust: 2) } throws: { ($0 as? ResponseError)?.code == "TRUST" }
        let others = EdgeBeliefs(genes: ["a"], probabilities: [0])
        #expect { try priors.believing(others, trust: 1) } throws: { ($0 as? ResponseError)?.code == "SHAPE" }
    }
}
