import AnnotatedData
import Foundation
import Reports

/// Everything that a report leaves behind in a folder: the page and its JSON, the tables behind its figures, methods and
/// references for a manuscript, and what MultiQC shows beside other tools.
struct ReportFiles {
    let report: MechanismReport
    let sections: [MultiQCSection]

    init(_ assembly: ReportAssembly) {
        report = assembly.report
        sections = assembly.multiQC
    }

    static let schema = 2

    func fill(_ folder: String) throws {
        try OutputFile.fill(folder.appending(file: "report.html"), with: Data(report.html().utf8))
        try OutputFile.fill(
            folder.appending(file: "report.json"),
            with: CanonicalJSON.encode(Artifact(schema: Self.schema, content: report), pretty: true))
        try OutputFile.fill(folder.appending(file: "methods.md"), with: Data(methods.utf8))
        try OutputFile.fill(
            folder.appending(file: "references.bib"),
            with: Data((report.citations.map(\.bibtex).joined(separator: "\n\n") + "\n").utf8))
        let tables = try subfolder(FigureTable.folder, of: folder)
        for table in report.tables {
            try OutputFile.fill(tables.appending(file: "\(table.name).tsv"), with: Data(Self.text(table).utf8))
            try OutputFile.fill(
                tables.appending(file: "\(table.name).json"),
                with: CanonicalJSON.encode(Artifact(schema: 1, content: table)))
        }
        let shown = try subfolder("multiqc", of: folder)
        for section in sections {
            try OutputFile.fill(
                shown.appending(file: section.fileName), with: CanonicalJSON.encode(section, pretty: true))
        }
    }

    private func subfolder(_ name: String, of folder: String) throws -> String {
        let path = folder.appending(file: name)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure.unwritable(path)
        }
        return path
    }

    /// Tab-separated, with a line of column names.
    static func text(_ table: FigureTable) -> String {
        let lines =
            [table.columns.map { $0.field() }.joined(separator: "\t")]
            + table.rows.map { row in row.map { $0.text.field() }.joined(separator: "\t") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// As text for a manuscript.
    private var methods: String {
        let references = report.citations.map { "- \($0.text)" }
        return
            (["# Methods: \(report.title)"] + report.methods
            + (references.isEmpty ? [] : ["## References", references.joined(separator: "\n")]))
            .joined(separator: "\n\n") + "\n"
    }
}
