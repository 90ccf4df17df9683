import HDF5

/// A tree of groups and arrays with attributes: what AnnData is stored in, be it an HDF5 file or a zarr folder.
protocol StoreGroup: StoreObject {
    /// Two names of one group share it; tells groups that contain themselves.
    var identity: Int { get }
    /// Names of the members, sorted.
    var names: [String] { get throws(FormatError) }
    /// Whether there is a member at the path, which may have several components.
    func contains(_ name: String) -> Bool
    /// The member at the path.
    /// - Throws: `MISSING_ELEMENT`, `LINK`, and what stands for damage.
    func node(_ name: String) throws(FormatError) -> StoreNode
}

/// What stands at a path of a store.
enum StoreNode {
    case group(any StoreGroup)
    case array(any StoreArray)
}

protocol StoreObject: Sendable {
    /// The path inside the store, such as `/obs/perturbation`.
    var path: String { get }
    /// The attribute of that name; nil where there is none.
    func attribute(_ name: String) throws(FormatError) -> (any StoreValues)?
}

/// An array with attributes.
protocol StoreArray: StoreObject {
    var values: any StoreValues { get }
    /// One field of an array of records.
    func field(_ name: String) throws(FormatError) -> any StoreValues
}

/// The values of an array, of one field of an array of records, or of an attribute, not yet read.
protocol StoreValues: Sendable {
    /// The path inside the store; `path@name` for an attribute.
    var element: String { get }
    /// Empty for a single value.
    var shape: [Int] { get }
    /// Whether there is no value at all, not even an empty list.
    var isNull: Bool { get }
    var kind: HDF5Kind { get }
    /// The extents of a chunk where reading a part of one costs as much as reading it whole; else empty.
    var chunk: [Int] { get }
    /// Whether the store can hold as many values as it declares: asked before parts are read, each of which may be small.
    /// - Throws: `LIMIT`.
    func checkSize() throws(FormatError)
    func floats() throws(FormatError) -> [Float]
    func doubles() throws(FormatError) -> [Double]
    func integers() throws(FormatError) -> [Int64]
    func booleans() throws(FormatError) -> [Bool]
    /// Texts; bytes that are not UTF-8 become U+FFFD, and `onInvalid` is told of each text that had any.
    func strings(onInvalid: (Int) -> Void) throws(FormatError) -> [String]
    /// Whole entries of the first axis, row-major.
    func floats(in range: Range<Int>) throws(FormatError) -> [Float]
    func doubles(in range: Range<Int>) throws(FormatError) -> [Double]
    func smallIntegers(in range: Range<Int>) throws(FormatError) -> [Int32]
    func integers(in range: Range<Int>) throws(FormatError) -> [Int64]
}

extension StoreValues {
    var chunk: [Int] { [] }

    func checkSize() throws(FormatError) {}

    /// A single value has an empty shape and a count of 1. Beyond what can be counted it is the largest number.
    var count: Int {
        guard !isNull, !shape.contains(0) else { return 0 }
        return shape.reduce(1) { product, extent in
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            return overflow ? Int.max : next
        }
    }
}

extension StoreGroup {
    func path(of name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

    func group(_ name: String) throws(FormatError) -> any StoreGroup {
        guard case .group(let group) = try node(name) else {
            throw FormatError(
                code: "BAD_ENCODING", file: nil, element: path(of: name),
                message: "a group was expected, this is an array", remedy: "write the file again with anndata")
        }
        return group
    }

    func array(_ name: String) throws(FormatError) -> any StoreArray {
        guard case .array(let array) = try node(name) else {
            throw FormatError(
                code: "BAD_ENCODING", file: nil, element: path(of: name),
                message: "an array was expected, this is a group", remedy: "write the file again with anndata")
        }
        return array
    }
}
