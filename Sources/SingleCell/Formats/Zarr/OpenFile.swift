import Foundation

/// A regular file open for reading at any place, from several threads.
final class OpenFile: Sendable {
    private let descriptor: Int32
    let count: Int

    private init(descriptor: Int32, count: Int) {
        self.descriptor = descriptor
        self.count = count
    }

    deinit { close(descriptor) }

    /// - Returns: nil where there is no such file.
    /// - Throws: `LINK` where the name stands for something else, such as a device; `UNREADABLE`.
    static func open(_ path: String, _ place: ZarrPlace) throws(FormatError) -> OpenFile? {
        // A pipe would be waited for.
        let descriptor = Foundation.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            if errno == ELOOP { throw place.link("this is a link that leads to itself") }
            throw place.error("UNREADABLE", String(cString: strerror(errno)), "check the permissions of the store")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw place.link("a file expected, this is something else")
        }
        return OpenFile(descriptor: descriptor, count: Int(status.st_size))
    }

    /// The bytes of the range; nil where the file has become shorter or cannot be read.
    func read(_ range: Range<Int>) -> [UInt8]? {
        guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            while filled < range.count {
                let done = pread(
                    descriptor, buffer.baseAddress! + filled, range.count - filled, off_t(range.lowerBound + filled))
                if done <= 0 { return }
                filled += done
            }
        }
        return bytes.count == range.count ? bytes : nil
    }
}
