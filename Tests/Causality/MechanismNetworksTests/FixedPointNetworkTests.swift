import Matrices
import Networks
import Probability
import Tensors
import Testing

@testable import MechanismNetworks

/// The same equations with the same weights in PyTorch at double precision, and what holds by construction.
struct FixedPointNetworkTests {
    private let golden: GoldenFixture

    init() throws { golden = try GoldenFixture() }

    /// With a tape that keeps the way back, and with one that does not and takes tokens in groups.
    @Test(arguments: [true, false]) func partsAreThoseOfTheEquations(recording: Bool) {
        let tape = Tape(weights: golden.weights, recording: recording)
        let (encoder, decoder) = (golden.network.encoder, golden.network.decoder)
        let tokens = encoder.tokens(golden.tensor("rows", on: tape), parents: GoldenFixture.parents)
        let embedding = decoder.embedding(tokens, parents: GoldenFixture.parents)
        let means = decoder.means(at: golden.tensor("points", on: tape), embedding, parents: GoldenFixture.parents)
        for (name, found) in [
            ("tokens", tokens), ("head", encoder.means(tokens)), ("scale", embedding.scale),
            ("offset", embedding.offset), ("condition", embedding.condition), ("means", means),
        ] {
            #expect(largestDifference(found.values, golden[name]) < GoldenFixture.tolerance, "\(name)")
            #expect(Set(found.values.map { ($0 * 1000).rounded() }).count > 10, "\(name)")
        }
    }

    @Test func iterationsAreThoseOfTheEquations() {
        let (noise, points) = (golden.matrix("noise"), golden.matrix("points"))
        var own = points
        let means = golden.plainMeans(at: points)
        for place in own.values.indices { own.values[place] -= means.values[place] }
        let setting = GoldenFixture.setting
        for (name, found) in [
            ("own_noise", own), ("generated", golden.iterated(noise: noise)),
            ("intervened", golden.iterated(noise: noise, setting: setting)),
            ("counterfactual", golden.iterated(noise: own, setting: setting)),
        ] { #expect(largestDifference(found.values, golden[name]) < GoldenFixture.tolerance, "\(name)") }
    }

    /// To the bit: F̂_i reads z at the parents of i, all of them, and nothing else.
    @Test func aMechanismReadsItsParentsAlone() {
        let points = golden.matrix("points")
        let before = golden.plainMeans(at: points)
        for changed in 0..<points.columns {
            var moved = points
            for row in 0..<points.rows { moved[row, changed] += 0.7 }
            let after = golden.plainMeans(at: moved)
            for node in 0..<points.columns {
                let isSame = (0..<points.rows).allSatisfy { before[$0, node] == after[$0, node] }
                #expect(isSame != GoldenFixture.parents[node].contains(changed), "\(changed) → \(node)")
            }
        }
    }

    /// Tokens of the encoder read their node and its ancestors.
    @Test func tokensReadAncestorsAlone() {
        let ancestors = [[], [0], [0, 1], [0, 1, 2], [], [0, 1, 2, 3, 4]]
        func tokens(_ rows: Matrix<Float>) -> [Float] {
            let tape = Tape(weights: golden.weights)
            return golden.network.encoder.tokens(
                tape.constant(rows.values, shape: [rows.rows, rows.columns]), parents: GoldenFixture.parents
            ).values
        }
        let rows = golden.matrix("rows")
        let before = tokens(rows)
        let width = GoldenFixture.options.encoder.width
        for changed in 0..<rows.columns {
            var moved = rows
            for row in 0..<rows.rows { moved[row, changed] *= 1.5 }
            let after = tokens(moved)
            for node in 0..<rows.columns {
                let places = (0..<rows.rows).flatMap { row in
                    (0..<width).map { (row * rows.columns + node) * width + $0 }
                }
                let reads = node == changed || ancestors[node].contains(changed)
                #expect(places.allSatisfy { before[$0] == after[$0] } != reads, "\(changed) → \(node)")
            }
        }
    }

    /// The sizes that the paper gives: 5.54 and 8.18 million, in which every block among nodes counts a table of 2 × width
    /// that the published code makes and never reads.
    @Test func thePublishedSizesAreTheFirstOptions() {
        var weights = Weights()
        _ = FixedPointNetwork(FixedPointOptions(), weights: &weights, stream: nil)
        func count(_ prefix: String) -> Int {
            zip(weights.names, weights.parameters).filter { $0.0.hasPrefix(prefix) }.reduce(0) { $0 + $1.1.count }
        }
        let table = 2 * 256
        #expect((count("encoder.") + 4 * table + 5000) / 10_000 == 554)
        #expect((count("decoder.") + 6 * table + 5000) / 10_000 == 818)
    }

    @Test func impossibleSizesAreSeen() {
        #expect(FixedPointOptions().isPossible)
        for change in [
            { $0.encoder.width = 0 }, { $0.decoder.heads = 65 }, { $0.headWidth = 5000 }, { $0.dataLayers = 0 },
            { $0.decoder.dropout = 1 }, { $0.encoder.layers = -1 },
        ] as [(inout FixedPointOptions) -> Void] {
            var options = FixedPointOptions()
            change(&options)
            #expect(!options.isPossible)
        }
    }
}
