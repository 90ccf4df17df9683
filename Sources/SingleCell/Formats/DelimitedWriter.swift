import AnnotatedData
import Foundation

/// Writes cells × genes as tab-separated (`.tsv`, `.txt`) or comma-separated text, packed where the name ends in `.gz`,
/// block by block: genes in the header, the names of cells in the first column, under `cell`, by
/// which the reader knows them.
///
/// Numbers are written with the fewest digits that give the same value back, names in quotes where they need them.
/// - Throws: `CANNOT_WRITE`, `NONFINITE`, and what reading throws.
public func writeDelimited(_ source: AnnotatedSource, to path: String) throws(FormatError) {
    try WholeFile.write(path) { partial throws(FormatError) in
        try DelimitedWriter(source: source, path: path).write(to: partial)
    }
}

struct DelimitedWriter {
    /// Fields of a piece that is made and packed at once: about a megabyte of text.
    private static let pieceFields = 1 << 18

    let source: AnnotatedSource
    /// The name in the end, which tells the separator and whether to pack.
    let path: String

    func write(to partial: String) throws(FormatError) {
        let isCompressed = path.lowercased().hasSuffix(".gz")
        let name = isCompressed ? String(path.dropLast(3)) : path
        let isTabbed = ["tsv", "txt"].contains((name as NSString).pathExtension.lowercased())
        let separator = isTabbed ? "\t" : ","
        let sink = try TextSink(creating: partial, compressed: isCompressed)
        let genes = source.annotation.genes.names.map { $0.field(separatedBy: separator) }
        let header = Array((["cell"] + genes).joined(separator: separator).utf8) + [0x0A]
        try sink.write(pieces: 1) { _ in header }
        let cells = source.annotation.cells.names
        let mark = separator.utf8.first ?? 0x2C
        try source.forEachFiniteBlock(path) { block throws(FormatError) in
            let height = max(1, Self.pieceFields / max(1, genes.count))
            let rows = block.matrix.rows
            try sink.write(pieces: (rows + height - 1) / height) { piece in
                let range = piece * height..<min(rows, (piece + 1) * height)
                var text = TextLines(capacity: range.count * (genes.count * 2 + 24))
                var values = [Double](repeating: 0, count: genes.count)
                for row in range {
                    text.append(cells[block.firstRow + row].field(separatedBy: separator))
                    for gene in values.indices { values[gene] = 0 }
                    block.matrix.forEachEntry(ofRow: row) { place, gene, value in
                        values[gene] += block.exact?[place] ?? Double(value)
                    }
                    for value in values {
                        text.append(byte: mark)
                        // A float's own shortest text, unless the value is no float.
                        if Double(Float(value)) == value { text.append(Float(value)) } else { text.append(value) }
                    }
                    text.append(byte: 0x0A)
                }
                return text.bytes
            }
        }
    }
}
