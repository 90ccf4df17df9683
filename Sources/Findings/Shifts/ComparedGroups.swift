/// Which cells are compared with which.
public struct ComparedGroups: Sendable, Equatable {
    /// The groups that are compared, in the order of the results.
    public let names: [String]
    /// The label that each is compared with; nil: with all other cells, labelled or not ("rest").
    public let reference: String?
    /// One a cell: the place of its group in `names`; `names.count` for the reference's cells or, where there is none, for
    /// cells of no group compared; −1 for cells left out.
    public let codes: [Int32]
    /// Cells of each code from 0: the groups, then the reference's (without a reference: cells of no group compared).
    public let sizes: [Int]

    /// - Parameters:
    ///   - labels: The group of each cell; nil where it has none.
    ///   - names: The groups to be compared, each once; the reference is not among them.
    ///   - reference: The label to compare with; nil compares with the rest.
    public init(labels: [String?], comparing names: [String], reference: String?) {
        precondition(Set(names).count == names.count, "a group is compared once")
        precondition(reference.map { !names.contains($0) } ?? true, "the reference is not compared with itself")
        var codeOfLabel = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
        let last = Int32(names.count)
        if let reference { codeOfLabel[reference] = last }
        let other: Int32 = reference == nil ? last : -1
        codes = labels.map { $0.flatMap { codeOfLabel[$0] } ?? other }
        var sizes = [Int](repeating: 0, count: names.count + 1)
        for code in codes where code >= 0 { sizes[Int(code)] += 1 }
        self.sizes = sizes
        self.names = names
        self.reference = reference
    }

    private init(_ groups: ComparedGroups, codes: [Int32]) {
        names = groups.names
        reference = groups.reference
        self.codes = codes
        var sizes = groups.sizes.map { _ in 0 }
        for code in codes where code >= 0 { sizes[Int(code)] += 1 }
        self.sizes = sizes
    }

    /// The same groups of those cells only that `isKept` allows.
    public func keeping(_ isKept: (Int) -> Bool) -> ComparedGroups {
        ComparedGroups(self, codes: codes.enumerated().map { isKept($0) ? $1 : -1 })
    }

    /// Cells that take part.
    public var cellCount: Int { sizes.reduce(0, +) }

    /// Cells that the group of that place is compared with.
    public func referenceSize(of group: Int) -> Int { reference == nil ? cellCount - sizes[group] : sizes[names.count] }

    /// The places of the cells of each code, rising.
    public var cellsOfCode: [[Int]] {
        var cells = sizes.map { _ in [Int]() }
        for (cell, code) in codes.enumerated() where code >= 0 { cells[Int(code)].append(cell) }
        return cells
    }
}
