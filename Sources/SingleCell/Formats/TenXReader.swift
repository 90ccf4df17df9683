import AnnotatedData
import HDF5

/// Opens the HDF5 files of Cell Ranger and of what writes like it (Space Ranger, CellBender, DropletUtils).
///
/// From Cell Ranger 3 on the group `/matrix` holds barcodes and features, several genomes and kinds of features among
/// them; before, each genome has a group with `genes` and `gene_names`. Names and columns are those of scanpy's
/// `read_10x_h5`: genes bear their symbols, `gene_ids` their identifiers.
struct TenXReader {
    let root: HDF5Group
    let options: ReadingOptions
    var notices: [Notice] = []

    /// - Throws: `AMBIGUOUS` where a file of Cell Ranger 1 or 2 has several genomes and none is chosen,
    ///   `MISSING_ELEMENT`, `SHAPE_MISMATCH`, `BAD_INDPTR` and the like where the file is not whole. What is wrong with
    ///   single entries shows when the matrix is walked through.
    static func open(_ file: HDF5File, options: ReadingOptions) throws(FormatError) -> AnnotatedSource {
        let root = try FormatError.translating { () throws(HDF5Error) in try file.root }
        var reader = TenXReader(root: root, options: options)
        let parts = try FormatError.translating { () throws(HDF5Error) in try reader.parts() }
        let axes = MatrixAxes(
            file: file.path, cells: parts.cells.names, genes: parts.features.names, genesElement: parts.group.path)
        let matrix = try TenXMatrix(parts.group, axes, selection: parts.selection)
        return AnnotatedSource(
            format: .tenXHDF5, layout: "csr", dtype: matrix.kind.name, x: matrix,
            annotation: AnnotatedMatrix(
                x: nil, cells: parts.cells, genes: parts.selection.map(parts.features.selecting) ?? parts.features),
            notices: reader.notices)
    }

    /// What a file has beside its entries.
    private struct Parts {
        let group: HDF5Group
        let cells: AnnotationTable
        let features: AnnotationTable
        /// The features wanted; nil where they are all.
        let selection: [Int]?
    }

    private mutating func parts() throws(HDF5Error) -> Parts {
        let isRecent = root.contains("matrix")
        let group = try isRecent ? root.group("matrix") : genomeGroup()
        let cells = try barcodes(group)
        let features = try isRecent ? features(group) : genes(group)
        let selection = try selection(features, isRecent: isRecent)
        let genes = selection.map(features.selecting) ?? features
        notices.noteDuplicates(cells.names, "\(group.path)/barcodes", "barcode")
        notices.noteDuplicates(genes.names, group.path, "gene")
        noteKinds(genes)
        if isRecent { try noteUnread() }
        return Parts(group: group, cells: cells, features: features, selection: selection)
    }

    /// The group of the genome chosen, or the only one.
    private func genomeGroup() throws(HDF5Error) -> HDF5Group {
        var genomes: [HDF5Group] = []
        for name in try root.names {
            if case .group(let group) = try root.node(name), group.contains("barcodes"), group.contains("indptr") {
                genomes.append(group)
            }
        }
        let names = genomes.map { String($0.path.dropFirst()) }
        if let wanted = options.genome {
            guard let position = names.firstIndex(of: wanted) else { throw noGenome(wanted, names) }
            return genomes[position]
        }
        guard genomes.count == 1 else {
            throw HDF5Error(
                code: genomes.isEmpty ? "MISSING_ELEMENT" : "AMBIGUOUS", file: root.file.path, element: "/",
                message: "expected one genome, found \(names.isEmpty ? "none" : names.joined(separator: ", "))",
                remedy: "set read.genome to one of them")
        }
        return genomes[0]
    }

    private func noGenome(_ wanted: String, _ found: [String]) -> HDF5Error {
        HDF5Error(
            code: "MISSING_ELEMENT", file: root.file.path, element: wanted,
            message: "expected the genome \(wanted), found \(found.isEmpty ? "none" : found.joined(separator: ", "))",
            remedy: "set read.genome to one of these, or leave it out")
    }

    private mutating func barcodes(_ group: HDF5Group) throws(HDF5Error) -> AnnotationTable {
        let names = try column(group, "barcodes", count: nil).texts
        var cells = AnnotationTable(names: names.map { $0 ?? "" })
        if group.contains("filtered_barcodes") {
            let filtered = try column(group, "filtered_barcodes", count: cells.count)
            cells["filtered_barcodes"] = filtered.truths.map { .booleans($0) } ?? filtered
        }
        return cells
    }

    /// Of a file of Cell Ranger 1 or 2.
    private mutating func genes(_ group: HDF5Group) throws(HDF5Error) -> AnnotationTable {
        let identifiers = try column(group, "genes", count: nil)
        guard group.contains("gene_names") else { return AnnotationTable(names: identifiers.texts.map { $0 ?? "" }) }
        let names = try column(group, "gene_names", count: identifiers.count).texts
        return AnnotationTable(
            names: names.map { $0 ?? "" }, columns: [AnnotationColumn(name: "gene_ids", values: identifiers)])
    }

    private static let columnNames = ["feature_type": "feature_types", "gene_id": "gene_ids"]

    /// Of a file of Cell Ranger 3 or later: features are genes, antibodies, guides, or probes of genes.
    private mutating func features(_ group: HDF5Group) throws(HDF5Error) -> AnnotationTable {
        let features = try group.group("features")
        let identifiers = try column(features, "id", count: nil)
        let members = try features.names
        let names = members.contains("name") ? try column(features, "name", count: identifiers.count) : identifiers
        var table = AnnotationTable(names: names.texts.map { $0 ?? "" })
        table[members.contains("gene_id") ? "probe_ids" : "gene_ids"] = identifiers
        for member in ["gene_id", "feature_type"] where members.contains(member) {
            table[Self.columnNames[member] ?? member] = try column(features, member, count: table.count)
        }
        for member in members where !["id", "name", "gene_id", "feature_type", "_all_tag_keys"].contains(member) {
            // Groups hold lists of features, such as those of a panel.
            guard case .dataset = try features.node(member) else { continue }
            table[member] = try column(features, member, count: table.count)
        }
        return table
    }

    /// - Parameter count: the number of values expected, of which a single one is taken for all; nil takes what there is.
    private mutating func column(
        _ group: HDF5Group, _ name: String, count: Int?
    ) throws(HDF5Error) -> ColumnValues {
        let values = try group.dataset(name).values
        let isSingle = values.shape.isEmpty && !values.isNull
        guard isSingle ? count != nil : values.shape == [count ?? values.count] else {
            throw HDF5Error(
                code: "SHAPE_MISMATCH", file: root.file.path, element: values.element,
                message: "\(count.map { "\($0) values" } ?? "1 dimension") expected, found the shape \(values.shape)",
                remedy: "fetch the file again, or write it again with the program that made it")
        }
        guard let column = try values.column(&notices) else {
            throw HDF5Error(
                code: "DTYPE", file: root.file.path, element: values.element,
                message: "text or numbers expected, found \(values.kind.name)",
                remedy: "write the file again with the program that made it")
        }
        return isSingle ? column.selecting(Array(repeating: 0, count: count ?? 1)) : column
    }

    /// The features wanted; nil where they are all.
    private func selection(_ features: AnnotationTable, isRecent: Bool) throws(HDF5Error) -> [Int]? {
        var selection = Array(0..<features.count)
        if isRecent, let genome = options.genome {
            let genomes = features["genome"]?.texts ?? []
            selection.removeAll { genomes.isEmpty || genomes[$0] != genome }
            guard !selection.isEmpty else { throw noGenome(genome, Self.distinct(genomes)) }
        }
        if let wanted = options.featureTypes {
            let types = features["feature_types"]?.texts ?? Array(repeating: "Gene Expression", count: features.count)
            selection.removeAll { feature in types[feature].map { !wanted.contains($0) } ?? true }
            guard !selection.isEmpty else {
                throw HDF5Error(
                    code: "MISSING_ELEMENT", file: root.file.path, element: wanted.joined(separator: ", "),
                    message: "expected features of these types, found \(Self.distinct(types).joined(separator: ", "))",
                    remedy: "set read.featureTypes to some of these")
            }
        }
        return selection.count == features.count ? nil : selection
    }

    private static func distinct(_ texts: [String?]) -> [String] {
        Set(texts.compactMap { $0?.isEmpty == false ? $0 : nil }).sorted()
    }

    /// Guides and antibodies are rows as genes are: whoever reads them together is told.
    private mutating func noteKinds(_ genes: AnnotationTable) {
        for (column, option) in [("feature_types", "read.featureTypes"), ("genome", "read.genome")] {
            let kinds = Self.distinct(genes[column]?.texts ?? [])
            if kinds.count > 1 {
                note(
                    "SEVERAL_KINDS",
                    "the matrix holds several \(column): \(kinds.joined(separator: ", ")); \(option) chooses among them"
                )
            }
        }
    }

    private mutating func noteUnread() throws(HDF5Error) {
        let others = try root.names.filter { $0 != "matrix" }
        if !others.isEmpty { note("NOT_READ", "left out: /\(others.joined(separator: ", /"))") }
    }

    private mutating func note(_ code: String, _ message: String) {
        notices.append(Notice(code: code, message: message))
    }
}
