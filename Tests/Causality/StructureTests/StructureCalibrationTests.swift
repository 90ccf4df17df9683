import Foundation
import Graphs
import Matrices
import Networks
import Probability
import Testing

@testable import Structure

@Suite struct StructureCalibrationTests {
    /// Worlds of 8 genes whose edges come with the probability that their logits are 1/3 of, less 1: twice too sure of
    /// themselves and more.
    private func worlds(_ count: Int) -> (logits: [[Float]], graphs: [DirectedGraph]) {
        var stream = RandomStream(seed: 3).stream("worlds")
        var (logits, graphs) = ([[Float]](), [DirectedGraph]())
        for _ in 0..<count {
            let latent = (0..<64).map { _ in 1.5 * stream.normal() - 1 }
            logits.append(latent.map { Float(3 * ($0 + 1)) })
            graphs.append(
                DirectedGraph(nodeCount: 8, adjacency: latent.map { stream.bernoulli(1 / (1 + exp(-$0))) }))
        }
        return (logits, graphs)
    }

    /// 100 worlds of 56 pairs fit the line: standard errors are near 0.01 for the slope and 0.04 for the offset. Left is the
    /// noise of ten bins of 2,800 pairs each domain, 0.4 · √(10/2800) ≈ 0.024 at most.
    @Test func bringsLogitsInStep() {
        let (logits, graphs) = worlds(200)
        let calibration = StructureCalibration(
            logits: logits, graphs: graphs, domains: (0..<200).map { $0 < 100 ? "a" : "b" })
        #expect(abs(calibration.scaling.slope - 1 / 3.0) < 0.04 && abs(calibration.scaling.offset + 1) < 0.16)
        #expect(calibration.domains.map(\.name) == ["a", "b"] && calibration.domains.map(\.worlds) == [50, 50])
        for domain in calibration.domains {
            // The diagonal does not count.
            #expect(domain.after.count == 50 * 56)
            #expect(domain.before.expectedCalibrationError > 0.1 && domain.after.expectedCalibrationError < 0.03)
            #expect(domain.after.brierScore < domain.before.brierScore)
        }
    }

    @Test func aSingleWorldOfADomainIsNotMeasured() {
        let (logits, graphs) = worlds(3)
        let calibration = StructureCalibration(logits: logits, graphs: graphs, domains: ["a", "b", "a"])
        #expect(calibration.domains.map(\.name) == ["a"])
    }

    /// Cards come from files.
    @Test func impossibleCalibrationsAreRefused() throws {
        var tensors = try StructurePredictorTests.tensors()
        var card = try ModelCard(tensors)
        let (logits, graphs) = worlds(8)
        card.calibration = StructureCalibration(
            logits: logits, graphs: graphs, domains: Array(repeating: "a", count: 8))
        tensors.metadata[ModelCard.metadataKey] = String(decoding: try card.encoded(), as: UTF8.self)
        let text = try #require(tensors.metadata[ModelCard.metadataKey])
        #expect(try ModelCard(tensors) == card)
        let count = "\"count\" : \(card.calibration!.domains[0].before.bins[0].count),"
        let slope = "\"slope\" : \(card.calibration!.scaling.slope)"
        for (found, bad) in [
            (count, "\"count\" : \(Int.max),"), (count, "\"count\" : -1,"), (slope, "\"slope\" : 0"),
            (slope, "\"slope\" : -1"),
        ] {
            tensors.metadata[ModelCard.metadataKey] = text.replacingOccurrences(of: found, with: bad)
            #expect(tensors.metadata[ModelCard.metadataKey] != text)
            let error = #expect(throws: WeightsError.self) { try ModelCard(tensors) }
            #expect(error?.code == "MALFORMED" && error?.message.contains("calibration") == true)
        }
    }

    @Test func predictionsGoThroughTheLine() throws {
        var tensors = try StructurePredictorTests.tensors()
        var card = try ModelCard(tensors)
        #expect(card.calibration == nil)
        let (logits, graphs) = worlds(8)
        card.calibration = StructureCalibration(
            logits: logits, graphs: graphs, domains: Array(repeating: "a", count: 8))
        card.calibration!.scaling = LogitScaling(slope: 0.5, offset: 0.25)
        let plain = try StructurePredictor(tensors)
        tensors.metadata[ModelCard.metadataKey] = String(decoding: try card.encoded(), as: UTF8.self)
        #expect(try ModelCard(tensors) == card)
        let scaled = try StructurePredictor(tensors)
        var stream = RandomStream(seed: 1)
        let values = Matrix(rows: 60, columns: 4, values: (0..<240).map { _ in Float(stream.normal()) })
        let genes = ["a", "b", "c", "d"]
        let before = try plain.predict(values: values, genes: genes).beliefs
        let after = try scaled.predict(values: values, genes: genes).beliefs
        for i in 0..<4 {
            for j in 0..<4 where i != j {
                let logit = log(Double(before[i, j]) / (1 - Double(before[i, j])))
                let expected = 1 / (1 + exp(-(0.5 * logit + 0.25)))
                // Probabilities are kept in 32 bits: the logit of one near 0.1 has lost 1e-7/0.09.
                #expect(abs(Double(after[i, j]) - expected) < 1e-6)
            }
        }
    }
}
