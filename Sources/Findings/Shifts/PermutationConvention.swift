/// How a share of permutations becomes a p-value.
public enum PermutationConvention: String, Sendable, Codable, CaseIterable {
    /// (k + 1) / (B + 1): the data as they are count as one permutation (Davison & Hinkley 1997).
    case addOne
    /// max(1, k) / B, as scPerturb's `etest`.
    case scPerturb

    /// - Parameter reached: permutations whose distance is at least the observed one.
    func pValue(reached: Int, permutations: Int) -> Double {
        switch self {
        case .addOne: Double(reached + 1) / Double(permutations + 1)
        case .scPerturb: Double(max(1, reached)) / Double(permutations)
        }
    }
}
