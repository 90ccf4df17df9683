import AnnotatedData
import Chemistry
import Matrices

extension FeatureTable {
    /// Columns that describe a measurement, not a perturbation.
    private static let notFeatures: Set<String> = [
        "dose", "dose_value", "dose_unit", "group", "replicate", "time", "time_h", "has_fp", "is_control", "unnamed: 0",
        "",
    ]

    /// Reads one row a perturbation: its name, numbers, and a structure (`smiles`) or its fingerprint (a column
    /// `morgan2_2048_hex`, which needs no RDKit and wins).
    ///
    /// Rows without all their numbers or without a usable structure are left out with a notice; rows that repeat a
    /// perturbation must repeat its features.
    ///
    /// - Returns: The table in the order of the rows, and what had to be assumed.
    public static func reading(
        _ table: AnnotationTable, options: FeatureOptions = .init()
    ) throws(ScreenError) -> (features: FeatureTable, notices: [Notice]) {
        try options.validate()
        var notices: [Notice] = []
        let rows = try ColumnSearch(cells: table).rows(passing: options.where, notices: &notices)
        let table = rows.count < table.count ? table.selecting(rows) : table
        let names = try perturbationNames(table, options)
        var blocks = [try numericBlock(table, options, skipping: names.column)]
        if options.useFingerprints || options.useDescriptors {
            try blocks += structureBlocks(table, options, notices: &notices)
        }
        let features = blocks.flatMap(\.features)
        guard !features.isEmpty else {
            throw ScreenError(
                code: "BAD_FEATURES", element: nil,
                message: "expected numeric columns, smiles or morgan2_2048_hex, found "
                    + shortList(table.columns.map(\.name)),
                remedy: "add a column of numbers or structures")
        }
        var order: [String] = []
        var rowOf: [String: [Float]] = [:]
        var incomplete: [String] = []
        var contradicted: Set<String> = []
        for (row, name) in names.values.enumerated() {
            guard let name else { continue }
            let parts = blocks.map { $0.values[row] }
            guard parts.allSatisfy({ $0 != nil }) else {
                incomplete.append(name)
                continue
            }
            let values = parts.flatMap { $0 ?? [] }
            if let known = rowOf[name] {
                if known != values { contradicted.insert(name) }
            } else {
                order.append(name)
                rowOf[name] = values
            }
        }
        guard contradicted.isEmpty else {
            throw ScreenError(
                code: "BAD_FEATURES", element: contradicted.min(),
                message: "expected one set of features a perturbation, found several for "
                    + shortList(contradicted.sorted()),
                remedy: "keep one row of each, or choose rows with where")
        }
        incomplete = incomplete.filter { rowOf[$0] == nil }
        if !incomplete.isEmpty {
            notices.append(
                Notice(
                    code: "INCOMPLETE_FEATURES",
                    message: "\(incomplete.count) perturbations lack a number or a usable structure and were left "
                        + "out: \(shortList(incomplete))."))
        }
        guard !order.isEmpty else {
            throw ScreenError(
                code: "BAD_FEATURES", element: nil, message: "no perturbation has all its features",
                remedy: "fill in the missing numbers and structures")
        }
        let matrix = Matrix(rows: order.count, columns: features.count, values: order.flatMap { rowOf[$0] ?? [] })
        return (FeatureTable(perturbations: order, features: features, values: matrix), notices)
    }

    /// The rows of the given perturbations, in the order given; nil where one is missing.
    public func selecting(perturbations names: [String]) -> FeatureTable? {
        let position = Dictionary(zip(perturbations, perturbations.indices)) { first, _ in first }
        let rows = names.compactMap { position[$0] }
        guard rows.count == names.count else { return nil }
        return FeatureTable(perturbations: names, features: features, values: values.selectingRows(rows))
    }

    /// The columns named, in the order given: the features that a model was trained on.
    public func aligned(to wanted: [String]) throws(ScreenError) -> FeatureTable {
        let position = Dictionary(zip(features, features.indices)) { first, _ in first }
        let missing = wanted.filter { position[$0] == nil }
        guard missing.isEmpty else {
            throw ScreenError(
                code: "BAD_FEATURES", element: nil,
                message: "\(missing.count) of \(wanted.count) features are missing: \(shortList(missing))",
                remedy: "give the same columns as for training")
        }
        return FeatureTable(
            perturbations: perturbations, features: wanted,
            values: values.selectingColumns(wanted.compactMap { position[$0] }))
    }

    /// Features by column, with the values of each row; nil where a row lacks them.
    private struct Block {
        var features: [String]
        var values: [[Float]?]
    }

    private static func perturbationNames(
        _ table: AnnotationTable, _ options: FeatureOptions
    ) throws(ScreenError) -> (values: [String?], column: String?) {
        let search = ColumnSearch(cells: table)
        if let name = options.perturbationColumn {
            return (try search.named(name, option: "perturbationColumn").values.labels, name)
        }
        if let column = search.present(["perturbation", "drug", "compound"]).first {
            return (column.values.labels, column.name)
        }
        return (table.names, nil)
    }

    private static func numericBlock(
        _ table: AnnotationTable, _ options: FeatureOptions, skipping nameColumn: String?
    ) throws(ScreenError) -> Block {
        var columns: [(name: String, values: [Double])] = []
        if let wanted = options.numericColumns {
            for name in wanted {
                let column = try ColumnSearch(cells: table).named(name, option: "numericColumns")
                guard let numbers = column.values.numbers else {
                    throw ScreenError(
                        code: "BAD_FEATURES", element: name, message: "expected numbers in \(name), found text",
                        remedy: "remove it from numericColumns")
                }
                columns.append((name, numbers))
            }
        } else {
            for column in table.columns
            where column.name != nameColumn && !notFeatures.contains(column.name.lowercased())
                && fingerprintShape(column.name) == nil && column.name.lowercased() != "smiles"
                && column.name != options.smilesColumn
            {
                guard let numbers = column.values.numbers, numbers.contains(where: { !$0.isNaN }) else { continue }
                columns.append((column.name, numbers))
            }
        }
        let values = (0..<table.count).map { row -> [Float]? in
            let row = columns.map { Float($0.values[row]) }
            return row.allSatisfy(\.isFinite) ? row : nil
        }
        return Block(features: columns.map(\.name), values: values)
    }

    private static func structureBlocks(
        _ table: AnnotationTable, _ options: FeatureOptions, notices: inout [Notice]
    ) throws(ScreenError) -> [Block] {
        let search = ColumnSearch(cells: table)
        var smiles: [String?]?
        if let name = options.smilesColumn {
            smiles = try search.named(name, option: "smilesColumn").values.labels
        } else {
            smiles = search.present(["smiles"]).first?.values.labels
        }
        var blocks: [Block] = []
        if options.useFingerprints {
            let stored = table.columns.first {
                $0.name.lowercased() == "morgan\(options.fingerprintRadius)_\(options.fingerprintBits)_hex"
            }
            let names = (0..<options.fingerprintBits).map { "morgan_\($0)" }
            if let stored {
                let values = try each(stored.values.labels) { hex throws(ChemistryError) in try Fingerprint(hex: hex) }
                for value in values where value.map({ $0.bitCount != options.fingerprintBits }) ?? false {
                    throw ScreenError(
                        code: "BAD_FINGERPRINT", element: stored.name,
                        message: "expected \(options.fingerprintBits) bits, found \(value?.bitCount ?? 0)",
                        remedy: "set fingerprintBits, or correct the column")
                }
                blocks.append(Block(features: names, values: values.map { $0?.values }))
            } else if let smiles {
                let values = try each(smiles) { text throws(ChemistryError) in
                    try Molecule(smiles: text).morganFingerprint(
                        radius: options.fingerprintRadius, bits: options.fingerprintBits)
                }
                blocks.append(Block(features: names, values: values.map { $0?.values }))
            }
        }
        if options.useDescriptors, let smiles {
            let values = try each(smiles) { text throws(ChemistryError) in try Molecule(smiles: text).descriptors() }
            blocks.append(
                Block(
                    features: MolecularDescriptors.names.map { "computed_\($0)" },
                    values: values.map { $0?.values.map { Float($0) } }))
        }
        return blocks
    }

    /// Empty and unreadable structures become nil (and are reported as incomplete); any other failure is thrown.
    private static func each<Value>(
        _ texts: [String?], _ body: (String) throws(ChemistryError) -> Value
    ) throws(ScreenError) -> [Value?] {
        // A table of cells repeats each structure many times.
        var known: [String: Value?] = [:]
        for text in Set(texts.compactMap(\.self)).sorted() where !text.isEmpty {
            do throws(ChemistryError) {
                known[text] = .some(try body(text))
            } catch {
                guard error.code == "BAD_SMILES" else {
                    throw ScreenError(
                        code: error.code, element: error.element, message: error.message, remedy: error.remedy)
                }
            }
        }
        return texts.map { text in text.flatMap { known[$0] ?? nil } }
    }

    /// Radius and bits of a column named as `morgan2_2048_hex`.
    private static func fingerprintShape(_ name: String) -> (radius: Int, bits: Int)? {
        let parts = name.lowercased().split(separator: "_")
        guard parts.count == 3, parts[0].hasPrefix("morgan"), parts[2] == "hex", let bits = Int(parts[1]),
            let radius = Int(parts[0].dropFirst(6))
        else { return nil }
        return (radius, bits)
    }
}

extension ScreenCells {
    /// The screen with these features, and a notice of how many of its perturbations have them.
    ///
    /// Features of perturbations that the screen lacks are kept: they may be asked for later. Throws
    /// `NO_FEATURES_MATCH` where no perturbation has features.
    public func withFeatures(_ features: FeatureTable) throws(ScreenError) -> Self {
        let known = Set(features.perturbations)
        let unmatched = perturbations.filter { !known.contains($0) }
        guard unmatched.count < perturbations.count else {
            throw ScreenError(
                code: "NO_FEATURES_MATCH", element: nil,
                message: "none of the screen's perturbations (\(shortList(perturbations))) is in the table of features "
                    + "(\(shortList(features.perturbations)))",
                remedy: "spell perturbations alike in both")
        }
        var result = self
        result.features = features
        let missing = unmatched.isEmpty ? "" : "; without: \(shortList(unmatched))"
        result.notices.append(
            Notice(
                code: unmatched.isEmpty ? "FEATURES_MATCHED" : "FEATURES_MISSING",
                message: "\(perturbations.count - unmatched.count) of \(perturbations.count) perturbations have "
                    + "features\(missing)."))
        return result
    }

    /// Perturbations of the screen without features, in rising order.
    public var perturbationsWithoutFeatures: [String] {
        let known = Set(features?.perturbations ?? [])
        return perturbations.filter { !known.contains($0) }
    }
}
