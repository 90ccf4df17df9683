import Foundation
import Networks
import Tensors
import Testing

@testable import Structure

/// The same weights in the package `avici` and here: see `Reference/Golden/AVICI/provenance.json`.
@Suite struct EdgePredictorParityTests {
    static let inputs: [(name: String, standardisation: InputStandardisation)] = [
        ("observational", .zScores), ("interventional", .zScores), ("counts", .counts),
    ]

    @Test(arguments: inputs.indices) func inputIsStandardisedAlike(_ index: Int) throws {
        let (name, standardisation) = Self.inputs[index]
        let fixture = try AVICIFixture("inputs")
        let encoded = standardisation.encoded(
            values: fixture.channel(0, of: "\(name)/x"), interventions: fixture.channel(1, of: "\(name)/x"))
        // Single precision there: sums over a few dozen values of size 10 leave some 1e−6.
        #expect(largestDifference(encoded, fixture["\(name)/standardised"]) < 1e-5)
    }

    /// Through the recorded form and through inference.
    @Test(arguments: inputs.indices) func logitsAgree(_ index: Int) throws {
        let (name, standardisation) = Self.inputs[index]
        let fixture = try AVICIFixture("inputs")
        let (network, weights) = try AVICIFixture.network()
        let shape = fixture.shape("\(name)/x")
        let x = standardisation.encoded(
            values: fixture.channel(0, of: "\(name)/x"), interventions: fixture.channel(1, of: "\(name)/x"))
        let recorded = network.logits(Tape(weights: weights).constant(x, shape: shape)).values
        let inferred = network.logits(of: x, cells: shape[0], genes: shape[1], weights: weights)
        // Single precision through four blocks in both: some 1e−6 of values up to 10.
        #expect(largestDifference(recorded, fixture["\(name)/logits"]) < 3e-5)
        #expect(largestDifference(inferred, fixture["\(name)/logits"]) < 3e-5)
        #expect(Set(recorded.map { ($0 * 1000).rounded() }).count > 10)
    }

    @Test(arguments: [true, false], [true, false])
    func lossAndGradientsAgree(masksDiagonal: Bool, isAcyclic: Bool) throws {
        let fixture = try AVICIFixture("losses")
        let (network, weights) = try AVICIFixture.network(masksDiagonal: masksDiagonal)
        let name = "loss/" + (masksDiagonal ? "masked" : "whole") + (isAcyclic ? ", acyclic" : "")
        let x = InputStandardisation.zScores.encoded(
            values: fixture.channel(0, of: "loss/x"), interventions: fixture.channel(1, of: "loss/x"))
        let tape = Tape(weights: weights)
        let logits = network.logits(tape.constant(x, shape: fixture.shape("loss/x")))
        var loss = network.loss(of: logits, graph: fixture["loss/graph"])
        if isAcyclic {
            let penalty = network.cyclicity(
                of: logits,
                from: PowerIterationStart(
                    row: fixture["loss/u"].map(Double.init), column: fixture["loss/v"].map(Double.init)))
            // Ten single-precision iterations there.
            let expected = fixture["\(name)/penalty"][0]
            #expect(abs(penalty.scalar - expected) < 1e-4 * abs(expected))
            loss = loss + penalty * fixture["loss/dual"][0]
        }
        // Values of order 1 in single precision.
        #expect(abs(loss.scalar - fixture[name][0]) < 2e-6)
        let gradient = tape.backward(from: loss)
        for (parameter, place) in zip(weights.names, weights.parameters) {
            let expected = fixture["\(name)/\(parameter)"]
            let size = expected.map(abs).max() ?? 0
            let found = Array(gradient[place.range])
            if AVICIFixture.isFree(parameter) {
                #expect(size < 1e-6 && found.allSatisfy { $0 == 0 }, "\(parameter)")
            } else {
                // Sums of single precision in another order: some 1e−6 of the largest entry.
                #expect(size > 1e-5 && largestDifference(found, expected) < 1e-4 * size, "\(parameter)")
            }
        }
        let given = fixture.names.filter { $0.hasPrefix("\(name)/") && !$0.hasSuffix("penalty") }
        #expect(given.count == weights.names.count)
    }
}
