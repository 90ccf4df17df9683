// Times samples of the published network of mechanisms for `Pipelines/Benchmark/fixed_points`:
//
//   FixedPoints [--rows 400] [--nodes 20] [--samples 400] [--edges 2] [--rounds 3]
//
// One process, one thread, processor seconds. Weights are drawn at random: they do not matter to what is done.
import Foundation

func option(_ name: String, _ otherwise: Int) -> Int {
    let arguments = CommandLine.arguments
    guard let place = arguments.firstIndex(of: "--\(name)"), place + 1 < arguments.count else { return otherwise }
    guard let value = Int(arguments[place + 1]), value > 0 else { fatalError("--\(name) takes a number above 0") }
    return value
}

func timed<Result>(_ times: inout [Double], _ body: () -> Result) -> Result {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    let result = body()
    times.append(now() - start)
    return result
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

let (rows, nodes, samples) = (option("rows", 400), option("nodes", 20), option("samples", 400))
let world = SampledWorld(rows: rows, nodes: nodes, samples: samples, edgesPerNode: option("edges", 2), seed: 8)
var (encoder, loop, embedding, sweep) = ([Double](), [Double](), [Double](), [Double]())
var largest: Float = 0
let rounds = option("rounds", 3)
for _ in 0..<rounds {
    let tokens = timed(&encoder) { world.tokens() }
    let expected = timed(&loop) { world.iterated(tokens) }
    let mechanisms = timed(&embedding) { world.embedded(tokens) }
    let found = timed(&sweep) { world.swept(mechanisms) }
    largest = max(largest, zip(expected, found).reduce(0) { max($0, abs($1.0 - $1.1)) })
}

func line(_ name: String, _ ours: [Double], beside published: [Double]) {
    let ratio = median(zip(published, ours).map { $0 / $1 })
    print(
        String(
            format: "%@\t%.3f\t%.3f\t%.1f", name.padding(toLength: 40, withPad: " ", startingAt: 0), median(published),
            median(ours), ratio))
}
let once = zip(embedding, sweep).map(+)
print(
    "\(rows) rows, \(nodes) nodes, \(world.graph.edgeCount) edges, \(samples) samples, medians of \(rounds) rounds")
print("\("processor seconds".padding(toLength: 40, withPad: " ", startingAt: 0))\tloop\tours\tratio")
line("samples, given the encoder's tokens", once, beside: loop)
line("samples from the rows, with the encoder", zip(once, encoder).map(+), beside: zip(loop, encoder).map(+))
line("samples again of the same rows", sweep, beside: loop)
print(String(format: "largest difference %.1e", largest))
