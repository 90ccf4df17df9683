import Foundation

/// What a simulated drug screen was made from.
public struct ScreenTruth: Codable, Sendable, Equatable {
    public struct Target: Codable, Sendable, Equatable {
        public var gene: String
        /// Shift at saturating dose.
        public var maximumEffect: Double
    }

    public struct Drug: Codable, Sendable, Equatable {
        public var name: String
        /// Its mechanism of action, shared with other drugs; absent where every drug has targets of its own.
        public var drugClass: String?
        public var targets: [Target]
        /// EC50, in dose units.
        public var halfMaximalDose: Double
        public var hillCoefficient: Double

        /// The shift of a gene at a dose: E · cʰ / (EC50ʰ + cʰ); 0 for a gene that is no target, and at dose 0.
        public func shift(of gene: String, dose: Double) -> Double {
            guard dose > 0, let target = targets.first(where: { $0.gene == gene }) else { return 0 }
            return target.maximumEffect / (1 + pow(halfMaximalDose / dose, hillCoefficient))
        }
    }

    public var causalGenes: [String]
    public var backgroundGenes: [String]
    /// Which causal gene regulates which; weights where mechanisms are linear.
    public var edges: [WorldTruth.Edge]
    /// Standard deviation of each causal gene's own noise.
    public var noiseScales: [Double]
    /// What the edges' weights do not tell: absent where mechanisms are linear without a constant.
    public var mechanisms: [WorldTruth.Mechanism]?
    /// Those of the screen, then those of the test alone.
    public var drugs: [Drug]
    public var doses: [Double]
    public var doseUnit: String
    /// Names of the drugs, and doses of the others, that only the test has; absent where there is no test.
    public var heldOutDrugs: [String]?
    public var heldOutDoses: [Double]?
}
