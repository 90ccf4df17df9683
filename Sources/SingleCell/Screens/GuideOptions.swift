/// How guides are found among the features, assigned to cells and named.
public struct GuideOptions: Codable, Sendable, Equatable {
    /// Which counts say that a cell carries a guide.
    public enum Method: String, Codable, Sendable, CaseIterable {
        /// Every guide with at least `minimumCount` molecules.
        case threshold
        /// The guide with the most molecules, if they are at least `minimumCount` and a share of `minimumShare` of all.
        case maximum
        /// Every guide beyond the threshold of its mixture (`GuideMixture`), and at least `minimumCount` molecules.
        case mixture
    }

    /// How a guide's target follows from its name, where no table names it.
    public enum Naming: String, Codable, Sendable, CaseIterable {
        /// Each guide is a perturbation of its own.
        case wholeName
        /// `TP53_2` targets TP53, `HLA-A_1` HLA-A.
        case beforeLastUnderscore
        /// `TP53-2` targets TP53. Genes with a hyphen in their name must be followed by another one.
        case beforeLastHyphen
    }

    /// The value of the var column `feature_types` that marks guides.
    public var featureType = "CRISPR Guide Capture"
    /// The names of the features that are guides; nil goes by `featurePattern`.
    public var features: [String]?
    /// How the names of guides begin, as a regular expression such as `sg` or `(sg|nt)[0-9]+_`; nil goes by `featureType`.
    public var featurePattern: String?
    /// nil assigns no guides: they stay features like others.
    public var method: Method? = .mixture
    /// The least number of molecules (UMIs) of a guide in a cell that carries it.
    public var minimumCount = 3
    /// For `maximum`: the least share, of all molecules of guides in the cell, beyond 0 and at most 1.
    public var minimumShare = 0.8
    /// For `mixture`: the least probability that a cell carries the guide, between 0 and 1.
    public var posterior = 0.5
    /// For `mixture`: cells that must show a guide for its mixture to be fitted; `minimumCount` decides where there are
    /// fewer, or no two populations.
    public var mixtureCells = 10
    /// Guide → target, such as a gene's symbol. Every guide must be named then; nil goes by `naming`.
    public var targets: [String: String]?
    /// The var column of the guides' targets, such as `target_gene_name` of Cell Ranger; `targets` wins.
    public var targetColumn: String?
    public var naming = Naming.wholeName
    /// Targets whose guides are controls; nil takes the usual words, such as `non-targeting`, alone or with a number.
    public var controlTargets: [String]?
    /// True names a cell of several targets by all of them, false by `multipleLabel`.
    public var keepCombinations = false
    /// Whether cells that carry no guide for sure, or guides of several targets, have a label, too; false leaves their
    /// perturbation out, as of cells that nothing is known of.
    public var labelsEveryCell = true
    /// Between the names of several guides or targets in a text for people. Nothing reads these texts again: names may
    /// hold it.
    public var joiner = "+"
    /// The label of cells that carry only guides of controls.
    public var controlLabel = "control"
    /// The label of cells that carry no guide for sure.
    public var unassignedLabel = "unassigned"
    /// The label of cells of several targets.
    public var multipleLabel = "multiple"

    public init() {}

    func check() throws(ScreenError) {
        let problem: (element: String, message: String)? =
            if method == nil {
                ("method", "a method of assignment expected, found none")
            } else if minimumCount < 1 {
                ("minimumCount", "a count of at least 1 expected, found \(minimumCount)")
            } else if !(minimumShare > 0 && minimumShare <= 1) {
                ("minimumShare", "a share beyond 0 and at most 1 expected, found \(minimumShare)")
            } else if !(posterior > 0 && posterior < 1) {
                ("posterior", "a probability between 0 and 1 expected, found \(posterior)")
            } else if Set([controlLabel, unassignedLabel, multipleLabel]).count < 3 {
                ("unassignedLabel", "three different labels expected for controls, unassigned and multiple")
            } else {
                nil
            }
        if let problem {
            throw ScreenError(
                code: "OPTION", element: problem.element, message: problem.message, remedy: "correct this option")
        }
    }
}
