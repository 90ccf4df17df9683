import AnnotatedData
import HDF5
import Matrices

/// A matrix of an h5ad file that is being written, cells after cells.
public final class H5ADMatrixOutput {
    public let columns: Int
    /// The cells written so far.
    public private(set) var rows = 0
    private let group: HDF5Group
    private let name: String
    private let type: HDF5ElementType
    private let writer: H5ADWriter
    /// The name of the file, for errors.
    private let path: String
    private var storage: Storage?

    /// What the first block is, the file has.
    private enum Storage {
        case dense(HDF5Appender)
        case sparse(HDF5Group, data: HDF5Appender, indices: HDF5Appender)
    }

    /// Of a sparse matrix.
    private var starts = [0]

    init(
        _ group: HDF5Group, _ name: String, _ columns: Int, _ type: HDF5ElementType, _ writer: H5ADWriter,
        _ path: String
    ) {
        self.group = group
        self.name = name
        self.columns = columns
        self.type = type
        self.writer = writer
        self.path = path
    }

    /// Appends cells. The first block decides whether the file has the matrix dense or compressed by cells; later ones are
    /// turned into it.
    public func append(_ block: CellMatrix) throws(FormatError) { try append(block, exact: nil) }

    /// Appends cells with the numbers of their file, where `Float` does not hold them.
    public func append(_ block: MatrixBlock) throws(FormatError) { try append(block.matrix, exact: block.exact) }

    private func append(_ block: CellMatrix, exact: [Double]?) throws(FormatError) {
        precondition(block.columns == columns, "a block of \(block.columns) columns for a matrix of \(columns)")
        try H5ADOutput.writing(path) { () throws(HDF5Error) in
            switch (try begun(block), block) {
            case (nil, _): break
            case (.dense(let values)?, .dense(let matrix)):
                try append(matrix.values, exact, to: values)
            case (.dense(let values)?, .sparse):
                try append(block.dense.values, nil, to: values)
            case (.sparse(_, let data, let indices)?, .sparse(let matrix)):
                starts += matrix.rowStarts.dropFirst().map { $0 + data.count }
                try append(matrix, exact, data: data, indices: indices)
            case (.sparse(_, let data, let indices)?, .dense(let matrix)):
                var (kept, stored) = ([Int32](), [Int]())
                for (place, value) in matrix.values.enumerated() where value != 0 {
                    stored.append(place)
                    kept.append(Int32(place % columns))
                }
                var end = 0
                for row in 1...max(1, matrix.rows) where matrix.rows > 0 {
                    while end < stored.count, stored[end] < row * columns { end += 1 }
                    starts.append(data.count + end)
                }
                try append(stored.map { matrix.values[$0] }, exact.map { exact in stored.map { exact[$0] } }, to: data)
                try indices.append(kept)
            }
        }
        rows += block.rows
    }

    /// Values and indices take turns that end at the same places of the file, however it is cut into blocks: chunks come
    /// in the same order.
    private func append(
        _ matrix: SparseMatrix, _ exact: [Double]?, data: HDF5Appender, indices: HDF5Appender
    ) throws(HDF5Error) {
        var first = 0
        while first < matrix.values.count {
            let turn = first..<min(matrix.values.count, first + Self.turn - data.count % Self.turn)
            if exact == nil, data.type == .float32 {
                try matrix.values.withUnsafeBufferPointer { (values) throws(HDF5Error) in
                    try data.append(UnsafeBufferPointer(rebasing: values[turn]))
                }
            } else {
                try append(Array(matrix.values[turn]), exact.map { Array($0[turn]) }, to: data)
            }
            try matrix.columnIndices.withUnsafeBufferPointer { (columns) throws(HDF5Error) in
                try indices.append(UnsafeBufferPointer(rebasing: columns[turn]))
            }
            first = turn.upperBound
        }
    }

    /// Entries: a chunk of indices that are not packed, of which packed ones are written several at once.
    private static let turn = 1 << 18

    private func append(_ values: [Float], _ exact: [Double]?, to appender: HDF5Appender) throws(HDF5Error) {
        if let exact { try appender.append(converting: exact) } else { try appender.append(converting: values) }
    }

    /// nil for a dense matrix without genes, which has nothing to be appended.
    private func begun(_ block: CellMatrix) throws(HDF5Error) -> Storage? {
        if let storage { return storage }
        switch block {
        case .dense:
            guard columns > 0 else { return nil }
            storage = .dense(
                try group.makeAppendable(name, type: type, rowShape: [columns], compression: writer.compression))
        case .sparse:
            let made = try group.makeGroup(name)
            storage = .sparse(
                made, data: try made.makeAppendable("data", type: type, compression: writer.compression),
                indices: try made.makeAppendable("indices", type: .int32, compression: writer.compression))
        }
        return storage
    }

    /// Completes the matrix; called once, by the file.
    func finish() throws(FormatError) {
        try H5ADOutput.writing(path) { () throws(HDF5Error) in
            switch storage {
            case nil:
                try writer.array(name, .floats([]), shape: [rows, columns], in: group)
            case .dense(let values)?:
                try writer.encode(try values.finish(), "array", "0.2.0")
            case .sparse(let made, let data, let indices)?:
                _ = try data.finish()
                _ = try indices.finish()
                try writer.describe(made, rows: rows, columns: columns, isByRows: true, starts: starts)
            }
        }
    }
}
