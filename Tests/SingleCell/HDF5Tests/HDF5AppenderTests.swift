import Foundation
import HDF5
import Testing

struct HDF5AppenderTests {
    private func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("interventome-\(UUID().uuidString).h5")
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url.path)
    }

    @Test(arguments: [HDF5Compression.none, .gzip(level: 4)], [10, 70_000, 2_500_000])
    func appendedValuesAreReadBack(compression: HDF5Compression, count: Int) throws {
        let values = (0..<count).map { Int32(truncatingIfNeeded: $0 &* 7919) }
        try withFile { path in
            let file = try HDF5File(creating: path)
            let appender = try file.root.makeAppendable("values", type: .int32, compression: compression)
            // Parts of growing size, of which none ends where a chunk does.
            var (position, size) = (0, 1)
            while position < count {
                let end = min(position + size, count)
                try values[position..<end].withUnsafeBufferPointer { try appender.append($0) }
                (position, size) = (end, size * 3)
            }
            let dataset = try appender.finish()
            try dataset.writeAttribute("encoding-type", "array")
            try file.close()
            let read = try HDF5File(reading: path).root.dataset("values")
            #expect(read.values.shape == [count])
            #expect(try read.values.smallIntegers() == values)
            #expect(try read.attribute("encoding-type")?.strings() == ["array"])
        }
    }

    @Test func rowsOfMatricesMayBeCutAnywhere() throws {
        let values = (0..<300 * 701).map { Float($0 % 1000) / 8 }
        try withFile { path in
            let file = try HDF5File(creating: path)
            let appender = try file.root.makeAppendable("matrix", type: .float32, rowShape: [701])
            try appender.append(.floats(Array(values[..<1000])))
            try appender.append(Array(values[1000...]))
            _ = try appender.finish()
            try file.close()
            let read = try HDF5File(reading: path).root.dataset("matrix").values
            #expect(read.shape == [300, 701])
            #expect(try read.floats() == values)
        }
    }

    @Test(arguments: HDF5ElementType.allCases)
    func everyTypeIsWrittenAndReadBack(type: HDF5ElementType) throws {
        try withFile { path in
            let file = try HDF5File(creating: path)
            let appender = try file.root.makeAppendable("values", type: type)
            switch type {
            case .float32: try appender.append([0, 1, 0.5] as [Float])
            case .float64: try appender.append([0, 1, 0.5] as [Double])
            case .int8: try appender.append([0, 1, -2] as [Int8])
            case .int16: try appender.append([0, 1, -2] as [Int16])
            case .int32: try appender.append([0, 1, -2] as [Int32])
            case .int64: try appender.append([0, 1, -2] as [Int64])
            case .uint8: try appender.append([0, 1, .max] as [UInt8])
            case .uint16: try appender.append([0, 1, .max] as [UInt16])
            case .uint32: try appender.append([0, 1, .max] as [UInt32])
            case .uint64: try appender.append([0, 1, 1 << 40] as [UInt64])
            case .boolean: try appender.append([false, true, true])
            }
            _ = try appender.finish()
            try file.close()
            let read = try HDF5File(reading: path).root.dataset("values").values
            let last: Double =
                switch type {
                case .float32, .float64: 0.5
                case .int8, .int16, .int32, .int64: -2
                case .uint8: 255
                case .uint16: 65_535
                case .uint32: 4_294_967_295
                case .uint64: 1_099_511_627_776
                case .boolean: 1
                }
            #expect(try read.doubles() == [0, 1, last])
            #expect(read.kind.name == (type == .boolean ? "bool" : type.rawValue))
        }
    }

    @Test func theFileDoesNotDependOnHowValuesWereDivided() throws {
        let values = (0..<3_000_000).map { Float($0 % 977) }
        let files = try [1_000, 1_000_000, 3_000_000].map { size in
            try withFile { path in
                let file = try HDF5File(creating: path)
                let appender = try file.root.makeAppendable("values", type: .float32)
                for start in stride(from: 0, to: values.count, by: size) {
                    try values[start..<start + size].withUnsafeBufferPointer { try appender.append($0) }
                }
                _ = try appender.finish()
                try file.close()
                return try Data(contentsOf: URL(fileURLWithPath: path))
            }
        }
        #expect(files[0] == files[1] && files[0] == files[2])
    }

    @Test func nothingAppendedIsAnEmptyList() throws {
        try withFile { path in
            let file = try HDF5File(creating: path)
            _ = try file.root.makeAppendable("values", type: .float32, rowShape: [3]).finish()
            try file.close()
            let read = try HDF5File(reading: path).root.dataset("values").values
            #expect(read.shape == [0, 3])
            #expect(try read.floats() == [])
        }
    }
}
