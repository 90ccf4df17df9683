import Foundation

/// Log odds averaged as probabilities over members that each give their own.
struct EvidenceAverage: Sendable {
    private var logYes: [Double]
    private var logNo: [Double]

    init(count: Int) {
        logYes = Array(repeating: -.infinity, count: count)
        logNo = logYes
    }

    mutating func add(_ logOdds: [Double]) {
        for place in logOdds.indices {
            let x = min(max(logOdds[place], -ResponsePosterior.certain), ResponsePosterior.certain)
            logYes[place] = Self.logSum(logYes[place], -Self.softplus(-x))
            logNo[place] = Self.logSum(logNo[place], -Self.softplus(x))
        }
    }

    var logOdds: [Double] { zip(logYes, logNo).map { $0 - $1 } }

    private static func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

    private static func logSum(_ a: Double, _ b: Double) -> Double {
        let (low, high) = (min(a, b), max(a, b))
        return low == -.infinity ? high : high + log1p(exp(low - high))
    }
}
