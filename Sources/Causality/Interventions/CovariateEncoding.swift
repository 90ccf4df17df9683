import Screens

/// The values of covariates that the model tells apart: those of columns that have at least two.
struct CovariateEncoding: Codable, Sendable, Equatable {
    struct Level: Codable, Sendable, Equatable {
        let column: String
        let value: String
    }

    /// Rising by column, then value.
    let levels: [Level]
    /// Whether the map reads them.
    let areFeatures: Bool

    init(contexts: some Collection<Context>, use: CovariateUse) {
        areFeatures = use == .features
        var values: [String: Set<String>] = [:]
        for context in contexts where use != .ignored {
            for (column, value) in context.covariates { values[column, default: []].insert(value) }
        }
        levels = values.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }
            .flatMap { column, values in values.sorted().map { Level(column: column, value: $0) } }
    }

    /// Columns of the map's input.
    var size: Int { areFeatures ? levels.count : 0 }

    /// Places of a treatment's values; a value that the fit has not seen has none.
    func places(of covariates: [String: String]) -> [Int] {
        levels.indices.filter { covariates[levels[$0].column] == levels[$0].value }
    }

    /// What the map reads of them: 1 for each value that the treatment has, in units of `scale`.
    func inputs(_ covariates: [String: String], scale: Double) -> [Double] {
        guard areFeatures else { return [] }
        var result = [Double](repeating: 0, count: levels.count)
        for place in places(of: covariates) { result[place] = scale }
        return result
    }
}

/// The controls of all cells with the same covariates.
struct ControlStratum: Codable, Sendable, Equatable {
    let covariates: [String: String]
    /// Mean of each gene, in the scale of the screen.
    let means: [Double]
}
