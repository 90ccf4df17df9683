import Foundation
import HDF5

/// The kinds of files that are told apart, by content and never by suffix.
public enum FileFormat: String, Sendable, Codable, CaseIterable {
    case h5ad
    case delimitedText
    case tenXHDF5
    case loom
    case tenXDirectory
    case matrixMarket
    case zarr

    /// The name for people.
    public var name: String {
        switch self {
        case .h5ad: "h5ad"
        case .delimitedText: "delimited text"
        case .tenXHDF5: "10x HDF5"
        case .loom: "loom"
        case .tenXDirectory: "a 10x directory"
        case .matrixMarket: "Matrix Market"
        case .zarr: "zarr"
        }
    }

    /// Looks into the file.
    /// - Throws: `NOT_FOUND`, `IS_DIRECTORY`, `UNREADABLE`, `EMPTY_FILE`, `TRUNCATED`, `CORRUPT_HDF5`, `NOT_HDF5` for an
    ///   `.h5ad` or `.h5` that holds something else, `NOT_THIS_FORMAT` for anything unknown.
    public static func recognise(_ path: String) throws(FormatError) -> FileFormat { try open(path).format }

    /// The format, and the file where it is HDF5: opening one is checked and so not done twice.
    static func open(_ path: String) throws(FormatError) -> (format: FileFormat, file: HDF5File?) {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            return (try recogniseDirectory(path), nil)
        }
        do throws(HDF5Error) {
            _ = try HDF5Superblock.read(path)
        } catch {
            guard error.code == "NOT_HDF5" else { throw FormatError(error) }
            return (try ZarrStore.isZip(path) ? .zarr : recogniseText(path), nil)
        }
        return try FormatError.translating { () throws(HDF5Error) in
            let file = try HDF5File(reading: path)
            return (try recogniseHDF5(file), file)
        }
    }

    private static func recogniseHDF5(_ file: HDF5File) throws(HDF5Error) -> FileFormat {
        let root = try file.root
        let names = Set(try root.names)
        if !names.isDisjoint(with: ["X", "obs", "var"]) { return .h5ad }
        if names.contains("matrix") {
            if case .dataset = try root.node("matrix") { return .loom }
            return .tenXHDF5
        }
        // The reader says that the matrix is missing.
        if !names.isDisjoint(with: ["row_attrs", "col_attrs"]) { return .loom }
        for name in names.sorted() {
            if case .group(let group) = try root.node(name), group.contains("barcodes"), group.contains("indptr") {
                return .tenXHDF5
            }
        }
        let found = names.isEmpty ? "nothing" : names.sorted().prefix(8).joined(separator: ", ")
        let (looks, remedy) =
            otherHDF5.first { names.isSuperset(of: $0.names) }.map { ("; it looks like \($0.looks)", $0.remedy) }
            ?? ("", "check that this is the file you meant")
        throw HDF5Error(
            code: "NOT_THIS_FORMAT", file: file.path, element: "/",
            message: "h5ad has X, obs and var, 10x HDF5 a group matrix; this HDF5 file has \(found)\(looks)",
            remedy: remedy)
    }

    /// HDF5 files without a matrix of cells that one may take for one with it.
    private static let otherHDF5: [(names: Set<String>, looks: String, remedy: String)] = [
        (
            ["barcode_idx", "feature_idx", "umi"], "molecule_info.h5 of Cell Ranger, which lists molecules",
            "name filtered_feature_bc_matrix.h5 or raw_feature_bc_matrix.h5, which stand beside it"
        ),
        (
            ["barcode", "gene", "umi"], "molecule_info.h5 of Cell Ranger 1 or 2, which lists molecules",
            "name filtered_gene_bc_matrices_h5.h5 or raw_gene_bc_matrices_h5.h5, which stand beside it"
        ),
        (
            ["assays", "cell.names"], "h5Seurat",
            "convert it to h5ad in R, with SeuratDisk's Convert"
        ),
        (
            ["aux", "est_counts"], "abundance.h5 of kallisto, which has no cells",
            "name a file of counts by cell"
        ),
    ]

    private static func recogniseDirectory(_ path: String) throws(FormatError) -> FileFormat {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw FormatError(
                code: "UNREADABLE", file: path, message: "the folder cannot be opened for reading",
                remedy: "check its permissions")
        }
        if names.contains(where: { [".zgroup", ".zattrs", "zarr.json"].contains($0) }) { return .zarr }
        if TenXDirectoryFiles.isPresent(in: path) { return .tenXDirectory }
        throw FormatError(
            code: "IS_DIRECTORY", file: path, message: "a file was expected, this is a folder",
            remedy: "name a file inside it")
    }

    private static func recogniseText(_ path: String) throws(FormatError) -> FileFormat {
        let start = try TextSource.start(of: path)
        let suffix = (path as NSString).pathExtension.lowercased()
        let code = ["h5ad", "h5", "hdf5", "loom"].contains(suffix) ? "NOT_HDF5" : "NOT_THIS_FORMAT"
        if start.bytes.prefix(14).elementsEqual("%%matrixmarket".utf8, by: { $0 == $1 || $0 | 0x20 == $1 }) {
            return .matrixMarket
        }
        let head = String(decoding: start.bytes.prefix(512), as: UTF8.self).lowercased()
            .trimmingCharacters(in: .whitespacesAndNewlines.union(["\u{FEFF}"]))
        let looks: String? =
            if head.hasPrefix("<!doctype html") || head.hasPrefix("<html") {
                "an HTML page: the download failed"
            } else if head.hasPrefix("<?xml") {
                "an XML document"
            } else if start.bytes.starts(with: [0x50, 0x4B, 3, 4]) || start.bytes.starts(with: [0x50, 0x4B, 5, 6]) {
                "a zip archive: unpack it"
            } else if start.bytes.starts(with: HDF5Superblock.signature) {
                "HDF5 packed with gzip: unpack it"
            } else if code == "NOT_HDF5" {
                start.isCompressed ? "a gzip archive" : start.isText ? "text" : "something else"
            } else if !start.isText {
                "neither HDF5 nor text"
            } else {
                nil
            }
        guard let looks else { return .delimitedText }
        throw FormatError(
            code: code, file: path,
            message: "\(code == "NOT_HDF5" ? "HDF5" : "h5ad or delimited text") expected, this looks like \(looks)",
            remedy: "check that this is the file you meant and that it was fetched whole")
    }
}
