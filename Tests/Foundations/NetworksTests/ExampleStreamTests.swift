import Foundation
import Networks
import Probability
import Tensors
import Testing

@Suite struct ExampleStreamTests {
    /// Σ (w · x − y)², x and y drawn by number; some examples take far longer to make than others.
    private struct Example: Sendable {
        let number: Int
        let x: [Float]
    }

    private func make(_ number: Int) -> Example {
        var stream = RandomStream(seed: 7).stream(number)
        var x = (0..<4).map { _ in Float(stream.normal()) }
        for _ in 0..<(number % 5) * 2_000 { x[0] += Float(stream.normal()) * 1e-6 }
        return Example(number: number, x: x)
    }

    private func weights() -> (Weights, Parameter) {
        var weights = Weights()
        let w = weights.add("w", shape: [4], repeating: 0.5)
        return (weights, w)
    }

    private func means(workers: Int, steps: Range<Int>, items: Int, ahead: Int) -> [ExampleStream<Example>.StepMean] {
        let (weights, w) = weights()
        let stream = ExampleStream(
            workers: workers, first: steps.lowerBound * items, end: steps.upperBound * items, ahead: ahead, make: make)
        defer { stream.close() }
        return steps.map { _ in
            stream.meanGradient(of: weights, items: items) { tape, number, example in
                #expect(number == example.number)
                let error = (tape.parameter(w) * tape.constant(example.x, shape: [4])).sum() + Float(-1)
                return (error * error, [Double(example.x[0]), Double(number)])
            }
        }
    }

    /// The same bytes at any number of workers, with any room ahead, and from wherever the series begins.
    @Test func meansDoNotDependOnWhoMadeWhat() {
        let whole = means(workers: 1, steps: 0..<6, items: 5, ahead: 5)
        for (workers, ahead) in [(2, 5), (3, 20), (8, 7)] {
            for first in [0, 4] {
                let part = means(workers: workers, steps: first..<6, items: 5, ahead: ahead)
                for (found, expected) in zip(part, whole[first...]) {
                    #expect(found.loss == expected.loss && found.parts == expected.parts)
                    #expect(found.gradient == expected.gradient)
                }
            }
        }
    }

    /// Beside the mean gradient of the same items without a stream.
    @Test func meansAreThoseOfTheItems() {
        let (weights, w) = weights()
        let found = means(workers: 2, steps: 1..<2, items: 6, ahead: 12)[0]
        let expected = weights.meanGradient(items: 6) { tape, item in
            let error = (tape.parameter(w) * tape.constant(make(6 + item).x, shape: [4])).sum() + Float(-1)
            return error * error
        }
        #expect(found.loss == expected.loss && found.gradient == expected.gradient)
        #expect(found.parts[1] == 8.5)
    }

    /// A stream that nothing is asked of makes what there is room for and no more, and can be closed.
    @Test func examplesAheadAreBounded() {
        let made = Counter()
        let stream = ExampleStream(workers: 3, first: 10, end: 1000, ahead: 7) { number in
            made.add(number)
            return number
        }
        let (weights, w) = weights()
        _ = stream.meanGradient(of: weights, items: 2) { tape, _, _ in (tape.parameter(w).sum(), []) }
        stream.close()
        #expect(made.numbers.count == Set(made.numbers).count)
        #expect(made.numbers.allSatisfy { (10..<19).contains($0) } && made.numbers.contains(11))
    }
}

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var all: [Int] = []
    var numbers: [Int] { lock.withLock { all } }
    func add(_ number: Int) { lock.withLock { all.append(number) } }
}
