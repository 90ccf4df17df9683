import Foundation
import Probability
import Tensors
import Testing

@testable import Networks

@Suite struct CheckpointTests {
    /// A small training with everything that has a state: dropout, a schedule, an optimiser, an average.
    private struct Training {
        let network: Perceptron
        let start: Checkpoint
        let schedule: Schedule
        let workers: Workers

        init(_ options: OptimiserOptions, _ schedule: Schedule, workers: Int, widths: [Int] = [2, 16, 1]) {
            var weights = Weights()
            network = Perceptron("p", widths: widths, weights: &weights, stream: RandomStream(seed: 1))
            start = Checkpoint(
                weights: weights, optimiser: Optimiser(options, weights: weights),
                average: MovingAverage(decay: 0.99, weights: weights))
            self.schedule = schedule
            self.workers = Workers(count: workers)
        }

        func run(_ state: inout Checkpoint, to last: Int) {
            while state.optimiser.step < last {
                let step = state.optimiser.step
                var gradient = state.weights.meanGradient(items: 3, workers: workers) { tape, item in
                    loss(tape, RandomStream(seed: 9).stream("step").stream(step).stream(item))
                }.gradient
                clipByNorm(&gradient, limit: 0.5, workers: workers)
                state.optimiser.update(
                    &state.weights, gradient: gradient, rateScale: schedule.scale(at: step), workers: workers)
                state.average!.update(state.weights, workers: workers)
            }
        }

        private func loss(_ tape: Tape, _ stream: RandomStream) -> Tensor {
            var draws = stream.stream("data")
            let x = (0..<16).map { _ in Float(draws.uniform(-1, 1)) }
            let y = (0..<8).map { x[2 * $0] * x[2 * $0 + 1] }
            return network(tape.constant(x, shape: [8, 2])).dropout(rate: 0.3, stream: stream.stream("dropout"))
                .squaredError(targets: tape.constant(y, shape: [8, 1])).mean()
        }
    }

    private func withFile<Result>(_ body: (String) throws -> Result) rethrows -> Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        return try body(file)
    }

    static let cases: [(OptimiserOptions, Schedule)] = [
        (.adam(learningRate: 0.01), .warmupLinear(warmup: 3, total: 10)),
        (.adamW(learningRate: 0.01, weightDecay: 0.1), .warmupCosine(warmup: 3, total: 10)),
        (.lamb(learningRate: 0.01), .piecewiseConstant(factor: 0.1, steps: [4, 7])),
    ]

    @Test(arguments: cases.indices, [1, 2]) func aResumedTrainingHasTheSameBytes(_ index: Int, _ workers: Int) throws {
        let (options, schedule) = Self.cases[index]
        let training = Training(options, schedule, workers: workers)
        var whole = training.start
        Training(options, schedule, workers: 3 - workers).run(&whole, to: 10)
        var half = training.start
        training.run(&half, to: 5)
        half.notes = ["place": "5", "kind": "notes have their own names"]
        try withFile { file in
            try half.write(to: file)
            var resumed = training.start
            try resumed.load(file: file)
            #expect(resumed == half)
            training.run(&resumed, to: 10)
            resumed.notes = [:]
            #expect(resumed == whole && whole.weights != half.weights)
            // A file of the uninterrupted training and one of the resumed are the same to the last byte.
            let bytes = try [whole, resumed].map { state in
                try state.write(to: file)
                return try Data(contentsOf: URL(fileURLWithPath: file))
            }
            #expect(bytes[0] == bytes[1])
        }
    }

    /// What the file does not agree with is named, and the state stays as it was.
    @Test func checkpointsOfOtherTrainingsAreRefused() throws {
        let written = Training(.lamb(learningRate: 0.01), .constant, workers: 1)
        try withFile { file in
            func element(_ state: Checkpoint) -> String? {
                var state = state
                let before = state
                let error = #expect(throws: WeightsError.self) { try state.load(file: file) }
                #expect(state == before && error?.code == "MISMATCH" && error?.file == file)
                return error?.element
            }
            try written.start.write(to: file)
            #expect(element(Training(.lamb(learningRate: 0.02), .constant, workers: 1).start) == "optimiser")
            #expect(element(Training(.adam(learningRate: 0.01), .constant, workers: 1).start) == "optimiser")
            let wider = Training(.lamb(learningRate: 0.01), .constant, workers: 1, widths: [2, 17, 1])
            #expect(element(wider.start) == "weights/p.0.weight")
            var other = written.start
            other.average = nil
            #expect(element(other) == "average decay")
            var tensors = try SafeTensors(file: file)
            tensors.metadata["schema"] = "0"
            try tensors.write(to: file)
            #expect(element(written.start) == "schema")
            tensors.metadata = ["card": "weights alone"]
            try tensors.write(to: file)
            #expect(element(written.start) != nil)
            for step in ["-1", "x", "1.0", "\(Int.max)"] {
                try written.start.write(to: file)
                tensors = try SafeTensors(file: file)
                tensors.metadata["optimiser step"] = step
                try tensors.write(to: file)
                #expect(element(written.start) == "optimiser step")
            }
            try written.start.write(to: file)
            tensors = try SafeTensors(file: file)
            tensors.entries.removeAll { $0.name == "second moment" }
            try tensors.write(to: file)
            #expect(element(written.start) == "second moment")
        }
    }
}
