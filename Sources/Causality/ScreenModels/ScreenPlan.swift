import Interventions
import Matrices
import Responses
import Screens

/// A screen as the causal model reads it: which single perturbations each treatment is made of, and the columns that
/// tell strata apart.
struct ScreenPlan: Sendable {
    let design: ScreenDesign
    /// Of the screen, in the order of the design's.
    let contexts: [Context]
    /// Covariates by name, with the levels that have a column: all but the first.
    let levels: [CovariateLevels]
    /// contexts × columns of levels.
    let levelColumns: Matrix<Float>

    struct CovariateLevels: Codable, Sendable, Equatable {
        var covariate: String
        /// Rising.
        var levels: [String]

        /// 1 at the place of a level, 0 elsewhere; all 0 for the first level and for one that was never seen.
        func columns(of value: String?) -> [Float] { levels.dropFirst().map { $0 == value ? 1 : 0 } }
    }

    init(_ screen: any ScreenCells, options: ScreenModelOptions) throws {
        let treated = screen.contexts.filter { !$0.isControl }
        func parts(_ name: String) -> [String] { screen.combinations[name] ?? [name] }
        let names = Set(treated.flatMap { parts($0.perturbation) }).sorted()
        let place = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let genes = Dictionary(screen.genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let perturbations = names.map { name -> ScreenDesign.Perturbation in
            let known =
                options.useKnownTargets
                ? screen.knownTargets[name].map { Set($0.compactMap { genes[$0] }).sorted() } : nil
            let isReplacing = options.intervention == .hard && known?.isEmpty == false
            return ScreenDesign.Perturbation(
                name: name, action: isReplacing ? .replacement : .shift, knownTargets: known)
        }
        let keys = Set(screen.contexts.flatMap { $0.covariates.keys }).sorted()
        let levels = keys.map { key in
            CovariateLevels(
                covariate: key, levels: Set(screen.contexts.compactMap { $0.covariates[key] }).sorted())
        }.filter { $0.levels.count > 1 }
        self.levels = levels
        contexts = screen.contexts
        design = try ScreenDesign(
            genes: screen.genes, perturbations: perturbations,
            contexts: screen.contexts.map { context in
                context.isControl
                    ? []
                    : parts(context.perturbation).compactMap { place[$0] }
                        .map { ScreenDesign.Treatment($0, dose: context.dose) }
            },
            covariates: levels.flatMap { key in key.levels.dropFirst().map { "\(key.covariate)=\($0)" } })
        let columns = design.covariates.count
        levelColumns = Matrix(
            rows: screen.contexts.count, columns: columns,
            values: screen.contexts.flatMap { context in
                levels.flatMap { $0.columns(of: context.covariates[$0.covariate]) }
            })
    }
}
