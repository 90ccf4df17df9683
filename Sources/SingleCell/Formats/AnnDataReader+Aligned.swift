import AnnotatedData
import HDF5

extension AnnDataReader {
    /// `obsm`, `varm`, `obsp` or `varp`. Whatever is wrong in it is noted and left out.
    /// - Parameters:
    ///   - count: the number of cells or genes.
    ///   - isGraph: whether the second axis goes along them, too.
    mutating func aligned(_ name: String, _ count: Int, isGraph: Bool) -> [String: AlignedArray] {
        guard root.contains(name) else { return [:] }
        var result: [String: AlignedArray] = [:]
        do throws(FormatError) {
            guard case .group(let group) = try root.node(name) else {
                note("NOT_READ", "\(root.path(of: name)) is left out: it is an array")
                return [:]
            }
            for name in try group.names {
                do throws(FormatError) {
                    guard let array = try alignedArray(group, name) else { continue }
                    guard array.count == count, !isGraph || array.width == count else {
                        throw problem(
                            "SHAPE_MISMATCH", group.path(of: name),
                            "\(array.count)\(array.width.map { " × \($0)" } ?? "") values for \(count)"
                                + (isGraph ? " × \(count)" : " rows"))
                    }
                    result[name] = array
                } catch {
                    noteLeftOut(error, group.path(of: name))
                }
            }
        } catch {
            noteLeftOut(error, root.path(of: name))
        }
        return result
    }

    private mutating func alignedArray(_ group: any StoreGroup, _ name: String) throws(FormatError) -> AlignedArray? {
        switch try group.node(name) {
        case .array(let array):
            guard !array.values.isNull else { return nil }
            guard array.values.kind.isNumeric, !array.values.shape.isEmpty else {
                throw problem("DTYPE", array.path, "numbers expected, found \(array.values.kind.name)")
            }
            return .numbers(try numbers(array.values))
        case .group(let member):
            switch try encoding(member) {
            case "dataframe": return .table(try table(member))
            case nil, "csr_matrix", "csc_matrix": return .sparse(try compressedNumbers(member))
            case let encoding?:
                note("NOT_READ", "\(member.path) is left out: it is of the encoding '\(encoding)'")
                return nil
            }
        }
    }

    /// Numbers of any rank with the type that they have in the file.
    func numbers(_ values: any StoreValues) throws(FormatError) -> NumberArray {
        guard !values.isNull else { throw problem("DTYPE", values.element, "numbers expected, found nothing") }
        let content: NumberArray.Values
        switch values.kind {
        case .float(let bytes) where bytes <= 4: content = .floats(try values.floats())
        case .float: content = .doubles(try values.doubles())
        case .integer: content = .integers(try values.integers())
        case .boolean: content = .booleans(try values.booleans())
        case .string, .compound, .other:
            throw problem("DTYPE", values.element, "numbers expected, found \(values.kind.name)")
        }
        return NumberArray(content, shape: values.shape, type: NumberType(rawValue: values.kind.name))
    }

    /// A sparse matrix of the annotation, as the file has it.
    func compressedNumbers(_ group: any StoreGroup) throws(FormatError) -> CompressedNumbers {
        guard let isByRows = try isCompressedByRows(group) else {
            throw problem("BAD_ENCODING", group.path, "the attribute encoding-type is missing")
        }
        let shape = try sparseShape(group)
        guard shape.allSatisfy({ $0 >= 0 && $0 <= Int(Int32.max) }) else {
            throw problem("SHAPE_MISMATCH", group.path, "a matrix cannot be \(shape[0]) × \(shape[1])")
        }
        let (lines, extent) = isByRows ? (shape[0], shape[1]) : (shape[1], shape[0])
        let values = try numbers(try group.array("data").values)
        let indices = try group.array("indices").values
        guard case .integer = indices.kind, indices.shape == values.shape, values.shape.count == 1 else {
            throw problem("SHAPE_MISMATCH", group.path, "data and indices must be lists of one length")
        }
        let starts = try lineStarts(group, lines, entries: indices.count)
        let places = try indices.smallIntegers(in: 0..<indices.count)
        if let position = places.firstIndex(where: { $0 < 0 || Int($0) >= extent }) {
            throw problem("INDEX_RANGE", "\(indices.element)[\(position)]", "\(places[position]) of \(extent)")
        }
        return CompressedNumbers(
            rows: shape[0], columns: shape[1], isByRows: isByRows, starts: starts, indices: places, values: values)
    }
}
