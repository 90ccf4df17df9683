/// All that is known and predicted of one perturbation.
public struct PerturbationFinding: Codable, Sendable, Equatable {
    /// The shift of one gene against the controls.
    public struct Shift: Codable, Sendable, Equatable {
        public var gene: String
        public var predicted: Estimate
        /// Where it was measured.
        public var observed: Double?
        /// What the baselines say, in the order of `baselineNames`.
        public var baselines: [Double]

        public init(gene: String, predicted: Estimate, observed: Double? = nil, baselines: [Double] = []) {
            self.gene = gene
            self.predicted = predicted
            self.observed = observed
            self.baselines = baselines
        }
    }

    /// How likely it is that the perturbation acts on a gene directly: a target as attributed by the model.
    public struct Target: Codable, Sendable, Equatable {
        public var gene: String
        public var probability: Double
        /// Share of the draws of graph and interventions in which it is a target; nil where nobody counted.
        public var agreement: Double?
        /// What it does to the gene, in the units of the shifts.
        public var effect: Double?
        /// How much of the whole shift is gone without this intervention, root mean square over genes.
        public var attributed: Estimate?
        /// Whether the gene is a known target; nil where nothing is known.
        public var known: Bool?

        public init(
            gene: String, probability: Double, agreement: Double? = nil, effect: Double? = nil,
            attributed: Estimate? = nil, known: Bool? = nil
        ) {
            self.gene = gene
            self.probability = probability
            self.agreement = agreement
            self.effect = effect
            self.attributed = attributed
            self.known = known
        }
    }

    /// A gene over doses.
    public struct DoseResponse: Codable, Sendable, Equatable {
        public var gene: String
        public var predicted: [LineFigure.Point]
        /// With 90 % intervals of the means.
        public var observed: [LineFigure.Point]
        /// Through what was measured; nil where nothing was.
        public var fit: HillCurve?

        public init(
            gene: String, predicted: [LineFigure.Point], observed: [LineFigure.Point] = [], fit: HillCurve? = nil
        ) {
            self.gene = gene
            self.predicted = predicted
            self.observed = observed
            self.fit = fit
        }
    }

    /// A Hill curve through measured mean shifts, with 90 % intervals; what the doses don't tell is nil.
    public struct HillCurve: Codable, Sendable, Equatable {
        public var emax: Estimate?
        public var halfEffectiveDose: Estimate?
        public var slope: Estimate?
        /// Why something is missing, in words.
        public var abstention: String?
        /// Doses and shifts along the curve; empty where none was fitted.
        public var points: [LineFigure.Point]

        public init(
            emax: Estimate? = nil, halfEffectiveDose: Estimate? = nil, slope: Estimate? = nil,
            abstention: String? = nil, points: [LineFigure.Point] = []
        ) {
            self.emax = emax
            self.halfEffectiveDose = halfEffectiveDose
            self.slope = slope
            self.abstention = abstention
            self.points = points
        }
    }

    /// What a plain test says of a gene's measured shift.
    public struct Test: Codable, Sendable, Equatable {
        public var gene: String
        public var shift: Double
        /// Adjusted for all treatments and genes of the screen.
        public var adjustedP: Double

        public init(gene: String, shift: Double, adjustedP: Double) {
            self.gene = gene
            self.shift = shift
            self.adjustedP = adjustedP
        }
    }

    /// How much of a gene's shift is direct, and through which genes the rest comes.
    public struct Mediation: Codable, Sendable, Equatable {
        public var gene: String
        public var total: Double
        /// With Monte-Carlo errors where the parts are simulated.
        public var direct: Estimate
        public var mediated: Estimate
        /// What the causal model leaves open, told from treatments that are alike.
        public var residual: Double
        /// What the targets do together and not one by one.
        public var unexplained: Double
        public var via: [String]

        public init(
            gene: String, total: Double, direct: Estimate, mediated: Estimate, residual: Double = 0,
            unexplained: Double = 0,
            via: [String] = []
        ) {
            self.gene = gene
            self.total = total
            self.direct = direct
            self.mediated = mediated
            self.residual = residual
            self.unexplained = unexplained
            self.via = via
        }
    }

    /// A directed path from a target to a gene that is moved.
    public struct Path: Codable, Sendable, Equatable {
        public var genes: [String]
        /// The product of the effects along it.
        public var effect: Double
        /// Share of the graphs that have all its edges.
        public var probability: Double

        public init(genes: [String], effect: Double, probability: Double) {
            self.genes = genes
            self.effect = effect
            self.probability = probability
        }
    }

    /// What measured control cells would have been, or why nothing is said of it.
    public struct Counterfactual: Codable, Sendable, Equatable {
        public struct Gene: Codable, Sendable, Equatable {
            public var gene: String
            public var predicted: Double
            /// Where it was measured.
            public var observed: Double?
            public var shift: Estimate
            /// Of the predicted shift; nil where that may be none.
            public var explained: Double?
            /// Shares of the cells.
            public var up: Double
            public var down: Double
            /// The change below which a tenth and nine tenths of the cells lie.
            public var low: Double
            public var high: Double

            public init(
                gene: String, predicted: Double, observed: Double?, shift: Estimate, explained: Double?, up: Double,
                down: Double, low: Double, high: Double
            ) {
                self.gene = gene
                self.predicted = predicted
                self.observed = observed
                self.shift = shift
                self.explained = explained
                self.up = up
                self.down = down
                self.low = low
                self.high = high
            }
        }

        public var abstention: String?
        public var facts: [ReportFact]
        public var genes: [Gene]
        /// How many genes an intervention reaches, those that are not listed among them.
        public var reached: Int

        public init(abstention: String? = nil, facts: [ReportFact] = [], genes: [Gene] = [], reached: Int = 0) {
            self.abstention = abstention
            self.facts = facts
            self.genes = genes
            self.reached = reached
        }
    }

    /// A perturbation of the training set and how alike it is.
    public struct Neighbour: Codable, Sendable, Equatable {
        public var name: String
        /// Of the features; nil where it has none.
        public var distance: Double?
        /// Correlation of the predicted shifts over all genes; nil where one of them is flat.
        public var correlation: Double?
        /// Genes attributed to it as targets.
        public var targets: [String]

        public init(name: String, distance: Double?, correlation: Double? = nil, targets: [String] = []) {
            self.name = name
            self.distance = distance
            self.correlation = correlation
            self.targets = targets
        }
    }

    public var name: String
    /// One sentence: what it does, in words.
    public var summary: String
    public var heldOut: Bool
    /// Why the perturbation lies outside what the model has seen; nil where it does not.
    public var outOfSupport: String?
    /// Why its targets and parts are not to be relied on; nil where the cells show an effect.
    public var weakness: String?
    public var facts: [ReportFact]
    /// The dose of shifts, targets and parts; nil where doses say nothing.
    public var dose: Double?
    /// Strongest first.
    public var shifts: [Shift]
    public var baselineNames: [String]
    public var targets: [Target]
    public var doseUnit: String
    public var doseResponses: [DoseResponse]
    public var mediations: [Mediation]
    public var paths: [Path]
    /// How direct and mediated parts were found.
    public var mediationMethod: String
    /// Of every gene, where the treatment was measured.
    public var tests: [Test]
    /// What the distance of the neighbours is, such as `Tanimoto distance`.
    public var distanceName: String
    /// nil where it was not asked for.
    public var counterfactual: Counterfactual?
    public var neighbours: [Neighbour]
    public var notices: [ReportNotice]

    public init(
        name: String, summary: String = "", heldOut: Bool = false, outOfSupport: String? = nil,
        weakness: String? = nil, facts: [ReportFact] = [], dose: Double? = nil, shifts: [Shift] = [],
        baselineNames: [String] = [], targets: [Target] = [],
        doseUnit: String = "", doseResponses: [DoseResponse] = [], mediations: [Mediation] = [],
        paths: [Path] = [], mediationMethod: String = "", tests: [Test] = [], distanceName: String = "distance",
        counterfactual: Counterfactual? = nil, neighbours: [Neighbour] = [], notices: [ReportNotice] = []
    ) {
        self.name = name
        self.summary = summary
        self.heldOut = heldOut
        self.outOfSupport = outOfSupport
        self.weakness = weakness
        self.facts = facts
        self.dose = dose
        self.shifts = shifts
        self.baselineNames = baselineNames
        self.targets = targets
        self.doseUnit = doseUnit
        self.doseResponses = doseResponses
        self.mediations = mediations
        self.paths = paths
        self.mediationMethod = mediationMethod
        self.tests = tests
        self.distanceName = distanceName
        self.counterfactual = counterfactual
        self.neighbours = neighbours
        self.notices = notices
    }
}

/// The perturbations of a report, each in a card of its own.
public struct PerturbationFindings: Codable, Sendable, Equatable {
    /// What a shift is, such as `shift of the mean, log1p`.
    public var shiftName: String
    public var perturbations: [PerturbationFinding]
    /// The false discovery rate of the plain test.
    public var discoveryRate: Double
    /// Most genes and dose figures that are drawn for each, and most rows of each of its tables.
    public var drawnGenes: Int
    public var drawnDoseResponses: Int
    public var listedGenes: Int
    /// Only so many perturbations have figures, those that move most, so that the page stays small; all have tables.
    public var drawnPerturbations: Int

    public init(
        shiftName: String, perturbations: [PerturbationFinding], discoveryRate: Double = 0.05, drawnGenes: Int = 15,
        drawnDoseResponses: Int = 6, listedGenes: Int? = nil, drawnPerturbations: Int = 60
    ) {
        self.shiftName = shiftName
        self.perturbations = perturbations
        self.discoveryRate = discoveryRate
        self.drawnGenes = drawnGenes
        self.drawnDoseResponses = drawnDoseResponses
        // Thirty rows, or fewer where there are many perturbations: some 1,800 rows of each kind in the whole page.
        self.listedGenes = listedGenes ?? min(30, max(10, 1_800 / max(1, perturbations.count)))
        self.drawnPerturbations = drawnPerturbations
    }
}
