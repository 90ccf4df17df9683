import Foundation

/// Named tensors of Float with text beside them: the safetensors format (Hugging Face, version 0.4).
///
/// Eight bytes: the length N of the header, little-endian. N bytes: a JSON object that gives each tensor's `dtype`,
/// `shape` and `data_offsets`, and under `__metadata__` a map of texts. Then the data, without gaps. We write 32-bit
/// floats; 16-bit ones of both kinds are read as they are, 64-bit ones where 32 bits hold them exactly.
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
        precondition(Set(entries.map(\.name)).count == entries.count, "two tensors have one name")
        self.entries = entries
        self.metadata = metadata
    }

    public subscript(name: String) -> Entry? { entries.first { $0.name == name } }
}

// Reading.
extension SafeTensors {
    public init(file: String) throws {
        func unreadable(_ reason: String) -> WeightsError {
            WeightsError(
                code: "UNREADABLE", file: file, message: "the file could not be read: \(reason)",
                remedy: "give the path of a .safetensors file")
        }
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), isFolder.boolValue {
            throw unreadable("it is a folder")
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe)
        } catch {
            throw unreadable(error.localizedDescription)
        }
        try self.init(data: data, file: file)
    }

    /// - Parameter file: Named in errors.
    public init(data: Data, file: String? = nil) throws {
        self = try data.withUnsafeBytes { bytes in
            do throws(SafeTensorsHeader.Problem) {
                return try SafeTensors(bytes)
            } catch {
                throw WeightsError(
                    code: error.code, file: file, element: error.element, message: error.message,
                    remedy: error.code == "DTYPE"
                        ? "convert the tensors to 32-bit floats and write the file again"
                        : "the file is damaged or of another format; fetch or train the weights again")
            }
        }
    }

    /// As the Python package has it.
    private static let longestHeader = 100_000_000

    private init(_ bytes: UnsafeRawBufferPointer) throws(SafeTensorsHeader.Problem) {
        typealias Problem = SafeTensorsHeader.Problem
        guard bytes.count >= 8 else {
            throw Problem(message: "expected a header length of 8 bytes, found \(bytes.count)")
        }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= Self.longestHeader else {
            throw Problem(message: "expected a header of at most \(Self.longestHeader) bytes, found one of \(length)")
        }
        guard length <= bytes.count - 8 else {
            throw Problem(
                message: "expected a header of \(length) bytes, found the file's end after \(bytes.count - 8)")
        }
        let header = try SafeTensorsHeader(parsing: Array(bytes[8..<8 + Int(length)]))
        let data = UnsafeRawBufferPointer(rebasing: bytes[(8 + Int(length))...])
        var end = 0
        var entries: [Entry] = []
        for tensor in header.tensors.sorted(by: { ($0.start, $0.end, $0.name) < ($1.start, $1.end, $1.name) }) {
            let count = try tensor.count()
            guard tensor.start == end else {
                throw Problem(message: "data begin at \(tensor.start), expected \(end)", element: tensor.name)
            }
            guard tensor.end <= data.count else {
                throw Problem(
                    message: "data end at \(tensor.end), the file's at \(data.count)", element: tensor.name)
            }
            end = tensor.end
            let values = try tensor.values(UnsafeRawBufferPointer(rebasing: data[tensor.start..<end]), count: count)
            entries.append(Entry(name: tensor.name, shape: tensor.shape, values: values))
        }
        guard end == data.count else {
            throw Problem(message: "expected \(end) bytes of data, found \(data.count)")
        }
        self.entries = entries
        metadata = header.metadata
    }
}

extension SafeTensorsHeader.Tensor {
    /// Bytes of a value, by type.
    private static let widths = ["F16": 2, "BF16": 2, "F32": 4, "F64": 8]

    /// How many values there are, if type, shape and bytes agree.
    fileprivate func count() throws(SafeTensorsHeader.Problem) -> Int {
        guard let width = Self.widths[type] else {
            throw problem("expected values of type F32, F16, BF16 or F64, found \(type)", code: "DTYPE")
        }
        var size = width
        for extent in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw problem("the shape \(shape) is impossible") }
            size = product
        }
        guard start <= end, size == end - start else {
            throw problem("the shape \(shape) of \(type) does not fill the bytes from \(start) to \(end)")
        }
        return size / width
    }

    /// Every machine that Swift runs on is little-endian, as the format is.
    fileprivate func values(
        _ bytes: UnsafeRawBufferPointer, count: Int
    ) throws(SafeTensorsHeader.Problem) -> [Float] {
        func converted<Stored>(_ type: Stored.Type, _ value: (Stored) -> Float) -> [Float] {
            let width = MemoryLayout<Stored>.size
            return (0..<count).map { value(bytes.loadUnaligned(fromByteOffset: width * $0, as: type)) }
        }
        switch type {
        case "F32":
            return Array(unsafeUninitializedCapacity: count) { buffer, filled in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                filled = count
            }
        case "BF16": return converted(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case "F16": return converted(UInt16.self, Float.init(halfBits:))
        default:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 8 * index, as: Double.self)
                guard value.isNaN || Double(Float(value)) == value else {
                    throw problem("\(value) at \(index) is no 32-bit float", code: "DTYPE")
                }
            }
            return converted(Double.self) { Float($0) }
        }
    }

    private func problem(_ message: String, code: String = "MALFORMED") -> SafeTensorsHeader.Problem {
        SafeTensorsHeader.Problem(code: code, message: message, element: name)
    }
}

extension Float {
    /// The value of a 16-bit float of IEEE 754: 1 bit of sign, 5 of exponent, 10 of fraction.
    init(halfBits bits: UInt16) {
        let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
        let magnitude: Float =
            switch exponent {
            case 0: Float(sign: .plus, exponent: -24, significand: fraction)
            case 31: fraction == 0 ? .infinity : .nan
            default: Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
            }
        self = bits >> 15 == 0 ? magnitude : -magnitude
    }
}
