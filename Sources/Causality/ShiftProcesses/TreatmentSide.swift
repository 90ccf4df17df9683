import Foundation
import Matrices
import Screens

/// Treatments laid out for kernels: many share a perturbation, a dose or the cells, and kernels are made once for each.
struct TreatmentSide: Sendable {
    /// A dose in cells of one kind.
    struct Setting: Hashable, Sendable {
        var dose: Double
        var amount: Double
        /// Place in `strata`.
        var stratum: Int
    }

    let contexts: [Context]
    /// Distinct perturbations, and the single ones of which each is made.
    let names: [String]
    let parts: [[String]]
    let settings: [Setting]
    /// Distinct covariates, and the mean controls of these cells, standardised over genes; nil where unknown.
    let strata: [[String: String]]
    let profiles: [[Double]?]
    /// Of each treatment its places in `names` and `settings`.
    let nameOf: [Int]
    let settingOf: [Int]

    /// - Parameter controls: mean controls, genes, by covariates.
    init(
        _ contexts: [Context], combinations: [String: [String]], doses: DoseScale,
        controls: [[String: String]: [Double]]
    ) {
        var nameOf: [Int] = []
        var names: [String] = []
        var nameAt: [String: Int] = [:]
        var strata: [[String: String]] = []
        var stratumAt: [[String: String]: Int] = [:]
        var settings: [Setting] = []
        var settingAt: [Setting: Int] = [:]
        var settingOf: [Int] = []
        func place<Key: Hashable>(_ key: Key, _ list: inout [Key], _ index: inout [Key: Int]) -> Int {
            if let known = index[key] { return known }
            index[key] = list.count
            list.append(key)
            return list.count - 1
        }
        for context in contexts {
            nameOf.append(place(context.perturbation, &names, &nameAt))
            let stratum = place(context.covariates, &strata, &stratumAt)
            let setting = Setting(
                dose: doses.position(context), amount: doses.amount(context), stratum: stratum)
            settingOf.append(place(setting, &settings, &settingAt))
        }
        self.contexts = contexts
        self.names = names
        parts = names.map { combinations[$0] ?? [$0] }
        self.settings = settings
        self.strata = strata
        profiles = strata.map { controls[$0].flatMap(Self.standardised) }
        self.nameOf = nameOf
        self.settingOf = settingOf
    }

    /// Of mean 0 and length 1; nil for a profile without any variance.
    private static func standardised(_ profile: [Double]) -> [Double]? {
        let mean = profile.reduce(0, +) / Double(max(1, profile.count))
        let length = profile.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
        return length > 1e-12 ? profile.map { ($0 - mean) / length } : nil
    }

    /// 1 − Pearson correlation of the controls of two strata, this side's and another's; nil where unknown.
    func unlikeness(_ stratum: Int, _ other: TreatmentSide, _ otherStratum: Int) -> Double? {
        guard let a = profiles[stratum], let b = other.profiles[otherStratum], a.count == b.count else { return nil }
        return max(0, 1 - zip(a, b).reduce(0) { $0 + $1.0 * $1.1 })
    }

    /// exp(−unlikeness / scale); 1 for equal covariates and 0 for others where likeness is unknown.
    func likeness(_ stratum: Int, _ other: TreatmentSide, _ otherStratum: Int, scale: Double?) -> Double {
        guard let scale, let own = unlikeness(stratum, other, otherStratum) else {
            return strata[stratum] == other.strata[otherStratum] ? 1 : 0
        }
        return exp(-own / scale)
    }

    /// The median of all pairs of strata, the scale on which likeness of cells is told; nil with fewer than three
    /// strata of known controls.
    var medianUnlikeness: Double? {
        let known = strata.indices.filter { profiles[$0] != nil }
        guard known.count > 2 else { return nil }
        var all: [Double] = []
        for (place, i) in known.enumerated() {
            for j in known[..<place] { if let value = unlikeness(i, self, j) { all.append(value) } }
        }
        let middle = all.sorted()[all.count / 2]
        return middle > 1e-9 ? middle : nil
    }
}
