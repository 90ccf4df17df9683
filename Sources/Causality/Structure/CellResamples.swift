import Matrices
import Probability

/// Cells drawn anew with replacement (Efron 1979), as often as wanted: as many among those with the same interventions as
/// there are, so that every target keeps its cells.
struct CellResamples {
    private let cells: [Int]
    /// Places among the cells of those with the same interventions.
    private let strata: [[Int]]
    private let stream: RandomStream

    /// - Parameter cells: In an order that depends on their content only.
    init(cells: [Int], interventions: CellInterventions?, stream: RandomStream) {
        var numbers = [Int32: Int]()
        var strata = [[Int]]()
        for (place, cell) in cells.enumerated() {
            let set = interventions?.setOfCell[cell] ?? 0
            let number = numbers[set] ?? strata.count
            if number == strata.count { strata.append([]) }
            numbers[set] = number
            strata[number].append(place)
        }
        self.cells = cells
        self.strata = strata
        self.stream = stream.stream("resamples")
    }

    /// Those of a resample, in the order in which all came: statistics that read the first cells only must not meet one
    /// intervention after another. Some are there more than once.
    func cells(of number: Int) -> [Int] {
        var stream = stream.stream(number)
        return strata.flatMap { stratum in stratum.map { _ in stratum[stream.index(below: stratum.count)] } }
            .sorted().map { cells[$0] }
    }
}

/// How beliefs vary where cells are drawn anew.
public struct ResampledBeliefs: Sendable, Equatable {
    public let count: Int
    /// d × d: of the probabilities of i → j the 5 % and the 95 % quantile.
    public let low: [Float]
    public let high: [Float]
    /// d × d: in which share of the resamples the probability is above one half.
    public let likelyShare: [Float]

    /// - Parameter probabilities: Of each resample, d × d.
    init(_ probabilities: [[Float]]) {
        count = probabilities.count
        var (low, high, share) = ([Float](), [Float](), [Float]())
        for pair in probabilities[0].indices {
            let values = probabilities.map { $0[pair] }
            let limits = quantiles(of: values, at: [0.05, 0.95])
            low.append(Float(limits[0]))
            high.append(Float(limits[1]))
            share.append(Float(values.count { $0 > 0.5 }) / Float(values.count))
        }
        (self.low, self.high, likelyShare) = (low, high, share)
    }
}
