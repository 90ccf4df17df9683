import Testing

@testable import Runs

struct OptionNamesTests {
    @Test func optionsAreNamedWithTheirSection() {
        #expect(
            OptionNames.qualified("set controlLabels to those that are, or lower minCellsPerGene")
                == "set screen.controlLabels to those that are, or lower preprocess.minCellsPerGene")
        #expect(OptionNames.qualified("set scale to scaled") == "set preprocess.scale to scaled")
        #expect(
            OptionNames.qualified("set fit.responses.draws; a scale of doses")
                == "set fit.responses.draws; a scale of doses")
        #expect(OptionNames.qualified("correct interventionDraws") == "correct fit.responses.interventionDraws")
        #expect(OptionNames.qualified("check the iPhone") == "check the iPhone")
    }
}
