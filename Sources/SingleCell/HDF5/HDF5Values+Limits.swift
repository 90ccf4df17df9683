import CHDF5

/// A file may declare more values than it can hold: sizes are checked before memory is taken, and nothing is read from
/// outside the file.
extension HDF5Values {
    /// Anything below this many bytes is read without further questions.
    private static let freeBytes = 1 << 26
    /// Deflate cannot expand by more than 1,032 to 1.
    private static let largestRatio = 1032

    /// - Throws: `LIMIT` where the values cannot be in this file, `LINK` where they are in others, and
    ///   `FILTER_UNAVAILABLE` where they are stored in a way that cannot be undone here.
    func checkMemory(width: Int) throws(HDF5Error) {
        let fileWidth = HDF5Library.locked { H5Tget_size(type.id) }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: max(width, fileWidth, 1))
        if isAttribute {
            guard !overflow, bytes <= Self.freeBytes else { throw limit("an attribute of \(count) values") }
            return
        }
        guard let creation = HDF5Library.locked({ Handle.properties(H5Dget_create_plist(handle.id)) }) else {
            throw .corrupt(file.path, element, "how the values are stored cannot be read")
        }
        try checkPlace(creation)
        let isFiltered = try checkFilters(creation)
        let stored = HDF5Library.locked { Int(clamping: H5Dget_storage_size(handle.id)) }
        guard stored <= file.byteCount else { throw limit("\(stored) stored bytes in a file of \(file.byteCount)") }
        let largest = max(
            Self.freeBytes, stored.multipliedReportingOverflow(by: isFiltered ? Self.largestRatio : 8).partialValue)
        guard !overflow, bytes <= largest else { throw limit("\(count) values from \(stored) stored bytes") }
        let chunkBytes = chunkShape(creation).reduce(max(fileWidth, 1)) { product, extent in
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            return overflow ? Int.max : next
        }
        guard chunkBytes <= largest else { throw limit("a chunk of \(chunkBytes) bytes") }
    }

    /// The extents of a chunk; empty where the values are not stored in chunks.
    func chunkShape(_ creation: Handle) -> [Int] {
        HDF5Library.locked {
            guard H5Pget_layout(creation.id) == H5D_CHUNKED else { return [] }
            var extents = [hsize_t](repeating: 0, count: 32)
            let rank = H5Pget_chunk(creation.id, 32, &extents)
            return rank > 0 ? extents.prefix(Int(rank)).map { Int(clamping: $0) } : []
        }
    }

    /// The filters in the order in which they were applied.
    func filters(_ creation: Handle) -> [H5Z_filter_t] {
        HDF5Library.locked {
            (0..<UInt32(max(0, H5Pget_nfilters(creation.id)))).map { position in
                var flags: UInt32 = 0
                var parameterCount = 0
                return H5Pget_filter2(creation.id, position, &flags, &parameterCount, nil, 0, nil, nil)
            }
        }
    }

    private func checkPlace(_ creation: Handle) throws(HDF5Error) {
        let isElsewhere = HDF5Library.locked {
            H5Pget_external_count(creation.id) > 0 || H5Pget_layout(creation.id) == H5D_VIRTUAL
        }
        guard !isElsewhere else {
            throw HDF5Error(
                code: "LINK", file: file.path, element: element,
                message: "the values are kept in other files, which are not read",
                remedy: "copy the data into one file")
        }
    }

    private func checkFilters(_ creation: Handle) throws(HDF5Error) -> Bool {
        let filters = filters(creation)
        for filter in filters where HDF5Library.locked({ H5Zfilter_avail(filter) <= 0 }) {
            let known: [H5Z_filter_t: String] = [
                4: "szip", 307: "bzip2", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp",
                32015: "zstd", 32026: "blosc2",
            ]
            throw HDF5Error(
                code: "FILTER_UNAVAILABLE", file: file.path, element: element,
                message: "the values are compressed with \(known[filter] ?? "an unknown filter") (filter \(filter))",
                remedy: "write the file again with gzip: anndata's write_h5ad(path, compression='gzip')")
        }
        return !filters.isEmpty
    }

    private func limit(_ what: String) -> HDF5Error {
        HDF5Error(
            code: "LIMIT", file: file.path, element: element, message: "\(what): more than such a file can hold",
            remedy: "the file is damaged or made to exhaust memory: fetch or write it again")
    }

    func readError() -> HDF5Error {
        let isFiltered = HDF5Library.locked {
            guard !isAttribute, let creation = Handle.properties(H5Dget_create_plist(handle.id)) else { return false }
            return H5Pget_nfilters(creation.id) > 0
        }
        return isFiltered
            ? corruptChunk("the compressed values cannot be read")
            : .corrupt(
                file.path, element, "the values cannot be read")
    }

    func corruptChunk(_ message: String) -> HDF5Error {
        HDF5Error(
            code: "CORRUPT_CHUNK", file: file.path, element: element, message: message,
            remedy: "fetch or write the file again; compare its checksum with the source's")
    }
}
