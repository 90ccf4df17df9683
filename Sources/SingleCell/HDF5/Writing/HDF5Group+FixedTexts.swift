import CHDF5

extension HDF5Group {
    /// Writes a list of texts of one width, filled up with zeros, as 10x files have them: as ASCII where all are, else as
    /// UTF-8.
    /// - Throws: `CANNOT_WRITE`, also where one text is so long that all at its width take more than 1 GiB.
    @discardableResult
    public func writeFixedTexts(
        _ name: String, _ texts: [String], compression: HDF5Compression = .gzip(level: 4)
    ) throws(HDF5Error) -> HDF5Dataset {
        let element = try writtenElement(name)
        let width = max(1, texts.map(\.utf8.count).max() ?? 1)
        guard let byteCount = texts.count.multipliedChecked(width), byteCount <= 1 << 30 else {
            throw HDF5Error(
                code: "CANNOT_WRITE", file: file.path, element: element,
                message: "\(texts.count) texts are too many for the width of the longest, \(width) bytes",
                remedy: "shorten the longest names, or write h5ad")
        }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var isASCII = true
        for (index, text) in texts.enumerated() {
            for (offset, byte) in text.utf8.enumerated() {
                bytes[index * width + offset] = byte
                isASCII = isASCII && byte < 0x80
            }
        }
        let made: Handle? = HDF5Library.locked {
            guard let type = Handle.type(H5Tcopy(chdf5_c_string())), H5Tset_size(type.id, width) >= 0,
                H5Tset_strpad(type.id, H5T_STR_NULLPAD) >= 0,
                H5Tset_cset(type.id, isASCII ? H5T_CSET_ASCII : H5T_CSET_UTF8) >= 0,
                let space = Handle.space([texts.count]), let link = Handle.linkCreation(),
                let creation = Handle.datasetCreation()
            else { return nil }
            if case .gzip(let level) = compression, !texts.isEmpty {
                var chunk = hsize_t(min(texts.count, max(1, (1 << 18) / width)))
                guard H5Pset_chunk(creation.id, 1, &chunk) >= 0,
                    H5Pset_deflate(creation.id, UInt32(max(0, min(level, 9)))) >= 0
                else { return nil }
            }
            guard
                let dataset = Handle.object(
                    H5Dcreate2(place.handle.id, name, type.id, space.id, link.id, creation.id, chdf5_default()))
            else { return nil }
            let done =
                texts.isEmpty
                || bytes.withUnsafeBytes {
                    H5Dwrite(dataset.id, type.id, chdf5_all(), chdf5_all(), chdf5_default(), $0.baseAddress!) >= 0
                }
            return done ? dataset : nil
        }
        guard let made else { throw .cannotWrite(file.path, element, "the texts cannot be written") }
        return HDF5Dataset(written: made, file: file, path: element)
    }
}
