/// What structures of a file may take up together. They lie beside each other, so that it is no more than the file has:
/// many that share their bytes are made to exhaust memory.
struct ByteBudget {
    private var left: Int

    init(_ file: FileStructures) { left = file.bytes.byteCount }

    mutating func spend(_ bytes: Int, _ name: String) throws(HDF5Error) {
        guard bytes <= left else { throw .corrupt("\(name) lie upon each other") }
        left -= bytes
    }
}
