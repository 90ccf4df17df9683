import Networks
import Probability

/// A classical way from cells to a score for every ordered pair of genes.
protocol DiscoveryMethod: Sendable {
    /// Panels beyond this take too long or too much memory.
    var mostGenes: Int { get }
    /// genes × genes, row = source, from 0 to 1; the diagonal does not matter. Larger scores are likelier edges.
    /// - Parameter stream: For what is drawn.
    func scores(of data: DiscoveryData, stream: RandomStream, workers: Workers) throws(DiscoveryError) -> Scores
}

/// What a method answers.
struct Scores: Sendable {
    let values: [Double]
    /// Genes of whose edges the method says nothing, and why.
    var silences: [Silence] = []

    struct Silence: Sendable {
        let code: String
        /// Places in the data.
        let genes: [Int]
        /// Follows "have scores of 0, as".
        let reason: String
    }
}
