import Matrices
import Screens
import Testing

struct PerturbationScreenTests {
    @Test func contextsAreHashedByAllTheirFields() {
        let low = Context(perturbation: "drug", dose: 1, doseUnit: "uM")
        let high = Context(perturbation: "drug", dose: 10, doseUnit: "uM")
        #expect(Set([low, high, low]).count == 2)
    }
}
