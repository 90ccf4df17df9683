import AnnotatedData
import Matrices

/// A perturbation screen ready for modelling: expression, who was perturbed by what at which dose, and what is known of
/// each perturbation.
public struct PerturbationScreen: Sendable, Equatable {
    public var genes: [String]
    /// Cells × genes, in the scale that `scale` names.
    public var expression: Matrix<Float>
    public var scale: ExpressionScale
    /// The distinct treatments, controls among them.
    public var contexts: [Context]
    /// For each cell its place in `contexts`.
    public var contextOfCell: [Int]
    /// What is known of each perturbation; nil where nothing was given.
    public var features: FeatureTable?
    /// Measured genes on which a perturbation is known to intervene, by perturbation name: CRISPR targets, reagents with
    /// a known target.
    public var knownTargets: [String: [String]]
    /// One a cell: cells of equal numbers share controls. nil where all controls are shared.
    public var controlStrata: [Int]?
    /// The single perturbations of which a combination is made, by its name.
    public var combinations: [String: [String]]
    public var notices: [Notice]

    public init(
        genes: [String], expression: Matrix<Float>, scale: ExpressionScale, contexts: [Context], contextOfCell: [Int],
        features: FeatureTable? = nil, knownTargets: [String: [String]] = [:], controlStrata: [Int]? = nil,
        combinations: [String: [String]] = [:], notices: [Notice] = []
    ) {
        precondition(expression.columns == genes.count, "\(expression.columns) columns for \(genes.count) genes")
        precondition(expression.rows == contextOfCell.count, "each cell has one context")
        precondition(contextOfCell.allSatisfy(contexts.indices.contains), "a cell points to an unknown context")
        precondition(controlStrata.map { $0.count == contextOfCell.count } ?? true, "each cell has one stratum")
        self.genes = genes
        self.expression = expression
        self.scale = scale
        self.contexts = contexts
        self.contextOfCell = contextOfCell
        self.features = features
        self.knownTargets = knownTargets
        self.controlStrata = controlStrata
        self.combinations = combinations
        self.notices = notices
    }
}
