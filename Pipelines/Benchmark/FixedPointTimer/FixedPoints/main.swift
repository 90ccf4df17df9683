// Times answers of the published network of mechanisms for `Pipelines/Benchmark/fixed_points`:
//
//   FixedPoints [--rows 400] [--nodes 20] [--queries 400] [--rounds 3] [--edges 2]
//
// One process, one thread, processor seconds. Weights are drawn at random: they do not matter to what is done.
import Foundation
import Graphs
import Matrices
import Mechanisms
import Networks
import Probability
import Tensors

@testable import MechanismNetworks

func option(_ name: String, _ otherwise: Int) -> Int {
    let arguments = CommandLine.arguments
    guard let place = arguments.firstIndex(of: "--\(name)"), place + 1 < arguments.count else { return otherwise }
    guard let value = Int(arguments[place + 1]), value > 0 else { fatalError("--\(name) takes a number") }
    return value
}

func processorSeconds(_ body: () -> Void) -> Double {
    func now() -> Double { Double(clock_gettime_nsec()) / 1e9 }
    func clock_gettime_nsec() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
    let start = now()
    body()
    return now() - start
}

let (n, d, queries, rounds) = (option("rows", 400), option("nodes", 20), option("queries", 400), option("rounds", 3))
let stream = RandomStream(seed: 8)
var weights = Weights()
let network = FixedPointNetwork(FixedPointOptions(), weights: &weights, stream: stream.stream("weights"))
var draw = stream.stream("graph")
let share = Double(2 * option("edges", 2)) / Double(d - 1)
var edges: [Edge] = []
for target in 0..<d {
    for source in 0..<target where draw.bernoulli(min(1, share)) { edges.append(Edge(source, target)) }
}
let graph = DirectedGraph(nodeCount: d, edges: edges)
let parents = graph.parents
func normal(_ rows: Int, _ name: String) -> Matrix<Float> {
    var own = stream.stream(name)
    return Matrix(rows: rows, columns: d, values: (0..<rows * d).map { _ in Float(own.normal()) })
}
let context = try MechanismContext(
    values: normal(n, "rows"), names: (0..<d).map { "x\($0)" }, graph: graph)
let noise = normal(queries, "noise")

/// The encoder's tokens, once for a data set in both.
func tokens(_ tape: Tape) -> Tensor {
    network.encoder.tokens(tape.constant(context.values.values, shape: [n, d]), parents: parents)
}

/// As the published code samples: d rounds, each with the embedding of the data set and all nodes.
func plain(_ given: [Float], _ shape: [Int]) -> [Float] {
    let tape = Tape(weights: weights, recording: false)
    var z = tape.constant(noise.values, shape: [queries, d])
    let added = z
    for _ in 0..<d {
        let embedding = network.decoder.embedding(tape.constant(given, shape: shape), parents: parents)
        z = network.decoder.means(at: z, embedding, parents: parents) + added
    }
    return z.values
}

/// Embedded once, then one sweep.
func swept(_ given: [Float], _ shape: [Int]) -> [Float] {
    let tape = Tape(weights: weights, recording: false)
    let embedding = network.decoder.embedding(tape.constant(given, shape: shape), parents: parents)
    return swept(EmbeddedMechanisms(network.decoder, embedding, parents: parents, on: tape))
}

func swept(_ mechanisms: EmbeddedMechanisms) -> [Float] {
    var z = noise
    for node in graph.topologicalOrder! {
        let means = mechanisms.means(of: node, parents: z.selectingColumns(parents[node]))
        for row in 0..<queries { z[row, node] += means[row] }
    }
    return z.values
}

var encoding: [Double] = []
var (plainTimes, sweptTimes, againTimes) = ([Double](), [Double](), [Double]())
var (given, shape): ([Float], [Int]) = ([], [])
var largest: Float = 0
for _ in 0..<rounds {
    encoding.append(
        processorSeconds {
            let result = tokens(Tape(weights: weights, recording: false))
            (given, shape) = (result.values, result.shape)
        })
    var (a, b): ([Float], [Float]) = ([], [])
    plainTimes.append(processorSeconds { a = plain(given, shape) })
    sweptTimes.append(processorSeconds { b = swept(given, shape) })
    largest = max(largest, zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) })
    let tape = Tape(weights: weights, recording: false)
    let embedding = network.decoder.embedding(tape.constant(given, shape: shape), parents: parents)
    let mechanisms = EmbeddedMechanisms(network.decoder, embedding, parents: parents, on: tape)
    againTimes.append(processorSeconds { _ = swept(mechanisms) })
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.count % 2 == 1
        ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
}
func line(_ name: String, _ times: [Double], _ ratios: [Double]) {
    print(
        String(
            format: "%@\t%.3f\t%.1f", name.padding(toLength: 44, withPad: " ", startingAt: 0), median(times),
            median(ratios)))
}
print(
    "\(n) rows, \(d) nodes, \(graph.edgeCount) edges, \(queries) samples, \(rounds) rounds; processor seconds, medians")
print("\("work".padding(toLength: 44, withPad: " ", startingAt: 0))\tseconds\tratio")
line("published loop", plainTimes, plainTimes.map { _ in 1 })
line("embedded once, one sweep", sweptTimes, zip(plainTimes, sweptTimes).map { $0 / $1 })
line("the same data set asked again", againTimes, zip(plainTimes, againTimes).map { $0 / $1 })
line("encoder (before either)", encoding, zip(plainTimes, encoding).map { $0 / $1 })
line(
    "with the encoder: published", zip(plainTimes, encoding).map(+), plainTimes.map { _ in 1 })
line(
    "with the encoder: ours", zip(sweptTimes, encoding).map(+),
    zip(zip(plainTimes, sweptTimes), encoding).map { ($0.0 + $1) / ($0.1 + $1) })
print(String(format: "largest difference %.1e", largest))
