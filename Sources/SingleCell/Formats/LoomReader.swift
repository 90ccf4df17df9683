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
        var reader = try FormatError.translating { () throws(HDF5Error) in try LoomReader(root: try file.root) }
        let parts = try FormatError.translating { () throws(HDF5Error) in try reader.parts() }
        let axes = MatrixAxes(
            file: file.path, cells: parts.annotation.cells.names, genes: parts.annotation.genes.names,
            genesElement: "/row_attrs")
        var layers: [String: any MatrixBlocks] = [:]
        for (name, layer) in parts.layers { layers[name] = try LoomMatrix(layer, axes, isMain: false) }
        return AnnotatedSource(
            format: .loom, layout: "dense", dtype: parts.matrix.values.kind.name,
            x: try LoomMatrix(parts.matrix, axes, isMain: true), layers: layers, annotation: parts.annotation,
            notices: reader.notices)
    }

    /// What a file has beside its values.
    private struct Parts {
        let matrix: HDF5Dataset
        let layers: [String: HDF5Dataset]
        let annotation: AnnotatedMatrix
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

    private mutating func parts() throws(HDF5Error) -> Parts {
        let matrix = try numbers("matrix", shape: nil)
        let shape = matrix.values.shape
        // Names are made for what has none: there must be no more of it than such a file can hold.
        guard let longest = shape.max(), longest <= max(root.file.byteCount, 1 << 20) else {
            throw problem(
                "LIMIT", matrix.path, "\(shape[0]) genes × \(shape[1]) cells in a file of \(root.file.byteCount) bytes",
                remedy: "the file is damaged or made to exhaust memory: fetch or write it again")
        }
        let (genes, loadings) = try table("row_attrs", shape[0], names: Self.geneNames, "gene")
        let (cells, embeddings) = try table("col_attrs", shape[1], names: Self.cellNames, "cell")
        var layers: [String: HDF5Dataset] = [:]
        for name in root.contains("layers") ? try root.group("layers").names : [] {
            layers[name] = try numbers("layers/\(name)", shape: shape)
        }
        for name in ["row_graphs", "col_graphs"] where root.contains(name) {
            let graphs = try root.group(name).names
            if !graphs.isEmpty { note("NOT_READ", "/\(name) is left out: \(graphs.joined(separator: ", "))") }
        }
        let annotation = AnnotatedMatrix(
            x: nil, cells: cells, genes: genes, cellEmbeddings: embeddings, geneLoadings: loadings)
        return Parts(matrix: matrix, layers: layers, annotation: annotation)
    }

    /// - Parameter shape: the one expected; nil takes any matrix.
    private func numbers(_ name: String, shape: [Int]?) throws(HDF5Error) -> HDF5Dataset {
        let dataset = try root.dataset(name)
        let values = dataset.values
        guard values.kind.isNumeric else {
            throw problem("DTYPE", values.element, "numbers expected, found \(values.kind.name)")
        }
        guard values.shape.count == 2, shape ?? values.shape == values.shape else {
            throw problem(
                "SHAPE_MISMATCH", values.element,
                "\(shape.map { "the shape \($0)" } ?? "a matrix") expected, found the shape \(values.shape)")
        }
        return dataset
    }

    /// `row_attrs` or `col_attrs`: a value a row or column each, or several, as of an embedding. The first of the names
    /// known names the rows.
    private mutating func table(
        _ name: String, _ count: Int, names known: [String], _ what: String
    ) throws(HDF5Error) -> (AnnotationTable, [String: AlignedArray]) {
        let members = root.contains(name) ? try root.group(name).names : []
        let title = known.first(where: members.contains)
        var table = AnnotationTable(names: (0..<count).map(String.init))
        var arrays: [String: AlignedArray] = [:]
        for member in members {
            guard case .dataset(let dataset) = try root.node("\(name)/\(member)") else {
                note("NOT_READ", "/\(name)/\(member) is left out: it is a group")
                continue
            }
            let values = dataset.values
            guard values.shape.first == count else {
                throw problem(
                    "SHAPE_MISMATCH", values.element, "\(count) values expected, found the shape \(values.shape)")
            }
            if values.shape.count > 1, member != title, let array = try array(values) {
                arrays[member] = .numbers(array)
            } else if values.shape.count == 1, let column = try column(values) {
                if member == title { table.names = column.texts.map { $0 ?? "nan" } } else { table[member] = column }
            } else {
                note("NOT_READ", "/\(name)/\(member) is left out: it holds \(values.kind.name) of \(values.shape)")
            }
        }
        if title == nil {
            note("NO_NAMES", "/\(name) has none of \(known.joined(separator: ", ")): \(what)s are numbered from 0")
        }
        notices.noteDuplicates(table.names, "/\(name)", what)
        return (table, arrays)
    }

    private mutating func column(_ values: HDF5Values) throws(HDF5Error) -> ColumnValues? {
        let column = try values.column(&notices)
        guard hasEntities, case .strings(let texts)? = column else { return column }
        return .strings(texts.map { $0?.decodingEntities })
    }

    /// Numbers of several dimensions; nil for texts.
    private func array(_ values: HDF5Values) throws(HDF5Error) -> NumberArray? {
        let type = NumberType(rawValue: values.kind.name)
        switch values.kind {
        case .float(let bytes) where bytes <= 4:
            return NumberArray(.floats(try values.floats()), shape: values.shape, type: type)
        case .float: return NumberArray(.doubles(try values.doubles()), shape: values.shape, type: type)
        case .integer: return NumberArray(.integers(try values.integers()), shape: values.shape, type: type)
        case .boolean: return NumberArray(.booleans(try values.booleans()), shape: values.shape, type: type)
        case .string, .compound, .other: return nil
        }
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
