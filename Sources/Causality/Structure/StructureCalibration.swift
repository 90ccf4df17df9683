import Graphs
import Probability

/// What brings a predictor's logits in step with how often its edges are there, and how far in step they were and are.
///
/// To be made at the end of a training, from fresh worlds that it did not see, drawn as it draws them:
///
///     card.calibration = StructureCalibration(
///         logits: worlds.map { network logits, d × d }, graphs: worlds.map(\.graph), domains: worlds.map(\.domain))
///
/// One line through all domains, because nobody knows the domain of real data; every pair of distinct genes counts alike.
/// The line is fitted on every second world of each domain, and what is said of reliability comes from the others.
public struct StructureCalibration: Codable, Sendable, Equatable {
    /// Reliability on the worlds of one domain.
    public struct Domain: Codable, Sendable, Equatable {
        public var name: String
        /// Those that the line was not fitted on.
        public var worlds: Int
        public var before: Reliability
        public var after: Reliability
    }

    /// Applied to every logit of a prediction.
    public var scaling: LogitScaling
    /// In the order in which they came first.
    public var domains: [Domain]

    /// - Parameters:
    ///   - logits: Of each world, d × d; the diagonal is passed over.
    ///   - graphs: The truth of each.
    ///   - names: The name of each one's domain.
    public init(logits: [[Float]], graphs: [DirectedGraph], domains names: [String]) {
        precondition(
            logits.count == graphs.count && logits.count == names.count,
            "\(logits.count) worlds with \(graphs.count) graphs and \(names.count) domains")
        var fitted = Pairs()
        var order = [String]()
        var held = [String: (worlds: Int, pairs: Pairs)]()
        var seen = [String: Int]()
        for (world, name) in names.enumerated() {
            let number = seen[name, default: 0]
            seen[name] = number + 1
            if number == 0 { order.append(name) }
            if number.isMultiple(of: 2) {
                fitted.append(logits[world], graphs[world])
            } else {
                held[name, default: (0, Pairs())].worlds += 1
                held[name]!.pairs.append(logits[world], graphs[world])
            }
        }
        let scaling = LogitScaling(logits: fitted.logits, truths: fitted.truths)
        self.scaling = scaling
        domains = order.compactMap { name in
            held[name].map { worlds, pairs in
                Domain(
                    name: name, worlds: worlds, before: Reliability(logits: pairs.logits, truths: pairs.truths),
                    after: Reliability(logits: pairs.logits.map { scaling($0) }, truths: pairs.truths))
            }
        }
    }

    /// Whether it can have been measured: the line keeps the order of logits, and reliabilities are numbers of cases and
    /// shares of them.
    var isPossible: Bool {
        func isPossible(_ reliability: Reliability) -> Bool {
            reliability.bins.count == Reliability.binCount
                && reliability.bins.allSatisfy {
                    (0...1 << 50).contains($0.count) && (0...1).contains($0.meanProbability)
                        && (0...1).contains($0.frequency)
                }
        }
        return scaling.slope > 0 && scaling.slope.isFinite && scaling.offset.isFinite
            && domains.allSatisfy { isPossible($0.before) && isPossible($0.after) }
    }

    /// Ordered pairs of distinct genes.
    private struct Pairs {
        var logits = [Double]()
        var truths = [Bool]()

        mutating func append(_ values: [Float], _ graph: DirectedGraph) {
            let d = graph.nodeCount
            precondition(values.count == d * d, "\(values.count) logits for \(d) genes")
            let adjacency = graph.adjacency
            for pair in values.indices where pair / d != pair % d {
                logits.append(Double(values[pair]))
                truths.append(adjacency[pair])
            }
        }
    }
}
