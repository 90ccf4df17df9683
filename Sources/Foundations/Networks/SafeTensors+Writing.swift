import Foundation

extension SafeTensors {
    /// The file's bytes.
    public func encoded() -> Data {
        var result = Data()
        forEachPiece { result.append(contentsOf: $0) }
        return result
    }

    public func write(to file: String) throws {
        try Self.replace(file) { stream in
            var isWhole = true
            forEachPiece { isWhole = isWhole && fwrite($0.baseAddress!, 1, $0.count, stream) == $0.count }
            return isWhole
        }
    }

    /// Writes beside the file first, under a hidden name, so that it is whole at any time: the old one or the new one.
    /// - Parameter body: Answers whether all was written; `errno` tells why not.
    static func replace(_ file: String, _ body: (UnsafeMutablePointer<FILE>) -> Bool) throws {
        let partial = URL(fileURLWithPath: file).deletingLastPathComponent()
            .appending(path: ".partial-\(UUID().uuidString)").path
        func failure() -> WeightsError {
            WeightsError(
                code: "CANNOT_WRITE", file: file,
                message: "the weights could not be written: \(String(cString: strerror(errno)))",
                remedy: "choose a folder that exists and that you may write to, on a disk with room")
        }
        guard let stream = fopen(partial, "wb") else { throw failure() }
        guard body(stream), fflush(stream) == 0, fsync(fileno(stream)) == 0 else {
            let failure = failure()
            fclose(stream)
            unlink(partial)
            throw failure
        }
        fclose(stream)
        guard rename(partial, file) == 0 else {
            let failure = failure()
            unlink(partial)
            throw failure
        }
    }

    /// Header and data in turn, none of them copied.
    private func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) {
        var header = SafeTensorsHeader()
        header.metadata = metadata
        var end = 0
        for entry in entries {
            let start = end
            end += 4 * entry.values.count
            header.tensors.append(.init(name: entry.name, type: "F32", shape: entry.shape, start: start, end: end))
        }
        let text = header.encoded
        withUnsafeBytes(of: UInt64(text.count).littleEndian, body)
        text.withUnsafeBytes(body)
        for entry in entries where !entry.values.isEmpty { entry.values.withUnsafeBytes(body) }
    }
}
