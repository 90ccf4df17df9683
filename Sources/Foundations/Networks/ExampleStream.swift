import CKernels
import Foundation
import Tensors

/// Mean gradients over consecutive examples of an endless numbered series, which are made while they are needed.
///
/// A worker takes the gradient of an example of the step in hand where one is made; where none is, it makes the next
/// example of the series, of this step or of one of the following, as far as there is room. So no worker waits for
/// another although examples differ in what they cost, unless it has made as many ahead as are kept. An example depends
/// on its number only and gradients are summed in the order of the numbers, so the result has the same bytes at any
/// number of workers, wherever the series begins.
///
/// `close` must be called in the end; it ends the threads.
public final class ExampleStream<Example: Sendable>: @unchecked Sendable {
    /// Seconds of all workers together since the stream began.
    public struct Seconds: Sendable, Equatable {
        public var making = 0.0
        public var gradients = 0.0

        public init() {}
    }

    /// The mean over a step's examples.
    public struct StepMean: Sendable {
        public var loss = 0.0
        /// Of what the loss is made of; see `meanGradient`.
        public var parts: [Double] = []
        public var gradient: [Float]
    }

    /// How the gradients of a step are taken.
    private struct Slope {
        let weights: Weights
        let loss: @Sendable (Tape, Int, Example) -> (loss: Tensor, parts: [Double])
        let tapeWorkers: Int
    }

    private struct Step {
        let slope: Slope
        let numbers: Range<Int>
        /// Not yet taken by a worker.
        var open: [Int]
        /// Whose gradient is not in the sum yet, because that of an earlier number is missing.
        var found: [Int: (loss: Double, parts: [Double], gradient: [Float])] = [:]
        var next: Int
        var mean: StepMean
    }

    private enum Task {
        case gradient(Slope, Int, Example)
        case example(Int)
    }

    private let workers: Int
    private let ahead: Int
    private let end: Int
    private let make: @Sendable (Int) -> Example
    private let condition = NSCondition()
    private var made: [Int: Example] = [:]
    private var nextExample: Int
    /// The first number of the step in hand, or of the one to come.
    private var base: Int
    private var step: Step?
    private var isClosed = false
    private var running: Int
    private var spent = Seconds()
    private let arena = Arena()

    /// - Parameters:
    ///   - first: The number of the first example.
    ///   - end: No examples are made from this number on.
    ///   - ahead: Examples kept at most beyond the first of the step in hand; at least those of one step.
    ///   - make: The example of a number; called on several threads.
    public init(
        workers: Int, first: Int, end: Int, ahead: Int, make: @escaping @Sendable (_ number: Int) -> Example
    ) {
        precondition(workers > 0 && ahead > 0 && first <= end, "\(workers) workers, \(ahead) ahead, \(first)..<\(end)")
        self.workers = workers
        self.ahead = ahead
        self.end = end
        self.make = make
        nextExample = first
        base = first
        running = workers - 1
        for _ in 1..<workers {
            let thread = Thread { [self] in
                work(Arena()) { false }
                condition.withLock {
                    running -= 1
                    condition.broadcast()
                }
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    public var seconds: Seconds { condition.withLock { spent } }

    /// The mean loss over the next `items` examples of the series and its gradient; the caller's thread is a worker too.
    ///
    /// Memory: a gradient for each worker, and for each example that is done before an earlier one.
    /// - Parameter loss: The loss of an example, one number on the tape that it is given, and numbers that it is made of,
    ///   as many for each example. Called on several threads.
    public func meanGradient(
        of weights: Weights, items: Int,
        loss: @escaping @Sendable (Tape, _ number: Int, Example) -> (loss: Tensor, parts: [Double])
    ) -> StepMean {
        condition.lock()
        let numbers = base..<base + items
        precondition(!isClosed, "the stream is closed")
        precondition(0 < items && items <= ahead && numbers.upperBound <= end, "\(numbers) of \(end), \(ahead) ahead")
        step = Step(
            slope: Slope(weights: weights, loss: loss, tapeWorkers: max(1, workers / items)), numbers: numbers,
            open: Array(numbers), next: numbers.lowerBound,
            mean: StepMean(gradient: Array(repeating: 0, count: weights.count)))
        condition.broadcast()
        condition.unlock()
        work(arena) { self.step!.next == numbers.upperBound }
        return condition.withLock {
            var result = step!.mean
            result.loss /= Double(items)
            for place in result.parts.indices { result.parts[place] /= Double(items) }
            step = nil
            base = numbers.upperBound
            condition.broadcast()
            return result
        }
    }

    /// Ends the threads, once they have done what they are at.
    public func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
            while running > 0 { condition.wait() }
        }
    }

    /// Takes on tasks until `isDone`, which is called under the lock, or the stream is closed.
    private func work(_ arena: Arena, until isDone: () -> Bool) {
        condition.lock()
        defer { condition.unlock() }
        while !isDone(), !isClosed {
            guard let task = nextTask() else {
                condition.wait()
                continue
            }
            condition.unlock()
            let began = Self.now
            switch task {
            case .example(let number):
                let example = make(number)
                condition.lock()
                made[number] = example
                spent.making += Self.now - began
            case .gradient(let slope, let number, let example):
                let tape = Tape(weights: slope.weights, workers: slope.tapeWorkers, arena: arena)
                let (value, parts) = slope.loss(tape, number, example)
                let found = (loss: Double(value.scalar), parts: parts, gradient: tape.backward(from: value))
                condition.lock()
                step!.found[number] = found
                addFound()
                spent.gradients += Self.now - began
            }
            condition.broadcast()
        }
    }

    private func nextTask() -> Task? {
        if let step, let place = step.open.firstIndex(where: { made[$0] != nil }) {
            let number = step.open[place]
            self.step!.open.remove(at: place)
            return .gradient(step.slope, number, made.removeValue(forKey: number)!)
        }
        guard nextExample < min(end, base + ahead) else { return nil }
        nextExample += 1
        return .example(nextExample - 1)
    }

    /// Adds what is found to the mean, in the order of the numbers.
    private func addFound() {
        while let (loss, parts, gradient) = step!.found.removeValue(forKey: step!.next) {
            step!.next += 1
            step!.mean.loss += loss
            if step!.mean.parts.isEmpty { step!.mean.parts = Array(repeating: 0, count: parts.count) }
            for (place, part) in parts.enumerated() { step!.mean.parts[place] += part }
            let share = 1 / Float(step!.numbers.count)
            step!.mean.gradient.withUnsafeMutableBufferPointer { sum in
                gradient.withUnsafeBufferPointer {
                    kernel_accumulate(sum.baseAddress!, share, $0.baseAddress!, sum.count)
                }
            }
        }
    }

    private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
}
