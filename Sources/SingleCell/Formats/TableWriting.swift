import AnnotatedData
import Foundation

/// Writes a table as tab-separated (`.tsv`, `.txt`) or comma-separated text, the names in the first column.
///
/// Missing values are empty fields; numbers are written with the fewest digits that give the same value back.
/// - Parameter namesColumn: the header over the names.
public func writeTable(
    _ table: AnnotationTable, to path: String, namesColumn: String = "name"
) throws(FormatError) {
    let isTabbed = ["tsv", "txt"].contains((path as NSString).pathExtension.lowercased())
    let separator = isTabbed ? "\t" : ","
    func field(_ text: String) -> String { text.field(separatedBy: separator) }
    var text = ([namesColumn] + table.columns.map(\.name)).map(field).joined(separator: separator) + "\n"
    let columns = table.columns.map { $0.values.texts }
    for row in 0..<table.count {
        text += field(table.names[row])
        for column in columns { text += separator + field(column[row] ?? "") }
        text += "\n"
    }
    let data = Data(text.utf8)
    try WholeFile.write(path) { partial throws(FormatError) in
        guard FileManager.default.createFile(atPath: partial, contents: nil),
            let file = FileHandle(forWritingAtPath: partial)
        else { throw WholeFile.failure(path) }
        do {
            try file.write(contentsOf: data)
            try file.close()
        } catch {
            throw WholeFile.failure(path)
        }
    }
}
