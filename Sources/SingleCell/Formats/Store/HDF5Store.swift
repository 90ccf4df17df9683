import HDF5

extension HDF5Group {
    var store: HDF5StoreGroup { HDF5StoreGroup(group: self) }
}

/// An HDF5 file as a store.
struct HDF5StoreGroup: StoreGroup {
    let group: HDF5Group

    var path: String { group.path }
    var identity: Int { group.address }

    var names: [String] {
        get throws(FormatError) { try FormatError.translating { () throws(HDF5Error) in try group.names } }
    }

    func contains(_ name: String) -> Bool { group.contains(name) }

    func node(_ name: String) throws(FormatError) -> StoreNode {
        switch try FormatError.translating({ () throws(HDF5Error) in try group.node(name) }) {
        case .group(let group): .group(HDF5StoreGroup(group: group))
        case .dataset(let dataset): .array(HDF5StoreArray(dataset: dataset))
        }
    }

    func attribute(_ name: String) throws(FormatError) -> (any StoreValues)? {
        try FormatError.translating { () throws(HDF5Error) in try group.attribute(name).map(HDF5StoreValues.init) }
    }
}

struct HDF5StoreArray: StoreArray {
    let dataset: HDF5Dataset

    var path: String { dataset.path }
    var values: any StoreValues { HDF5StoreValues(values: dataset.values) }

    func field(_ name: String) throws(FormatError) -> any StoreValues {
        HDF5StoreValues(values: try FormatError.translating { () throws(HDF5Error) in try dataset.field(name) })
    }

    func attribute(_ name: String) throws(FormatError) -> (any StoreValues)? {
        try FormatError.translating { () throws(HDF5Error) in try dataset.attribute(name).map(HDF5StoreValues.init) }
    }
}

struct HDF5StoreValues: StoreValues {
    let values: HDF5Values

    var element: String { values.element }
    var shape: [Int] { values.shape }
    var isNull: Bool { values.isNull }
    var kind: HDF5Kind { values.kind }

    func checkSize() throws(FormatError) { try translating { () throws(HDF5Error) in try values.checkSize() } }

    func floats() throws(FormatError) -> [Float] { try translating { () throws(HDF5Error) in try values.floats() } }
    func doubles() throws(FormatError) -> [Double] { try translating { () throws(HDF5Error) in try values.doubles() } }
    func integers() throws(FormatError) -> [Int64] { try translating { () throws(HDF5Error) in try values.integers() } }
    func booleans() throws(FormatError) -> [Bool] { try translating { () throws(HDF5Error) in try values.booleans() } }

    func strings(onInvalid: (Int) -> Void) throws(FormatError) -> [String] {
        try translating { () throws(HDF5Error) in try values.strings(onInvalid: onInvalid) }
    }

    func floats(in range: Range<Int>) throws(FormatError) -> [Float] {
        try translating { () throws(HDF5Error) in try values.floats(in: range) }
    }

    func doubles(in range: Range<Int>) throws(FormatError) -> [Double] {
        try translating { () throws(HDF5Error) in try values.doubles(in: range) }
    }

    func smallIntegers(in range: Range<Int>) throws(FormatError) -> [Int32] {
        try translating { () throws(HDF5Error) in try values.smallIntegers(in: range) }
    }

    func integers(in range: Range<Int>) throws(FormatError) -> [Int64] {
        try translating { () throws(HDF5Error) in try values.integers(in: range) }
    }

    private func translating<Result>(_ body: () throws(HDF5Error) -> Result) throws(FormatError) -> Result {
        try FormatError.translating(body)
    }
}
