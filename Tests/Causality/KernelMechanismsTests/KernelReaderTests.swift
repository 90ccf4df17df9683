import Foundation
import Graphs
import Matrices
import Mechanisms
import Networks
import Probability
import Tensors
import Testing

@testable import KernelMechanisms

struct KernelReaderTests {
    /// Rows of two parents and of a curved effect.
    private static func lesson(seed: UInt64, rows: Int = 30, swapped: Bool = false, shuffled: Bool = false)
        -> KernelLesson
    {
        var stream = RandomStream(seed: seed)
        func parents(_ count: Int) -> [[Float]] { (0..<count).map { _ in stream.normals(2) } }
        func truth(_ row: [Float]) -> Float { Float(sin(2 * Double(row[0]))) + 0.5 * row[1] }
        var context = parents(rows).map { ($0, truth($0) + 0.3 * stream.normals(1)[0]) }
        if shuffled { context.reverse() }
        let queries = parents(12)
        func matrix(_ rows: [[Float]]) -> Matrix<Float> {
            Matrix(rows: rows.count, columns: 2, values: rows.flatMap { swapped ? $0.reversed() : $0 })
        }
        return KernelLesson(
            parents: matrix(context.map(\.0)), targets: context.map(\.1), queries: matrix(queries),
            truth: queries.map(truth))
    }

    private static func reader(rounds: Int) -> (KernelReader, Weights) {
        var options = KernelReaderOptions()
        (options.rounds, options.width) = (rounds, 6)
        var weights = Weights()
        let reader = KernelReader(options, weights: &weights, stream: RandomStream(seed: 4))
        return (reader, weights)
    }

    /// Of one round: what later ones are told counts as given, which differences do not know.
    @Test func theGradientGoesThroughTheClosedForm() {
        let (reader, weights) = Self.reader(rounds: 1)
        let lessons = [Self.lesson(seed: 1), Self.lesson(seed: 2)]
        let tape = Tape(weights: weights)
        let gradient = tape.backward(from: reader.loss(of: lessons, on: tape).total)
        func loss(_ place: Int, _ step: Float) -> Double {
            var moved = weights
            moved.values[place] += step
            return reader.loss(of: lessons, on: Tape(weights: moved)).parts[0]
        }
        let largest = gradient.map(abs).max()!
        for place in stride(from: 0, to: weights.count, by: 37) {
            let expected = (loss(place, 5e-3) - loss(place, -5e-3)) / 1e-2
            // Moves are single precision, 1e-7 of 5e-3; the third derivative adds 2.5e-5 of the scale of the loss.
            #expect(abs(Double(gradient[place]) - expected) < 2e-3 * Double(largest), "weight \(place)")
        }
    }

    @Test func orderDoesNotMatter() {
        let (reader, weights) = Self.reader(rounds: 3)
        let plain = reader.errors(of: [Self.lesson(seed: 5)], weights: weights)[0]
        for lesson in [Self.lesson(seed: 5, swapped: true), Self.lesson(seed: 5, shuffled: true)] {
            let other = reader.errors(of: [lesson], weights: weights)[0]
            // Single precision in the network, through three rounds.
            #expect(abs(plain.read - other.read) < 1e-4)
            #expect(abs(plain.leastSquares - other.leastSquares) < 1e-9)
        }
    }

    @Test func lessonsTeach() {
        let (reader, start) = Self.reader(rounds: 2)
        let lessons = (10..<16).map { Self.lesson(seed: $0) }
        var weights = start
        var optimiser = Optimiser(.adam(learningRate: 1e-2), weights: weights)
        var losses: [Double] = []
        for _ in 0..<25 {
            let tape = Tape(weights: weights)
            let (total, parts) = reader.loss(of: lessons, on: tape)
            losses.append(parts[0])
            optimiser.update(&weights, gradient: tape.backward(from: total))
        }
        #expect(losses.last! < losses[0] - 0.05)
    }
}

struct AmortisedKernelModelTests {
    private static let graph = DirectedGraph(nodeCount: 4, edges: [Edge(0, 1), Edge(0, 2), Edge(1, 2)])

    private static func model() throws -> AmortisedKernelModel {
        var options = KernelReaderOptions()
        options.width = 6
        var weights = Weights()
        _ = KernelReader(options, weights: &weights, stream: RandomStream(seed: 1))
        let card = MechanismCard(
            name: "test", version: "1", reader: options, trainingDistribution: "none", nodes: 2...3, rows: 10...20,
            worldsSeen: 0, regressionsSeen: 0, steps: 0, trainingSeconds: 0, cores: 1, validation: [],
            intendedUse: "tests", limits: "all")
        return try AmortisedKernelModel(
            SafeTensors(
                entries: weights.entries(), metadata: ["card": String(decoding: try card.encoded(), as: UTF8.self)]))
    }

    private static func context(_ change: (inout Matrix<Float>) -> Void = { _ in }) throws -> MechanismContext {
        var stream = RandomStream(seed: 9)
        var values = Matrix<Float>(rows: 60, columns: 4, values: stream.normals(240))
        for row in 0..<60 {
            values[row, 1] += 2 * values[row, 0]
            values[row, 2] += Float(sin(Double(values[row, 0]))) - values[row, 1]
        }
        change(&values)
        return try MechanismContext(values: values, names: ["a", "b", "c", "d"], graph: graph)
    }

    @Test func threadsDoNotMatter() throws {
        let model = try Self.model()
        let found = try [1, 3].map { workers in
            try StructuralModel(Self.context(), by: model, workers: workers)
                .generated(rows: 20, interventions: [1: 0.5], stream: RandomStream(seed: 2))
        }
        #expect(found[0] == found[1])
    }

    @Test func aMechanismKnowsItsParentsOnly() throws {
        let model = try Self.model()
        let queries = Matrix<Float>(rows: 3, columns: 1, values: [-1, 0, 2])
        let usual = try model.mechanisms(of: Self.context(), workers: 1).means(of: 1, parents: queries)
        // Neither the node's effect nor a stranger tells of it.
        let other = try model.mechanisms(
            of: Self.context { values in
                for row in 0..<60 {
                    values[row, 2] = Float(row % 7)
                    values[row, 3] *= -values[row, 3]
                }
            }, workers: 1
        ).means(of: 1, parents: queries)
        #expect(usual == other)
        let moved = try model.mechanisms(
            of: Self.context { values in for row in 0..<60 { values[row, 0] = Float(row % 5) } }, workers: 1
        ).means(of: 1, parents: queries)
        #expect(usual != moved)
    }

    /// Rows are looked at in stretches.
    @Test func aRowsAnswerIsItsOwn() throws {
        let mechanisms = try Self.model().mechanisms(of: Self.context(), workers: 1)
        var stream = RandomStream(seed: 3)
        let queries = Matrix<Float>(rows: 1500, columns: 1, values: stream.normals(1500))
        let few = queries.selectingRows([0, 1023, 1024, 1499])
        for (all, some) in [
            (mechanisms.means(of: 1, parents: queries), mechanisms.means(of: 1, parents: few)),
            (mechanisms.deviations(of: 1, parents: queries), mechanisms.deviations(of: 1, parents: few)),
        ] {
            // Sums in double precision whose order depends on how many rows there are.
            for (place, row) in [0, 1023, 1024, 1499].enumerated() { #expect(abs(all[row] - some[place]) < 1e-6) }
        }
    }

    @Test func rootsHaveTheirMean() throws {
        let context = try Self.context()
        let mechanisms = try Self.model().mechanisms(of: context, workers: 1)
        let means = mechanisms.means(of: 3, parents: Matrix(rows: 2, columns: 0, values: []))
        // The standardised mean, which is 0 up to rounding.
        #expect(means.allSatisfy { abs($0) < 1e-6 })
    }

    @Test func refiningRaisesTheEvidence() throws {
        let plain = try Self.model()
        var refined = plain
        refined.refiningSteps = 10
        let context = try Self.context()
        func evidence(_ model: AmortisedKernelModel) throws -> Double {
            let found = try #require(model.mechanisms(of: context, workers: 1) as? RegressionMechanisms)
            return found.regressions[2].logEvidence
        }
        #expect(try evidence(refined) > evidence(plain))
    }

    @Test func otherWeightsAreRefused() throws {
        #expect(throws: WeightsError.self) { try AmortisedKernelModel(SafeTensors(entries: [])) }
    }
}

struct EvidenceKernelModelTests {
    private static let n = 120

    private static func regression(_ truth: (Double) -> Double) -> (KernelRegression, RegressionInputs, [Double]) {
        var stream = RandomStream(seed: 21)
        let x = (0..<n).map { _ in stream.normal() }
        let data = RegressionData(
            inputs: RegressionInputs(rows: n, parents: 1, values: x),
            targets: x.map { truth($0) + 0.2 * stream.normal() })
        let queries = (0..<30).map { -1.5 + 0.1 * Double($0) }
        return (
            EvidenceKernelModel().fitted(data), RegressionInputs(rows: 30, parents: 1, values: queries),
            queries.map(truth)
        )
    }

    @Test func curvesAreFound() {
        let (regression, queries, truth) = Self.regression { sin(3 * $0) }
        let error = zip(regression.means(at: queries), truth).map { abs($0 - $1) }.max()!
        // Noise of 0.2 at about ten rows within a bend's length leaves a deviation of 0.06; three of them.
        #expect(error < 0.2)
        #expect(abs(regression.parameters.logNoise - 2 * log(0.2)) < 0.5)
    }

    @Test func linesStayLines() {
        let (regression, queries, truth) = Self.regression { 0.8 * $0 }
        let error = zip(regression.means(at: queries), truth).map { abs($0 - $1) }.max()!
        // Least squares have 0.2 · √((1 + 1.5²)/120) = 0.03 at the ends; three of them.
        #expect(error < 0.1)
    }

    @Test func theScaleWidensWhatIsBelieved() {
        let (regression, _, _) = Self.regression { sin(3 * $0) }
        let queries = Matrix<Float>(rows: 3, columns: 1, values: [-1, 0.4, 3.5])
        let (plain, wide) = (
            RegressionMechanisms([regression], workers: 1),
            RegressionMechanisms([regression], deviationScale: 1.5, workers: 1)
        )
        let means = plain.means(of: 0, parents: queries)
        let stream = RandomStream(seed: 5)
        let draws = [plain, wide].map { $0.drawn(stream: stream).means(of: 0, parents: queries) }
        let deviations = [plain, wide].map { $0.deviations(of: 0, parents: queries) }
        for place in 0..<3 {
            // Single precision.
            #expect(abs(deviations[1][place] - 1.5 * deviations[0][place]) < 1e-5)
            #expect(abs(draws[1][place] - means[place] - 1.5 * (draws[0][place] - means[place])) < 1e-5)
        }
        let root = KernelRegression(
            KernelParameters(
                logLinear: 0, logAdditive: 0, logJoint: 0, logNoise: 0, logJointLengths: [], logAdditiveLengths: []),
            inputs: RegressionInputs(rows: Self.n, parents: 0, values: []),
            targets: regression.targets)
        let none = Matrix<Float>(rows: 1, columns: 0)
        let (known, scaled) = (
            RegressionMechanisms([root], workers: 1), RegressionMechanisms([root], deviationScale: 1.5, workers: 1)
        )
        #expect(known.deviations(of: 0, parents: none) == scaled.deviations(of: 0, parents: none))
    }

    @Test func drawnFunctionsSpreadAsBelieved() {
        let (regression, _, _) = Self.regression { sin(3 * $0) }
        let queries = RegressionInputs(rows: 3, parents: 1, values: [-1, 0.4, 3.5])
        let (means, variances) = (regression.means(at: queries), regression.variances(at: queries))
        let stream = RandomStream(seed: 5)
        let draws = (0..<400).map { DrawnFunction(regression, stream: stream.stream($0)).values(at: queries) }
        for place in 0..<3 {
            let values = draws.map { $0[place] }
            let mean = values.reduce(0, +) / 400
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399
            // Standard errors of 400 draws: a twentieth of a deviation, and 7 % of a variance; four of them, with a
            // tenth for the 256 waves that stand in for the prior.
            #expect(abs(mean - means[place]) < 0.2 * variances[place].squareRoot() + 1e-3)
            #expect(abs(variance / variances[place] - 1) < 0.4)
        }
    }
}
