/// What an atomic intervention does to the mechanism of its target.
public enum InterventionKind: String, Codable, Sendable, CaseIterable {
    /// The parents no longer matter: x ~ N(m, s²), in control standard deviations.
    case hard
    /// The mechanism stays and is moved: x ~ N(f(parents) + m, (σ s)²).
    case shift
}

/// How often the targets of a perturbation are drawn.
public enum TargetDraw: String, Codable, Sendable, CaseIterable {
    /// Once a context: every cell of a treatment has the same targets.
    case context
    /// Once a cell: responders and non-responders (incomplete penetrance).
    case cell
}

/// How the dose enters.
public enum DoseHead: String, Codable, Sendable, CaseIterable {
    /// Hill where every treated context has a dose and there are at least two doses, else free.
    case automatic
    /// The encoder sees log(1 + dose / median dose) beside the features.
    case free
    /// Locations follow m · doseʰ / (EC50ʰ + doseʰ): monotone, nothing at dose 0.
    case hill
}

/// How the fit learns from a graph that is not yet certain.
public enum GraphGradient: String, Codable, Sendable, CaseIterable {
    /// The expected log-likelihood over all graphs, bounded from below in closed form: exact for linear mechanisms but for
    /// the bound, and without noise.
    case expected
    /// Straight-through Gumbel–sigmoid samples, as in the paper.
    case sampled
}

/// The form of a gene's mechanism.
public enum MechanismKind: String, Codable, Sendable, CaseIterable {
    case linear
    /// A linear part and one hidden layer of tanh units; it learns from sampled graphs.
    case mlp
}

/// How the targets of a perturbation, which nobody sees, enter the likelihood.
public enum TargetEstimator: String, Codable, Sendable, CaseIterable {
    /// Summed out in closed form.
    case exact
    /// Averaged over relaxed Gumbel–sigmoid samples, as in the paper: the reference to compare with.
    case relaxed
}

/// What measures how far a graph is from one without cycles.
public enum AcyclicityKind: String, Codable, Sendable, CaseIterable {
    /// Bello et al. 2022.
    case logDeterminant
    /// The spectral radius by power iteration, Lee et al. 2019.
    case spectral
}

/// What is made of covariates such as cell line, time and batch.
public enum CovariateUse: String, Codable, Sendable, CaseIterable {
    /// Cells are compared with all controls.
    case ignored
    /// Cells are centred on the controls of their stratum, where the screen has strata, and every value of a covariate has
    /// intercepts of its own.
    case strata
    /// The same, and the map reads the covariates too: a perturbation may act otherwise on another cell line.
    case features
}
