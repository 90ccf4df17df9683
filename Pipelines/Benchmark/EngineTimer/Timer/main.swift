// Times the engine for `Pipelines/Benchmark/engine`.
//
//   Timer limits THREADS                               what the machine can do, one line of JSON
//   Timer block forward|gradient FILE THREADS RESULT   a work, carried out once and again for each line on standard input
//
// FILE holds weights by the names of the package `avici` and the data, RESULT gets the numbers of the first time; every time
// gives a line of JSON with its seconds.
import Foundation
import Networks

/// What is timed: everything between the values at hand and the values wanted.
protocol Work {
    /// Carries the work out; what it gives is copied by calling the result.
    func step() -> () -> [Float]
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

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.count == 2, arguments[0] == "limits", let threads = Int(arguments[1]) {
    try say(Limits(threads: threads).rows())
} else if arguments.count == 5, let threads = Int(arguments[3]) {
    let file = try SafeTensors(file: arguments[2])
    let work: any Work
    switch (arguments[0], arguments[1]) {
    case ("block", "forward"): work = try BlockWork(file, gradient: false, workers: threads)
    case ("block", "gradient"): work = try BlockWork(file, gradient: true, workers: threads)
    default: fatalError("no such work: \(arguments)")
    }
    let stopwatch = Stopwatch()
    let result = work.step()
    try say(stopwatch.times)
    result().withUnsafeBytes { bytes in
        _ = FileManager.default.createFile(atPath: arguments[4], contents: Data(bytes))
    }
    try say(["ready": true])
    while readLine() != nil {
        let stopwatch = Stopwatch()
        let result = work.step()
        let times = stopwatch.times
        withExtendedLifetime(result) {}
        try say(times)
    }
} else {
    fatalError("usage: Timer limits THREADS, or Timer WORK MODE FILE THREADS RESULT")
}
