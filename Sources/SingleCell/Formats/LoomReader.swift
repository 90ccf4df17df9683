import AnnotatedData
import HDF5

/// Opens loom files, of loompy 2 and 3 and of what writes like it.
///
/// Loom is genes × cells: rows become columns. Attributes of rows and columns become the tables of genes and cells.
struct LoomReader {
    /// Attributes that may hold the names, the best first; scanpy and Seurat write others than loompy.
    private static let geneNames = ["Gene", "var_names", "gene_names", "Accession", "name"]
    private static let cellNames = ["CellID", "obs_names", "cell_names", "barcode"]

    let root: HDF5Group
    /// Before version 3 texts are ASCII, with other letters as entities of HTML.
    let hasEntities: Bool
    var notices: [Notice] = []

    /// Opens the file, and reads its matrices.
    /// - Throws: `MISSING_ELEMENT`, `SHAPE_MISMATCH`, `DTYPE`, `LIMIT`, and `NONFINITE` for a main matrix with values that
    ///   are no numbers.
    static func open(_ file: HDF5File, options: ReadingOptions) throws(FormatError) -> AnnotatedSource {
        try FormatError.translating { () throws(HDF5Error) in
            var reader = try LoomReader(root: try file.root)
            return try reader.source()
        }
    }

    private init(root: HDF5Group) throws(HDF5Error) {
        self.root = root
        var version: HDF5Values?
        if root.contains("attrs/LOOM_SPEC_VERSION") {
            version = try root.dataset("attrs/LOOM_SPEC_VERSION").values
        } else {
            version = try root.attribute("LOOM_SPEC_VERSION")
        }
        let text = version?.kind == .string ? try version?.strings().first : nil
        hasEntities = text.flatMap { $0.prefix { $0 != "." }.isEmpty ? nil : Int($0.prefix { $0 != "." }) } ?? 0 < 3
    }

    private mutating func source() throws(HDF5Error) -> AnnotatedSource {
        let values = try root.dataset("matrix").values
        guard values.shape.count == 2 else {
            throw problem("SHAPE_MISMATCH", values.element, "a matrix expected, found \(values.shape.count) dimensions")
        }
        let (geneCount, cellCount) = (values.shape[0], values.shape[1])
        let genes = try table("row_attrs", geneCount, names: Self.geneNames, "gene")
        let cells = try table("col_attrs", cellCount, names: Self.cellNames, "cell")
        let x = try matrix(values, cells, genes, isMain: true)
        var layers: [String: any MatrixBlocks] = [:]
        if root.contains("layers") {
            for name in try root.group("layers").names {
                let layer = try root.dataset("layers/\(name)").values
                guard layer.shape == values.shape else {
                    throw problem(
                        "SHAPE_MISMATCH", layer.element, "the shape \(values.shape) expected, found \(layer.shape)")
                }
                layers[name] = try matrix(layer, cells, genes, isMain: false)
            }
        }
        for name in ["row_graphs", "col_graphs"] where root.contains(name) {
            let graphs = try root.group(name).names
            if !graphs.isEmpty { note("NOT_READ", "/\(name) is left out: \(graphs.joined(separator: ", "))") }
        }
        return AnnotatedSource(
            format: .loom, layout: "dense", dtype: values.kind.name, x: x, layers: layers,
            annotation: AnnotatedMatrix(x: nil, cells: cells, genes: genes), notices: notices)
    }

    private mutating func matrix(
        _ values: HDF5Values, _ cells: AnnotationTable, _ genes: AnnotationTable, isMain: Bool
    ) throws(HDF5Error) -> LoomMatrix {
        guard values.kind.isNumeric else {
            throw problem("DTYPE", values.element, "numbers expected, found \(values.kind.name)")
        }
        var isNoted = false
        return try LoomMatrix(values) { cell, gene, value throws(HDF5Error) in
            let message = "the value of cell '\(cells.names[cell])' and gene '\(genes.names[gene])' is \(value)"
            if isMain {
                throw problem(
                    "NONFINITE", values.element, "finite numbers expected; \(message)",
                    remedy: "remove or fill these values, or put another layer into the matrix")
            }
            if !isNoted { note("NONFINITE", "\(values.element): \(message)") }
            isNoted = true
        }
    }

    /// `row_attrs` or `col_attrs`: one value a row or column each; the first of the names known names them.
    private mutating func table(
        _ name: String, _ count: Int, names known: [String], _ what: String
    ) throws(HDF5Error) -> AnnotationTable {
        let members = root.contains(name) ? try root.group(name).names : []
        let title = known.first(where: members.contains)
        var table = AnnotationTable(names: (0..<count).map(String.init))
        for member in members {
            guard case .dataset(let dataset) = try root.node("\(name)/\(member)"),
                let values = try column(dataset.values, count)
            else {
                note("NOT_READ", "/\(name)/\(member) is left out: it has not one value a \(what)")
                continue
            }
            if member == title {
                table.names = values.texts.map { $0 ?? "nan" }
            } else {
                table[member] = values
            }
        }
        if title == nil {
            note("NO_NAMES", "/\(name) has none of \(known.joined(separator: ", ")): \(what)s are numbered from 0")
        }
        noteDuplicates(table.names, "/\(name)", what)
        return table
    }

    /// Nil for what has not one value a row: several, or values that are neither numbers nor texts.
    private mutating func column(_ values: HDF5Values, _ count: Int) throws(HDF5Error) -> ColumnValues? {
        guard values.shape.first == count else {
            throw problem("SHAPE_MISMATCH", values.element, "\(count) values expected, found the shape \(values.shape)")
        }
        guard values.shape.count == 1 else { return nil }
        switch values.kind {
        case .string: return .strings(try strings(values))
        case .integer: return .integers(try values.integers())
        case .float: return .floats(try values.doubles())
        case .boolean: return .booleans(try values.booleans())
        case .compound, .other: return nil
        }
    }

    private mutating func strings(_ values: HDF5Values) throws(HDF5Error) -> [String] {
        var firstInvalid: Int?
        let strings = try values.strings { firstInvalid = min($0, firstInvalid ?? $0) }
        if let firstInvalid {
            note("BAD_UTF8", "\(values.element)[\(firstInvalid)] is not UTF-8; what cannot be read is shown as �")
        }
        return hasEntities ? strings.map(\.decodingEntities) : strings
    }

    private mutating func noteDuplicates(_ names: [String], _ element: String, _ what: String) {
        var seen: Set<String> = []
        let repeated = names.filter { !seen.insert($0).inserted }
        guard let first = repeated.first else { return }
        note("DUPLICATE_NAMES", "\(element): \(repeated.count) \(what) names occur before, the first is '\(first)'")
    }

    private func problem(
        _ code: String, _ element: String, _ message: String,
        remedy: String = "write the file again with loompy, or repair this element"
    ) -> HDF5Error {
        HDF5Error(code: code, file: root.file.path, element: element, message: message, remedy: remedy)
    }

    private mutating func note(_ code: String, _ message: String) {
        notices.append(Notice(code: code, message: message))
    }
}

extension String {
    private static let namedEntities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]

    /// This text with `&#945;`, `&#x3b1;` and `&amp;` as the letters they stand for.
    var decodingEntities: String {
        guard contains("&") else { return self }
        var result = ""
        var rest = self[...]
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            rest = rest[start...]
            // The longest number of a letter has 7 digits.
            guard let end = rest.prefix(12).firstIndex(of: ";"),
                let letter = Self.letter(rest[rest.index(after: start)..<end])
            else {
                result += "&"
                rest = rest.dropFirst()
                continue
            }
            result += letter
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func letter(_ entity: Substring) -> String? {
        guard entity.first == "#" else { return namedEntities[String(entity)] }
        let digits = entity.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        let number = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10)
        return number.flatMap(Unicode.Scalar.init).map { String($0) }
    }
}
