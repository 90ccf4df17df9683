import Crypto
import Foundation

/// SHA-256 of files and values, in hexadecimal: how a run knows that an input or an option has changed.
enum Fingerprint {
    static func of(_ data: Data) -> String { hex(SHA256.hash(data: data)) }

    static func of(_ text: String) -> String { of(Data(text.utf8)) }

    /// Of a value's JSON with sorted keys.
    static func of(_ value: some Encodable) -> String { of(CanonicalJSON.encode(value)) }

    /// Of a file's bytes, read in blocks of 1 MiB.
    static func ofFile(_ path: String) throws(Failure) -> String {
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

    /// Of the little-endian bytes of numbers that come row by row.
    static func ofDoubles(rows: Int, _ row: (Int) -> [Double]) -> String {
        var hash = SHA256()
        for index in 0..<rows {
            let words = row(index).map { $0.bitPattern.littleEndian }
            words.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        return hex(hash.finalize())
    }

    private static func hex(_ digest: SHA256.Digest) -> String {
        digest.map { String(format: "%02x", $0) }.joined()
    }
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
