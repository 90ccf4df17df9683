/// What simulated cells were made from, by gene names.
public struct WorldTruth: Codable, Sendable, Equatable {
    public struct Edge: Codable, Sendable, Equatable {
        public var source: String
        public var target: String
        /// The linear weight; absent where the mechanism is not linear.
        public var weight: Double?
    }

    /// b + Σ_k amplitudes[k] cos 2π (phases[k] + Σ_p frequencies[k][p] x_p), p over the parents.
    public struct Waves: Codable, Sendable, Equatable {
        public var frequencies: [[Float]]
        public var phases: [Float]
        public var amplitudes: [Float]
    }

    /// b + Σ_k outer[k] tanh(offsets[k] + Σ_p hidden[k][p] x_p), p over the parents.
    public struct Units: Codable, Sendable, Equatable {
        public var hidden: [[Float]]
        public var offsets: [Float]
        public var outer: [Float]
    }

    public struct Mechanism: Codable, Sendable, Equatable {
        public var gene: String
        public var parents: [String]
        public var bias: Float
        /// One a parent; absent where the mechanism is not linear.
        public var weights: [Float]?
        /// Absent where the mechanism is not a sum of random Fourier features.
        public var waves: Waves?
        /// Absent where the mechanism is no perceptron.
        public var units: Units?
        /// Absent where it depends on the parents.
        public var noiseScale: Float?
        /// h of the noise scale √log(1 + exp h(x)) where it depends on the parents; its bias is 0.
        public var noiseWaves: Waves?
    }

    public struct Target: Codable, Sendable, Equatable {
        public var gene: String
        public var cells: Int
        /// What was added to the gene, where interventions are shifts.
        public var shift: Double?
        /// What the gene's effects saw in its place, where interventions are on activity.
        public var activity: Double?
    }

    public var genes: [String]
    public var edges: [Edge]
    /// Families, as the settings name them.
    public var graph: String
    public var mechanism: String
    public var noise: String
    public var mechanisms: [Mechanism]
    public var interventions: InterventionKind
    public var targets: [Target]

    static func names(prefix: String, count: Int) -> [String] {
        let digits = String(count).count
        return (1...max(1, count)).prefix(count).map { number in
            prefix + String(repeating: "0", count: digits - String(number).count) + String(number)
        }
    }
}

extension WorldSample {
    public var truth: WorldTruth {
        let names = genes
        let cells = values.rows
        let mechanisms = names.indices.map { gene in
            var result = world.mechanisms[gene].described(
                gene: names[gene], parents: graph.parents[gene].map { names[$0] })
            switch world.noiseScales[gene] {
            case .constant(let scale): result.noiseScale = scale
            case .varying(let function): result.noiseWaves = function.waves(parents: graph.parents[gene].count)
            }
            return result
        }
        return WorldTruth(
            genes: names,
            edges: graph.edges.map {
                .init(source: names[$0.source], target: names[$0.target], weight: world.weight(of: $0))
            },
            graph: world.graphFamily.rawValue, mechanism: world.mechanismFamily.rawValue, noise: world.noise.rawValue,
            mechanisms: mechanisms, interventions: world.options.interventions,
            targets: targets.enumerated().map { place, gene in
                let kind = world.options.interventions
                return WorldTruth.Target(
                    gene: names[gene], cells: (0..<cells).count { interventions[$0, gene] == 1 },
                    shift: kind == .shift ? drawnOnce[place] : nil,
                    activity: kind == .activity ? drawnOnce[place] : nil)
            })
    }
}

extension Mechanism {
    func described(gene: String, parents: [String]) -> WorldTruth.Mechanism {
        var result = WorldTruth.Mechanism(gene: gene, parents: parents, bias: 0)
        switch self {
        case .linear(let weights, let bias): (result.weights, result.bias) = (weights, bias)
        case .randomFourier(_, _, _, let bias):
            (result.waves, result.bias) = (waves(parents: parents.count), bias)
        case .perceptron(let hidden, let offsets, let outer, let bias):
            result.units = WorldTruth.Units(
                hidden: Self.rows(hidden, count: outer.count), offsets: offsets, outer: outer)
            result.bias = bias
        }
        return result
    }

    /// The features of a random Fourier function; nil for others.
    fileprivate func waves(parents: Int) -> WorldTruth.Waves? {
        guard case .randomFourier(let frequencies, let phases, let amplitudes, _) = self else { return nil }
        return WorldTruth.Waves(
            frequencies: Self.rows(frequencies, count: phases.count), phases: phases, amplitudes: amplitudes)
    }

    private static func rows(_ values: [Float], count: Int) -> [[Float]] {
        let width = values.count / max(1, count)
        return (0..<count).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }
}
