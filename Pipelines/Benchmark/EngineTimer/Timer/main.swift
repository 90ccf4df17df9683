// Times the engine for `Pipelines/Benchmark/engine`.
//
//   Timer limits THREADS                              what the machine can do, one line of JSON
//   Timer WORK MODE WEIGHTS DATA THREADS RESULT       a work, carried out once and again for each line on standard input
//
// WORK and MODE are `block forward`, `block gradient`, `network inference` or `network training`. RESULT gets the numbers of
// the first time; every time gives a line of JSON with its seconds.
import Foundation
import Networks

/// What is timed: everything between the values at hand and the values wanted.
protocol Work {
    func step() -> StepResult
}

struct StepResult {
    var loss: Double?
    /// A copy of what was computed.
    let numbers: () -> [Float]
}

extension SafeTensors {
    func required(_ name: String) throws -> Entry {
        guard let entry = self[name] else {
            throw WeightsError(code: "MISMATCH", element: name, message: "missing", remedy: "make the file again")
        }
        return entry
    }
}

func say(_ value: Any) throws {
    let line = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
    FileHandle.standardOutput.write(line + Data("\n".utf8))
}

func sayTimed(_ work: any Work) throws -> StepResult {
    let stopwatch = Stopwatch()
    let result = work.step()
    var line = stopwatch.times
    line["loss"] = result.loss
    try say(line)
    return result
}

func serve(_ arguments: [String]) throws {
    guard arguments.count == 6, let threads = Int(arguments[4]) else {
        fatalError("usage: Timer limits THREADS, or Timer WORK MODE WEIGHTS DATA THREADS RESULT")
    }
    let (weights, data) = try (SafeTensors(file: arguments[2]), SafeTensors(file: arguments[3]))
    let work: any Work
    switch (arguments[0], arguments[1]) {
    case ("block", "forward"): work = try BlockWork(weights: weights, data: data, gradient: false, workers: threads)
    case ("block", "gradient"): work = try BlockWork(weights: weights, data: data, gradient: true, workers: threads)
    case ("network", "inference"): work = try InferenceWork(weights: weights, data: data, workers: threads)
    case ("network", "training"): work = try TrainingWork(weights: weights, data: data, workers: threads)
    default: fatalError("no such work: \(arguments[0]) \(arguments[1])")
    }
    let numbers = try sayTimed(work).numbers()
    try numbers.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: arguments[5])) }
    try say(["ready": true])
    while readLine() != nil { _ = try sayTimed(work) }
}

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.count == 2, arguments[0] == "limits", let threads = Int(arguments[1]) {
    try say(Limits(threads: threads).rows())
} else {
    try serve(arguments)
}
