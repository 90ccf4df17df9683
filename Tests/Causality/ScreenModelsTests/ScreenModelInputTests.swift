import AnnotatedData
import Foundation
import Interventions
import Matrices
import Screens
import Testing

@testable import ScreenModels

/// Screens and questions that can't be answered, or only in part.
struct ScreenModelInputTests {
    private static let planted = ChainScreen(measured: 6, doses: [1, 4], cells: 20, controls: 60)
    private static let model = Result { try ScreenModel.fit(planted.screen, options: ScreenModelTests.options) }

    private func failure(_ body: () throws -> Void) -> InterventionError? {
        do {
            try body()
            return nil
        } catch {
            return error as? InterventionError
        }
    }

    @Test func screensThatCanNotBeFittedAreRefused() {
        var screen = Self.planted.screen
        screen.expression[3, 2] = .nan
        #expect(failure { _ = try ScreenModel.fit(screen) }?.code == "NONFINITE")
        screen = Self.planted.screen.subset(perturbations: [ChainScreen.name(0)], withControls: false)
        #expect(failure { _ = try ScreenModel.fit(screen) }?.code == "NO_CONTROL")
        screen = Self.planted.screen.subset(perturbations: [])
        #expect(failure { _ = try ScreenModel.fit(screen) }?.code == "NO_TREATMENT")
    }

    @Test(arguments: [0, 1000]) func optionsOutOfRangeAreRefused(draws: Int) {
        var options = ScreenModelOptions()
        options.draws = draws
        #expect(failure { _ = try ScreenModel.fit(Self.planted.screen, options: options) }?.code == "OPTION")
    }

    @Test func questionsThatCanNotBeAnsweredAreRefused() throws {
        let model = try Self.model.get()
        func code(_ query: PerturbationQuery) -> String? { failure { _ = try model.predict(query) }?.code }
        #expect(code(.init(perturbation: ChainScreen.name(0))) == "DOSE")
        #expect(code(.init(perturbation: ChainScreen.name(0), dose: -1)) == "DOSE")
        #expect(code(.init(perturbation: "new", dose: 1)) == "UNSEEN_WITHOUT_FEATURES")
        #expect(code(.init(perturbation: "new", dose: 1, features: [1, 2])) == "FEATURES")
        let wild = [Double](repeating: .nan, count: model.features.count)
        #expect(code(.init(perturbation: "new", dose: 1, features: wild)) == "FEATURES")
    }

    @Test func perturbationsWithoutFeaturesTeachTheGraphAndNothingOfFeatures() throws {
        var screen = Self.planted.screen
        var table = try #require(screen.features)
        table = FeatureTable(
            perturbations: Array(table.perturbations.dropLast()), features: table.features,
            values: table.values.selectingRows(Array(0..<table.perturbations.count - 1)))
        screen.features = table
        let model = try ScreenModel.fit(screen, options: ScreenModelTests.options)
        #expect(model.notices.contains { $0.code == "FEATURES_MISSING" && $0.message.contains("drug5") })
        #expect(model.perturbations.contains("drug5"))
        #expect(model.canPredictUnseen)
    }

    @Test func constantFeaturesAreSaidToTellNothing() throws {
        var screen = Self.planted.screen
        let table = try #require(screen.features)
        screen.features = FeatureTable(
            perturbations: table.perturbations, features: ["same"],
            values: Matrix(rows: table.perturbations.count, columns: 1, repeating: 1))
        let model = try ScreenModel.fit(screen, options: ScreenModelTests.options)
        #expect(model.notices.contains { $0.code == "CONSTANT_FEATURES" })
        #expect(!model.canPredictUnseen)
    }

    @Test func oneDoseAndThreeCellsAreFittedAndSaid() throws {
        let single = ChainScreen(measured: 6, doses: [1], cells: 3, controls: 60)
        let model = try ScreenModel.fit(single.screen, options: ScreenModelTests.options)
        #expect(model.notices.contains { $0.code == "ONE_DOSE" })
        #expect(model.notices.contains { $0.code == "FEW_CELLS" })
        let found = try model.predict(.init(perturbation: ChainScreen.name(0), dose: 1))
        #expect(found.shift.allSatisfy(\.isFinite) && zip(found.lower, found.upper).allSatisfy { $0 <= $1 })
    }

    @Test func treatmentsAtDoseZeroAreControls() throws {
        var screen = Self.planted.screen
        screen.contexts[1].dose = 0
        let model = try ScreenModel.fit(screen, options: ScreenModelTests.options)
        #expect(model.notices.contains { $0.code == "DOSE_ZERO" })
        #expect(model.contexts.count == screen.contexts.count - 2)
    }
}
