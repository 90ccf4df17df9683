/// What is believed of each possible edge among d genes: `self[i, j]` is the probability that i → j.
///
/// The value in which structure learning and intervention models meet: neither knows the other. The diagonal is 0.
public struct EdgeBeliefs: Sendable, Equatable {
    public let genes: [String]
    /// d × d, row-major; row = source, column = target.
    public private(set) var probabilities: [Float]

    public init(genes: [String], probabilities: [Float]) {
        let d = genes.count
        precondition(probabilities.count == d * d, "\(d) × \(d) probabilities expected, \(probabilities.count) given")
        self.genes = genes
        self.probabilities = probabilities
        for i in 0..<d { self.probabilities[i * d + i] = 0 }
    }

    public subscript(source: Int, target: Int) -> Float { probabilities[source * genes.count + target] }

    /// All d(d − 1) ordered pairs by falling probability; ties keep the order of the genes.
    public var ranked: [(source: Int, target: Int, probability: Float)] {
        let d = genes.count
        return (0..<d * d).filter { $0 / d != $0 % d }
            .sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
            .map { ($0 / d, $0 % d, probabilities[$0]) }
    }
}
