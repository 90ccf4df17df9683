import Networks
import Probability
import Tensors

/// Adam over batches of rows, with the weights that were best on rows kept back.
struct NetworkTraining {
    let options: NetworkOptions
    let steps: Int

    /// Rows to learn from, and rows to stop by.
    struct Split {
        let learnt: [Int]
        let heldOut: [Int]

        /// A share of all rows at random, at least one of each.
        init(rows: Int, options: NetworkOptions, stream: RandomStream) {
            precondition(rows >= 2, "\(rows) rows are not split")
            var stream = stream
            let order = stream.permutation(rows)
            let share = Int((options.heldOut * Double(rows)).rounded())
            let count = min(rows - 1, max(1, min(share, options.mostHeldOut)))
            heldOut = order[..<count].sorted()
            learnt = order[count...].sorted()
        }
    }

    /// Trains `weights` in place.
    /// - Parameters:
    ///   - loss: The mean loss of rows, one number; the stream is for noise of its own.
    /// - Returns: The step that the weights were taken from.
    func run(
        _ weights: inout Weights, split: Split, stream: RandomStream,
        loss: (Tape, [Int], RandomStream) -> Tensor
    ) -> Int {
        let workers = Workers(count: 1)
        let arena = Arena()
        let schedule = Schedule.warmupCosine(warmup: 0, total: steps, floor: 0)
        var optimiser = Optimiser(
            .adamW(learningRate: options.learningRate, weightDecay: options.weightDecay), weights: weights)
        var best = (loss: Self.heldOutLoss(weights, split, arena, stream, loss), step: 0, weights: weights)
        let batches = Batches(rows: split.learnt, height: options.batch, stream: stream.stream("batches"))
        let noise = stream.stream("noise")
        for step in 0..<steps {
            let tape = Tape(weights: weights, arena: arena)
            let value = loss(tape, batches[step], noise.stream(step))
            var gradient = tape.backward(from: value)
            clipByNorm(&gradient, limit: 10, workers: workers)
            optimiser.update(&weights, gradient: gradient, rateScale: schedule.scale(at: step), workers: workers)
            guard (step + 1) % options.interval == 0 || step + 1 == steps else { continue }
            let heldOut = Self.heldOutLoss(weights, split, arena, stream, loss)
            if heldOut < best.loss { best = (heldOut, step + 1, weights) }
            if step + 1 - best.step >= options.patience * options.interval { break }
        }
        weights = best.weights
        return best.step
    }

    private static func heldOutLoss(
        _ weights: Weights, _ split: Split, _ arena: Arena, _ stream: RandomStream,
        _ loss: (Tape, [Int], RandomStream) -> Tensor
    ) -> Double {
        let height = 1024
        let noise = stream.stream("held out")
        var sum = 0.0
        for start in stride(from: 0, to: split.heldOut.count, by: height) {
            let rows = Array(split.heldOut[start..<min(split.heldOut.count, start + height)])
            let tape = Tape(weights: weights, recording: false, arena: arena)
            sum += Double(loss(tape, rows, noise.stream(start)).scalar) * Double(rows.count)
        }
        let mean = sum / Double(split.heldOut.count)
        return mean.isFinite ? mean : .infinity
    }
}

/// Batches that go through all rows in a new order each time; any one can be asked for.
private final class Batches {
    private let rows: [Int]
    private let height: Int
    private let stream: RandomStream
    private var epoch = -1
    private var order: [Int] = []

    init(rows: [Int], height: Int, stream: RandomStream) {
        self.rows = rows
        self.height = min(height, rows.count)
        self.stream = stream
    }

    subscript(step: Int) -> [Int] {
        let perEpoch = rows.count / height
        if step / perEpoch != epoch {
            epoch = step / perEpoch
            var stream = stream.stream(epoch)
            order = stream.permutation(rows.count)
        }
        let start = step % perEpoch * height
        return order[start..<start + height].map { rows[$0] }
    }
}

/// Rows of a row-major table as they are needed.
struct RowSource: Sendable {
    let values: [Float]
    let width: Int

    /// rows × width.
    func rows(_ rows: [Int]) -> [Float] {
        [Float](unsafeUninitializedCapacity: rows.count * width) { buffer, filled in
            filled = rows.count * width
            guard filled > 0 else { return }
            values.withUnsafeBufferPointer { values in
                for (place, row) in rows.enumerated() {
                    (buffer.baseAddress! + place * width).update(
                        from: values.baseAddress! + row * width, count: width)
                }
            }
        }
    }
}
