import AnnotatedData

/// Which guides each cell carries, and what that makes of the cell.
public struct GuideAssignment: Sendable, Equatable {
    public let guides: [String]
    /// One a guide.
    public let targets: [String]
    /// One a guide: whether it targets nothing.
    public let isControl: [Bool]
    /// One a cell: places in `guides`, by falling count, then in their order.
    public let assigned: [[Int]]
    /// One a cell: molecules of all guides together, assigned or not.
    public let counts: [Double]
    /// One a guide: the least count that assigns it.
    public let thresholds: [Int]
    /// One a guide: what was fitted; nil where nothing was.
    public let mixtures: [GuideMixture?]
    /// One a cell: its target, the label of controls, of unassigned cells, or of those with several targets.
    public let perturbations: [String]
    /// What had to be assumed.
    public let notices: [Notice]
    private let joiner: String
    private let labelsEveryCell: Bool
    private let keepsCombinations: Bool

    init(
        guides: [String], targets: [String], isControl: [Bool], assigned: [[Int]], counts: [Double],
        thresholds: [Int], mixtures: [GuideMixture?], options: GuideOptions, notices: [Notice]
    ) {
        self.guides = guides
        self.targets = targets
        self.isControl = isControl
        self.assigned = assigned
        self.counts = counts
        self.thresholds = thresholds
        self.mixtures = mixtures
        self.notices = notices
        joiner = options.joiner
        labelsEveryCell = options.labelsEveryCell
        keepsCombinations = options.keepCombinations
        perturbations = assigned.map { carried in
            let names = Self.names(carried, targets, isControl)
            if names.count > 1, !options.keepCombinations { return options.multipleLabel }
            if !names.isEmpty { return names.joined(separator: options.joiner) }
            return carried.isEmpty ? options.unassignedLabel : options.controlLabel
        }
    }

    /// The distinct targets of a cell's guides, without those of controls, in order of their names.
    public func targets(ofCell cell: Int) -> [String] { Self.names(assigned[cell], targets, isControl) }

    private static func names(_ carried: [Int], _ targets: [String], _ isControl: [Bool]) -> [String] {
        Set(carried.filter { !isControl[$0] }.map { targets[$0] }).sorted()
    }

    /// Whether a cell's guides tell what was done to it: it carries some, of one target or of controls alone, or
    /// combinations have names.
    public func isAssigned(_ cell: Int) -> Bool {
        !assigned[cell].isEmpty && (keepsCombinations || targets(ofCell: cell).count < 2)
    }

    /// For obs: `perturbation`, missing for cells not assigned where these get no label; `guide_id`, the guides by name; `nperts`, the number of targets, missing where no guide is
    /// assigned; `guide_umis`, the molecules of all guides.
    public var columns: [AnnotationColumn] {
        let identities = assigned.map { carried -> String? in
            carried.isEmpty ? nil : carried.map { guides[$0] }.sorted().joined(separator: joiner)
        }
        let numbers = assigned.indices.map { cell -> Int64? in
            assigned[cell].isEmpty ? nil : Int64(targets(ofCell: cell).count)
        }
        let labels = assigned.indices.map { labelsEveryCell || isAssigned($0) ? perturbations[$0] : nil }
        return [
            AnnotationColumn(name: "perturbation", values: Self.categories(labels)),
            AnnotationColumn(name: "guide_id", values: Self.categories(identities)),
            AnnotationColumn(name: "nperts", values: .integers(numbers)),
            AnnotationColumn(name: "guide_umis", values: .floats(counts)),
        ]
    }

    private static func categories(_ labels: [String?]) -> ColumnValues {
        let levels = Set(labels.compactMap(\.self)).sorted()
        let code = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, Int32($0)) })
        return .categories(codes: labels.map { $0.flatMap { code[$0] } ?? -1 }, levels: levels, ordered: false)
    }
}
