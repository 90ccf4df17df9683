import AnnotatedData
import Matrices
import Mechanisms
import Screens
import Testing

@testable import ScreenModels

/// Prior means of mechanisms that are read off control cells.
struct PriorMechanismTests {
    private func fit(
        _ chain: ChainScreen, reader: (any MechanismModel)? = LeastSquaresModel(), workers: Int = 2
    ) throws -> ScreenModel {
        let fit = try ScreenModelFit(
            screen: chain.screen, options: ScreenModelTests.options, mechanisms: reader, seed: 3, workers: workers)
        return try fit.model(fit.responses())
    }

    @Test("Half of the controls of the largest kind are set apart, the same at any number of threads")
    func apart() throws {
        let chain = ChainScreen(measured: 6, doses: [1, 4], controls: 240)
        let one = try fit(chain, workers: 1)
        #expect(one.notices.contains { $0.code == "PRIOR_MECHANISMS" && $0.message.contains("120 control cells") })
        #expect(try one.mechanisms == fit(chain, workers: 2).mechanisms)
        #expect(try one.mechanisms != fit(chain, reader: nil).mechanisms)
        // The slope of the chain is in both; standard error on 1,000 cells about .03.
        #expect(abs(one.effect(of: 0, on: 1) - ChainScreen.effect) < 0.1)
        let strata = ChainScreen(measured: 6, doses: [1, 4], controls: 240, strata: ["one", "two"])
        #expect(try fit(strata).notices.contains { $0.message.contains("120 control cells") })
    }

    @Test("Of few controls none are set apart, and that is said")
    func few() throws {
        let chain = ChainScreen(measured: 6, doses: [1, 4], controls: 60)
        let model = try fit(chain)
        #expect(model.notices.contains { $0.code == "PRIOR_MECHANISMS" && $0.message.contains("too few") })
        #expect(try model.mechanisms == fit(chain, reader: nil).mechanisms)
    }
}
