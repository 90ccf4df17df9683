import AnnotatedData
import HDF5

/// Reads AnnData of all generations from a tree of groups and arrays: before 0.7 (tables as compound datasets), 0.7
/// (categories beside the columns), and 0.8 to 0.13 (every element names its encoding).
///
/// The annotation is read at once, the matrices stay where they are. What cannot be understood in `uns`, `obsm` and the like
/// is left out with a notice; what is wrong in `X`, `obs`, `var`, `layers` and `raw` is an error, since the results would be.
struct AnnDataReader {
    let path: String
    let format: FileFormat
    private(set) var root: any StoreGroup
    var notices: [Notice] = []
    /// Entries of `uns` that hold the categories of columns (before 0.7).
    var categoryKeys: Set<String> = []
    /// Entries of `uns` looked at so far.
    var entriesSeen = 0

    /// - Parameter path: the file or folder that holds the tree, for errors.
    init(_ root: any StoreGroup, path: String, format: FileFormat) {
        self.root = root
        self.path = path
        self.format = format
    }

    mutating func open(_ options: ReadingOptions) throws(FormatError) -> AnnotatedSource {
        do throws(FormatError) {
            try chooseModality(options.modality)
            return try source()
        } catch {
            var error = error
            error.file = error.file ?? path
            throw error
        }
    }

    private mutating func source() throws(FormatError) -> AnnotatedSource {
        let cells = try table("obs")
        let genes = try table("var")
        notices.noteDuplicates(cells.names, root.path(of: "obs"), "cell")
        notices.noteDuplicates(genes.names, root.path(of: "var"), "gene")
        if cells.count == 0 || genes.count == 0 {
            note("EMPTY_MATRIX", "\(cells.count) cells × \(genes.count) genes")
        }
        let names = try root.names
        let axes = MatrixAxes(file: path, cells: cells.names, genes: genes.names)
        let x = names.contains("X") ? try matrix("X", axes, isMain: true) : nil
        var layers: [String: any MatrixBlocks] = [:]
        if names.contains("layers") {
            for name in try root.group("layers").names {
                layers[name] = try matrix("layers/\(name)", axes, isMain: false)
            }
        }
        let raw = try rawMatrix(names, cells.names)
        let annotation = AnnotatedMatrix(
            x: nil, cells: cells, genes: genes, unstructured: names.contains("uns") ? unstructured() : [:],
            cellEmbeddings: aligned("obsm", cells.count, isGraph: false),
            geneLoadings: aligned("varm", genes.count, isGraph: false),
            cellGraphs: aligned("obsp", cells.count, isGraph: true),
            geneGraphs: aligned("varp", genes.count, isGraph: true))
        return AnnotatedSource(
            format: format, layout: x?.layout ?? "dense", dtype: x?.kind.name ?? "none", x: x, layers: layers,
            raw: raw?.matrix, rawGeneLoadings: raw?.loadings ?? [:], annotation: annotation, notices: notices)
    }

    /// `raw` is a group with X, var and varm; before 0.7 its parts lay in the root as `raw.X`, `raw.var` and `raw.varm`.
    private mutating func rawMatrix(
        _ names: [String], _ cells: [String]
    ) throws(FormatError) -> (matrix: (x: any MatrixBlocks, genes: AnnotationTable), loadings: [String: AlignedArray])?
    {
        if names.contains("raw"), names.contains("raw.X") {
            note("DUPLICATE_ENTRIES", "the file has both /raw and /raw.X; /raw is used")
        }
        let prefix: String
        if names.contains("raw") {
            guard case .group(let group) = try root.node("raw"), group.contains("X") else { return nil }
            prefix = "raw/"
        } else if names.contains("raw.X") {
            prefix = "raw."
        } else {
            return nil
        }
        let genes = try table("\(prefix)var")
        let axes = MatrixAxes(file: path, cells: cells, genes: genes.names, genesElement: "/\(prefix)var")
        guard let x = try matrix("\(prefix)X", axes, isMain: false) else { return nil }
        return ((x, genes), aligned("\(prefix)varm", genes.count, isGraph: false))
    }

    /// A file of several modalities (MuData) holds one AnnData each below `mod`.
    private mutating func chooseModality(_ wanted: String?) throws(FormatError) {
        guard root.contains("mod"), !root.contains("X"), case .group(let modalities) = try root.node("mod") else {
            return
        }
        let names = try modalities.names
        let found = names.joined(separator: ", ")
        guard let name = wanted ?? (names.count == 1 ? names[0] : nil) else {
            throw FormatError(
                code: "AMBIGUOUS", file: path, element: "/mod",
                message: "one modality expected, found \(names.isEmpty ? "none" : found)",
                remedy: "set read.modality to one of these names")
        }
        guard names.contains(name) else {
            throw FormatError(
                code: "MISSING_ELEMENT", file: path, element: "/mod/\(name)",
                message: "there is no modality '\(name)', but \(found)",
                remedy: "set read.modality to one of these names")
        }
        root = try modalities.group(name)
    }

    mutating func note(_ code: String, _ message: String) {
        notices.append(Notice(code: code, message: message))
    }

    func problem(_ code: String, _ element: String, _ message: String) -> FormatError {
        .unsound(code, path, element, message)
    }

    /// The encoding that an element names; nil where it names none (before 0.7).
    func encoding(_ object: any StoreObject) throws(FormatError) -> String? {
        guard let values = try object.attribute("encoding-type"), values.kind == .string else { return nil }
        return try values.strings { _ in }.first
    }

    /// Texts; the first one that is not UTF-8 is noted.
    mutating func strings(_ values: any StoreValues) throws(FormatError) -> [String] {
        var firstInvalid: Int?
        let strings = try values.strings { firstInvalid = min($0, firstInvalid ?? $0) }
        if let firstInvalid {
            note("BAD_UTF8", "\(values.element)[\(firstInvalid)] is not UTF-8; what cannot be read is shown as �")
        }
        return strings
    }
}

extension FormatError {
    /// What is wrong with an element of AnnData.
    static func unsound(
        _ code: String, _ file: String, _ element: String, _ message: String,
        remedy: String = "write the file again with a current anndata, or repair this element"
    ) -> FormatError {
        FormatError(code: code, file: file, element: element, message: message, remedy: remedy)
    }
}
