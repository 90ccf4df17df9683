import Foundation

/// A file of `Reference/Golden`.
func goldenFile(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Reference/Golden").appending(path: name)
}
