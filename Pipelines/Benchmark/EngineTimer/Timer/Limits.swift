import COpenBLAS
import Dispatch
import Peak
import Tensors

/// What the machine can do at best, in GFLOP per second of the wall clock and per second of a processor: of several runs the
/// median and the best.
struct Limits {
    let threads: Int

    /// Matrix products rows × inner by inner × columns: a large one, then the linear layers and the attention (one head) of
    /// a block at (200, 30) and (1,000, 30).
    static let products = [
        (2048, 2048, 2048), (6000, 768, 128), (6000, 128, 256), (6000, 512, 128), (6000, 128, 512), (30000, 768, 128),
        (30000, 512, 128), (30, 30, 32), (200, 200, 32), (200, 32, 200), (1000, 1000, 32), (1000, 32, 1000),
    ]

    func rows() -> [[String: Any]] {
        var rows = [row("multiply-adds of \(peak_lanes()) lanes", nil, multiplyAdds())]
        openblas_set_num_threads(Int32(threads))
        let library = "OpenBLAS, " + String(cString: openblas_get_corename())
        for shape in Self.products { rows.append(row(library, shape, openBLAS(shape))) }
        for shape in Self.products { rows.append(row("Tensor.linear", shape, linear(shape))) }
        return rows
    }

    private func row(_ name: String, _ shape: (m: Int, n: Int, k: Int)?, _ rates: [String: Double]) -> [String: Any] {
        var row: [String: Any] = ["name": name, "threads": threads]
        if let shape { row["product"] = [shape.m, shape.n, shape.k] }
        return row.merging(rates) { $1 }
    }

    private func multiplyAdds() -> [String: Double] {
        let rounds = 20_000_000
        return rates(operations: 24 * Double(peak_lanes()) * Double(rounds * threads)) {
            DispatchQueue.concurrentPerform(iterations: threads) { _ in
                precondition(peak_multiply_adds(rounds, 0.999, 0.001) > 0, "the sums converge to 1")
            }
        }
    }

    private func openBLAS(_ shape: (m: Int, n: Int, k: Int)) -> [String: Double] {
        let (a, b) = (values(shape.m * shape.k), values(shape.k * shape.n))
        var c = [Float](repeating: 0, count: shape.m * shape.n)
        return rates(operations: 2 * Double(shape.m * shape.n * shape.k)) {
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(shape.m), Int32(shape.n), Int32(shape.k), 1, a,
                Int32(shape.k), b, Int32(shape.n), 0, &c, Int32(shape.n))
        }
    }

    /// The same product as the engine carries it out.
    private func linear(_ shape: (m: Int, n: Int, k: Int)) -> [String: Double] {
        let tape = Tape(recording: false, workers: threads)
        let a = tape.constant(values(shape.m * shape.k), shape: [shape.m, shape.k])
        let b = tape.constant(values(shape.k * shape.n), shape: [shape.k, shape.n])
        return rates(operations: 2 * Double(shape.m * shape.n * shape.k)) { _ = a.linear(weight: b, bias: nil) }
    }

    private func values(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 17) / 17 - 0.5 } }

    /// Runs `body` for half a second and at least nine times, where it is short many times a run.
    private func rates(operations: Double, _ body: () -> Void) -> [String: Double] {
        let repeats = max(1, Int(2e8 / operations))
        body()
        var seconds: [String: [Double]] = [:]
        let start = Stopwatch()
        while (seconds["seconds"] ?? []).count < 9 || start.times["seconds"]! < 0.5 {
            let stopwatch = Stopwatch()
            for _ in 0..<repeats { body() }
            for (clock, time) in stopwatch.times { seconds[clock, default: []].append(time / Double(repeats)) }
        }
        var rates: [String: Double] = [:]
        for (clock, name) in [("seconds", "second"), ("processor_seconds", "processor_second")] {
            let times = seconds[clock]!.sorted()
            rates["median_per_\(name)"] = operations / times[times.count / 2] / 1e9
            rates["best_per_\(name)"] = operations / times[0] / 1e9
        }
        return rates
    }
}
