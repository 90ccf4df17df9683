import AnnotatedData
import Crypto
import Foundation

/// SHA-256 of files and values, in hexadecimal: how a run knows that an input or an option has changed.
enum Fingerprint {
    static func of(_ data: Data) -> String { hex(SHA256.hash(data: data)) }

    static func of(_ text: String) -> String { of(Data(text.utf8)) }

    /// Of a value's JSON with sorted keys.
    static func of(_ value: some Encodable) -> String { of(CanonicalJSON.encode(value)) }

    /// Of a file's bytes, read in blocks of 1 MiB; of a folder, as some formats are, by the names and bytes of all its files.
    static func ofFile(_ path: String) throws(Failure) -> String {
        guard isFolder(path) else { return try ofBytes(path) }
        var names: [String] = []
        if let files = FileManager.default.enumerator(atPath: path) {
            for case let name as String in files where !isFolder(path + "/" + name) { names.append(name) }
        }
        var hash = SHA256()
        for name in names.sorted() { hash.update(data: Data("\(name)\n\(try ofBytes(path + "/" + name))\n".utf8)) }
        return hex(hash.finalize())
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func ofBytes(_ path: String) throws(Failure) -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw .unreadable(path) }
        defer { try? handle.close() }
        var hash = SHA256()
        do {
            while let block = try handle.read(upToCount: 1 << 20), !block.isEmpty { hash.update(data: block) }
        } catch {
            throw .unreadable(path)
        }
        return hex(hash.finalize())
    }

    fileprivate static func hex(_ digest: SHA256.Digest) -> String {
        digest.map { String(format: "%02x", $0) }.joined()
    }
}

/// SHA-256 of a dense cells × genes matrix, row-major little-endian float64, from its blocks: repeated entries are summed,
/// and the dense matrix need not exist.
struct MatrixDigest {
    private var hash = SHA256()

    mutating func add(_ block: MatrixBlock) {
        switch block.matrix {
        case .dense(let matrix):
            add(block.exact ?? matrix.values.map(Double.init))
        case .sparse(let matrix):
            var row = [Double](repeating: 0, count: matrix.columns)
            for index in 0..<matrix.rows {
                let entries = matrix.rowStarts[index]..<matrix.rowStarts[index + 1]
                for entry in entries {
                    row[Int(matrix.columnIndices[entry])] += block.exact?[entry] ?? Double(matrix.values[entry])
                }
                add(row)
                for entry in entries { row[Int(matrix.columnIndices[entry])] = 0 }
            }
        }
    }

    private mutating func add(_ values: [Double]) {
        values.map(\.bitPattern.littleEndian).withUnsafeBytes { hash.update(bufferPointer: $0) }
    }

    var text: String { Fingerprint.hex(hash.finalize()) }
}

/// JSON whose bytes depend on the value alone: sorted keys, no escaped slashes.
public enum CanonicalJSON {
    public static func encode(_ value: some Encodable, pretty: Bool = false) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            return try encoder.encode(value)
        } catch {
            preconditionFailure("results must be encodable: \(error)")
        }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try decoder.decode(type, from: data)
    }
}

/// A result of a room below as an artifact: its own keys, and `schema`, the version of their meaning.
struct Artifact<Content: Encodable>: Encodable {
    let schema: Int
    let content: Content

    private enum Key: CodingKey {
        case schema
    }

    func encode(to encoder: any Encoder) throws {
        try content.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(schema, forKey: .schema)
    }
}
