import AnnotatedData
import HDF5

/// Writes an h5ad file that anndata 0.8 and all later ones read. The same data give the same bytes.
///
/// Texts of which some are missing are written as categories: the only encoding of them that anndata 0.8 knows, and what
/// anndata itself makes of them when it writes. An entry of `uns` without a value (`null`) is kept, though only anndata
/// 0.11 and later read such a file.
/// - Throws: `CANNOT_WRITE`; nothing is left behind then.
public func writeH5AD(
    _ data: AnnotatedMatrix, to path: String, compression: HDF5Compression = .gzip(level: 4)
) throws(FormatError) {
    let source = AnnotatedSource(
        ReadingResult(data: data, format: .h5ad, layout: "", dtype: "", notices: []))
    _ = try writeH5AD(source, to: path, compression: compression)
}

/// Writes an opened file as h5ad, its matrices block by block and with the type of numbers that they have there.
/// - Returns: What was noticed in the matrices on the way.
/// - Throws: `CANNOT_WRITE`, and what is wrong with the matrices; nothing is left behind then.
public func writeH5AD(
    _ source: AnnotatedSource, to path: String, compression: HDF5Compression = .gzip(level: 4)
) throws(FormatError) -> [Notice] {
    let output = try H5ADOutput(to: path, compression: compression)
    var notices: [Notice] = []
    func write(_ matrix: any MatrixBlocks, at place: H5ADPlace) throws(FormatError) {
        let type = (matrix as? StoredMatrix)?.kind.elementType ?? .float32
        let written = try output.makeMatrix(at: place, columns: matrix.columns, type: type)
        try FormatError.only {
            try matrix.forEachBlock { block in
                notices += block.notices
                try written.append(block)
            }
        }
    }
    if let x = source.x { try write(x, at: .main) }
    for (name, layer) in source.layers.sorted(by: { $0.key < $1.key }) { try write(layer, at: .layer(name)) }
    if let raw = source.raw { try write(raw.x, at: .raw) }
    try output.finish(source.annotation, raw: source.raw.map { ($0.genes, source.rawGeneLoadings) })
    return notices
}

extension HDF5Kind {
    /// The type of which a matrix of such numbers is written.
    fileprivate var elementType: HDF5ElementType? {
        NumberType(rawValue: name).map { HDF5ElementType($0) }
    }
}
