import Foundation
import HDF5

/// The kinds of files that are told apart, by content and never by suffix.
public enum FileFormat: String, Sendable, Codable, CaseIterable {
    case h5ad
    case delimitedText
    case tenXHDF5
    case loom
    case tenXDirectory
    case zarr

    /// The name for people.
    public var name: String {
        switch self {
        case .h5ad: "h5ad"
        case .delimitedText: "delimited text"
        case .tenXHDF5: "10x HDF5"
        case .loom: "loom"
        case .tenXDirectory: "a 10x directory"
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
        for name in names.sorted() {
            if case .group(let group) = try root.node(name), group.contains("barcodes"), group.contains("indptr") {
                return .tenXHDF5
            }
        }
        let found = names.isEmpty ? "nothing" : names.sorted().prefix(8).joined(separator: ", ")
        throw HDF5Error(
            code: "NOT_THIS_FORMAT", file: file.path, element: "/",
            message: "h5ad has X, obs and var; this HDF5 file has \(found)",
            remedy: "check that this is the file you meant")
    }

    private static func recogniseDirectory(_ path: String) throws(FormatError) -> FileFormat {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        if names.contains(where: { [".zgroup", ".zattrs", "zarr.json"].contains($0) }) { return .zarr }
        if names.contains(where: { $0.hasSuffix(".mtx") || $0.hasSuffix(".mtx.gz") }) { return .tenXDirectory }
        throw FormatError(
            code: "IS_DIRECTORY", file: path, message: "a file was expected, this is a folder",
            remedy: "name a file inside it")
    }

    private static func recogniseText(_ path: String) throws(FormatError) -> FileFormat {
        let start = try TextSource.start(of: path)
        let suffix = (path as NSString).pathExtension.lowercased()
        let code = ["h5ad", "h5", "hdf5", "loom"].contains(suffix) ? "NOT_HDF5" : "NOT_THIS_FORMAT"
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
            } else if head.hasPrefix("%%matrixmarket") {
                "a Matrix Market file: name the folder that holds it with its barcodes and features"
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
