/// A place in a zarr store, and the errors that speak of it.
struct ZarrPlace: Sendable {
    let file: String
    /// The path inside the store, such as `/X/data` or `/X/data chunk 3`.
    let element: String

    func chunk(_ coordinates: [Int]) -> ZarrPlace {
        let name = coordinates.map(String.init).joined(separator: ".")
        return ZarrPlace(file: file, element: "\(element) chunk \(name.isEmpty ? "0" : name)")
    }

    func error(_ code: String, _ message: String, _ remedy: String) -> FormatError {
        FormatError(code: code, file: file, element: element, message: message, remedy: remedy)
    }

    func corruptChunk(_ message: String) -> FormatError {
        error("CORRUPT_CHUNK", message, "fetch or write the store again; compare it with the source's")
    }

    func badEncoding(_ message: String) -> FormatError {
        error("BAD_ENCODING", message, "write the store again with a current anndata")
    }

    func unknownCodec(_ name: String) -> FormatError {
        error(
            "FILTER_UNAVAILABLE", "the values are stored with '\(name)', which is not known here",
            "write the store again with anndata's own compression, or as h5ad: adata.write_h5ad(path)")
    }

    func limit(_ message: String) -> FormatError {
        error("LIMIT", message, "the store is damaged or made to exhaust memory: fetch or write it again")
    }

    func link(_ message: String) -> FormatError {
        error("LINK", message, "copy the data into one folder")
    }
}
