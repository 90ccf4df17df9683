import AnnotatedData
import Foundation

/// Writes a folder as Cell Ranger 3 does: `matrix.mtx.gz` (genes × cells), `features.tsv.gz` and `barcodes.tsv.gz`, block
/// by block; scanpy's `read_10x_mtx` reads it. The folder gets its name when it is whole.
///
/// Features are the column `gene_ids` of `var` (else the genes' names), the names, and the column `feature_types` (else
/// `Gene Expression`). Other columns, layers and unstructured annotation have no place in this format.
/// - Throws: `CANNOT_WRITE`, also where a folder of that name holds anything else; `NONFINITE`; what reading throws.
public func writeTenXDirectory(_ source: AnnotatedSource, to path: String) throws(FormatError) {
    try WholeFile.writeFolder(path, replacing: TenXDirectoryWriter.files) { partial throws(FormatError) in
        try TenXDirectoryWriter(source: source, folder: partial).write()
    }
}

struct TenXDirectoryWriter {
    static let files = ["matrix.mtx.gz", "features.tsv.gz", "barcodes.tsv.gz"]
    /// Entries of a piece that is made and packed at once: about a megabyte of text.
    private static let pieceEntries = 1 << 17
    /// The length of the banner, the comment and the size line, which are written once more at the end.
    private static let headerLength = 256

    let source: AnnotatedSource
    let folder: String

    func write() throws(FormatError) {
        let genes = source.annotation.genes
        let ids = genes["gene_ids"]?.labels ?? genes.names
        let types = genes["feature_types"]?.labels ?? genes.names.map { _ in "Gene Expression" }
        try writeLines(
            genes.names.indices.map { [ids[$0] ?? genes.names[$0], genes.names[$0], types[$0] ?? "Gene Expression"] },
            to: Self.files[1])
        try writeLines(source.annotation.cells.names.map { [$0] }, to: Self.files[2])
        try writeMatrix()
    }

    private func writeLines(_ lines: [[String]], to file: String) throws(FormatError) {
        var text = TextLines(capacity: lines.count * 32)
        for line in lines {
            for (column, field) in line.enumerated() {
                guard !field.utf8.contains(where: { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) else {
                    throw FormatError(
                        code: "CANNOT_WRITE", file: file, element: field,
                        message: "names with tabs or line ends have no place in this format",
                        remedy: "rename it, or write h5ad")
                }
                if column > 0 { text.append(byte: 0x09) }
                text.append(field)
            }
            text.append(byte: 0x0A)
        }
        let bytes = text.bytes
        try TextSink(creating: folder + "/" + file, compressed: true).write(pieces: 1) { _ in bytes }
    }

    private func writeMatrix() throws(FormatError) {
        let sink = try TextSink(creating: folder + "/" + Self.files[0], compressed: true)
        try sink.writeStart(header(entries: 0, isWhole: true), over: false)
        var (entries, isWhole) = (0, true)
        try source.forEachFiniteBlock(folder) { block throws(FormatError) in
            let (matrix, exact) = (block.matrix, block.exact)
            let pieces = matrix.pieces(entries: Self.pieceEntries)
            let firstRow = block.firstRow
            try sink.write(pieces: pieces.count) { piece in
                Self.text(matrix, exact, rows: pieces[piece], firstRow: firstRow)
            }
            switch matrix {
            case .dense(let matrix): entries += matrix.values.count { $0 != 0 }
            case .sparse(let matrix): entries += matrix.values.count
            }
            isWhole =
                isWhole && matrix.storedValues.allSatisfy { $0.rounded() == $0 }
                && exact?.allSatisfy { $0.rounded() == $0 } ?? true
        }
        try sink.writeStart(header(entries: entries, isWhole: isWhole), over: true)
    }

    /// Always of one length; spaces end the comment.
    private func header(entries: Int, isWhole: Bool) -> String {
        let banner = "%%MatrixMarket matrix coordinate \(isWhole ? "integer" : "real") general\n"
        let comment = "%metadata_json: {\"format_version\": 2}"
        let size = "\n\(source.annotation.genes.count) \(source.annotation.cells.count) \(entries)\n"
        let length = banner.utf8.count + comment.utf8.count + size.utf8.count
        return banner + comment + String(repeating: " ", count: Self.headerLength - length) + size
    }

    /// One line an entry: gene, cell, value, counted from 1. Zeros of dense matrices are left out.
    private static func text(_ matrix: CellMatrix, _ exact: [Double]?, rows: Range<Int>, firstRow: Int) -> [UInt8] {
        var text = TextLines(capacity: pieceEntries * 12)
        let keepsZeros = if case .sparse = matrix { true } else { false }
        for row in rows {
            var cell = TextLines(capacity: 12)
            cell.append(byte: 0x20)
            cell.append(firstRow + row + 1)
            cell.append(byte: 0x20)
            matrix.forEachEntry(ofRow: row) { place, gene, value in
                guard keepsZeros || value != 0 else { return }
                text.append(gene + 1)
                text.append(contentsOf: cell)
                if let exact { text.append(exact[place]) } else { text.append(value) }
                text.append(byte: 0x0A)
            }
        }
        return text.bytes
    }
}
