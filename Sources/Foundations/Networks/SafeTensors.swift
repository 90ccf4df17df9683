import Foundation

/// Named tensors of Float with text beside them: the safetensors format (Hugging Face, version 0.4).
///
/// Eight bytes: the length N of the header, little-endian. N bytes: a JSON object that gives each tensor's `dtype`,
/// `shape` and `data_offsets`, and under `__metadata__` a map of texts. Then the data, without gaps. We read and write
/// 32-bit floats.
public struct SafeTensors: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        public let name: String
        public let shape: [Int]
        public let values: [Float]

        public init(name: String, shape: [Int], values: [Float]) {
            precondition(values.count == shape.reduce(1, *), "\(name): \(values.count) values for \(shape)")
            self.name = name
            self.shape = shape
            self.values = values
        }
    }

    /// In the order of the data.
    public var entries: [Entry]
    public var metadata: [String: String]

    public init(entries: [Entry], metadata: [String: String] = [:]) {
        self.entries = entries
        self.metadata = metadata
    }

    public subscript(name: String) -> Entry? { entries.first { $0.name == name } }

    public func encoded() throws -> Data {
        var header: [String: Any] = [:]
        if !metadata.isEmpty { header["__metadata__"] = metadata }
        var offset = 0
        for entry in entries {
            precondition(header[entry.name] == nil, "two tensors are called \(entry.name)")
            let end = offset + 4 * entry.values.count
            header[entry.name] =
                ["dtype": "F32", "shape": entry.shape, "data_offsets": [offset, end]] as [String: Any]
            offset = end
        }
        var json = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
        // The data begin on a multiple of eight bytes.
        json.append(contentsOf: Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
        var result = Data(capacity: 8 + json.count + offset)
        withUnsafeBytes(of: UInt64(json.count).littleEndian) { result.append(contentsOf: $0) }
        result.append(json)
        for entry in entries {
            for value in entry.values {
                withUnsafeBytes(of: value.bitPattern.littleEndian) { result.append(contentsOf: $0) }
            }
        }
        return result
    }

    public func write(to file: String) throws {
        do {
            try encoded().write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw WeightsError(
                code: "CANNOT_WRITE", file: file,
                message: "the weights could not be written: \(error.localizedDescription)",
                remedy: "choose a folder that exists and that you may write to")
        }
    }
}

extension SafeTensors {
    public init(file: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe)
        } catch {
            throw WeightsError(
                code: "UNREADABLE", file: file, message: "the file could not be read: \(error.localizedDescription)",
                remedy: "give the path of a .safetensors file")
        }
        try self.init(data: data, file: file)
    }

    /// - Parameter file: Named in errors.
    public init(data: Data, file: String? = nil) throws {
        func malformed(_ message: String, _ element: String? = nil) -> WeightsError {
            WeightsError(
                code: "MALFORMED", file: file, element: element, message: message,
                remedy: "the file is damaged or of another format; fetch or train the weights again")
        }
        let data = Data(data)
        guard data.count >= 8 else { throw malformed("expected a header length of 8 bytes, found \(data.count)") }
        let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(data.count - 8) else {
            throw malformed("expected a header of \(length) bytes, found \(data.count - 8) in the whole file")
        }
        let start = 8 + Int(length)
        guard let header = try? JSONSerialization.jsonObject(with: data[8..<start]) as? [String: Any] else {
            throw malformed("expected a JSON object as header")
        }
        var metadata: [String: String] = [:]
        var found: [(range: Range<Int>, name: String, shape: [Int])] = []
        for (name, value) in header.sorted(by: { $0.key < $1.key }) {
            if name == "__metadata__" {
                guard let texts = value as? [String: String] else { throw malformed("expected texts", name) }
                metadata = texts
                continue
            }
            guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
                let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int], offsets.count == 2
            else { throw malformed("expected dtype, shape and data_offsets", name) }
            guard type == "F32" else { throw malformed("expected values of type F32, found \(type)", name) }
            guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= data.count - start else {
                throw malformed("data at \(offsets) lie outside the \(data.count - start) bytes of the file", name)
            }
            var count = 1
            for extent in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: extent)
                guard extent >= 0, !overflow else { throw malformed("the shape \(shape) is impossible", name) }
                count = product
            }
            guard count == (offsets[1] - offsets[0]) / 4, (offsets[1] - offsets[0]) % 4 == 0 else {
                throw malformed("shape \(shape) does not fill \(offsets[1] - offsets[0]) bytes", name)
            }
            found.append((offsets[0]..<offsets[1], name, shape))
        }
        found.sort {
            ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
        }
        var end = 0
        for entry in found {
            guard entry.range.lowerBound == end else {
                throw malformed("data start at \(entry.range.lowerBound), expected \(end)", entry.name)
            }
            end = entry.range.upperBound
        }
        guard end == data.count - start else {
            throw malformed("expected \(end) bytes of data, found \(data.count - start)")
        }
        entries = data.withUnsafeBytes { bytes in
            found.map { range, name, shape in
                let values = range.count / 4
                return Entry(
                    name: name, shape: shape,
                    values: (0..<values).map {
                        let at = start + range.lowerBound + 4 * $0
                        return Float(
                            bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
                    })
            }
        }
        self.metadata = metadata
    }
}
