import AnnotatedData
import HDF5
import Matrices

/// Reads AnnData's HDF5 files of all generations: before 0.7 (tables as compound datasets), 0.7 (categories beside the
/// columns), and 0.8 to 0.13 (every element names its encoding).
///
/// What cannot be understood in `uns`, `obsm` and the like is left out with a notice; what is wrong in `X`, `obs`, `var`,
/// `layers` and `raw` is an error, since the results would be.
struct H5ADReader {
    let path: String
    let root: HDF5Group
    var notices: [Notice] = []
    /// Of the main matrix.
    var layout = "dense"
    var dtype = "none"
    /// Entries of `uns` that hold the categories of columns (before 0.7).
    var categoryKeys: Set<String> = []

    init(_ path: String) throws(FormatError) {
        self.path = path
        root = try FormatError.translating { () throws(HDF5Error) in try HDF5File(reading: path).root }
    }

    mutating func read() throws(FormatError) -> ReadingResult {
        do throws(HDF5Error) {
            let data = try readData()
            return ReadingResult(data: data, format: .h5ad, layout: layout, dtype: dtype, notices: notices)
        } catch {
            throw FormatError(error)
        }
    }

    private mutating func readData() throws(HDF5Error) -> AnnotatedMatrix {
        let cells = try table("obs")
        let genes = try table("var")
        noteDuplicates(cells.names, "/obs", "cell")
        noteDuplicates(genes.names, "/var", "gene")
        if cells.count == 0 || genes.count == 0 {
            note("EMPTY_MATRIX", "\(cells.count) cells × \(genes.count) genes")
        }
        let names = try root.names
        let x = names.contains("X") ? try matrix("X", cells, genes, isMain: true) : nil
        var layers: [String: CellMatrix] = [:]
        if names.contains("layers") {
            for name in try root.group("layers").names {
                layers[name] = try matrix("layers/\(name)", cells, genes, isMain: false)
            }
        }
        let raw = try rawMatrix(names, cells)
        var unstructured: [String: AnnotationValue] = [:]
        if names.contains("uns") { unstructured = self.unstructured() }
        noteUnread(names)
        return AnnotatedMatrix(
            x: x, cells: cells, genes: genes, layers: layers, raw: raw, unstructured: unstructured)
    }

    /// `raw` is a group with X and var; before 0.7 its parts lay in the root as `raw.X` and `raw.var`.
    private mutating func rawMatrix(_ names: [String], _ cells: AnnotationTable) throws(HDF5Error) -> RawMatrix? {
        if names.contains("raw"), names.contains("raw.X") {
            note("DUPLICATE_ENTRIES", "the file has both /raw and /raw.X; /raw is used")
        }
        let (matrixPath, tablePath): (String, String)
        if names.contains("raw") {
            guard case .group(let group) = try root.node("raw"), group.contains("X") else { return nil }
            (matrixPath, tablePath) = ("raw/X", "raw/var")
        } else if names.contains("raw.X") {
            (matrixPath, tablePath) = ("raw.X", "raw.var")
        } else {
            return nil
        }
        let genes = try table(tablePath)
        guard let x = try matrix(matrixPath, cells, genes, isMain: false) else { return nil }
        return RawMatrix(x: x, genes: genes)
    }

    private mutating func noteUnread(_ names: [String]) {
        for name in ["obsm", "varm", "obsp", "varp"] where names.contains(name) {
            guard case .group(let group) = try? root.node(name), let members = try? group.names, !members.isEmpty
            else { continue }
            note("NOT_READ", "/\(name) is left out: \(members.joined(separator: ", "))")
        }
    }

    private mutating func noteDuplicates(_ names: [String], _ element: String, _ what: String) {
        var seen: Set<String> = []
        let repeated = names.filter { !seen.insert($0).inserted }
        guard let first = repeated.first else { return }
        note("DUPLICATE_NAMES", "\(element): \(repeated.count) \(what) names occur before, the first is '\(first)'")
    }

    mutating func note(_ code: String, _ message: String) {
        notices.append(Notice(code: code, message: message))
    }

    func problem(
        _ code: String, _ element: String, _ message: String,
        remedy: String = "write the file again with a current anndata, or repair this element"
    ) -> HDF5Error {
        HDF5Error(code: code, file: path, element: element, message: message, remedy: remedy)
    }

    /// The encoding that an element names; nil where it names none (before 0.7).
    func encoding(_ object: some HDF5Object) throws(HDF5Error) -> String? {
        guard let values = try object.attribute("encoding-type"), values.kind == .string else { return nil }
        return try values.strings().first
    }

    /// Texts; the first one that is not UTF-8 is noted.
    mutating func strings(_ values: HDF5Values) throws(HDF5Error) -> [String] {
        var firstInvalid: Int?
        let strings = try values.strings { firstInvalid = min($0, firstInvalid ?? $0) }
        if let firstInvalid {
            note("BAD_UTF8", "\(values.element)[\(firstInvalid)] is not UTF-8; what cannot be read is shown as �")
        }
        return strings
    }
}
