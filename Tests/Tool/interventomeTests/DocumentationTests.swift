import Foundation
import Testing

/// What the documentation shows is what happens: its commands are run, its tables of artifacts compared with a run.
struct DocumentationTests {
    private struct Page {
        var path: String
        var text: String
    }

    /// The pages of every catalog, by catalog; those of one in the order in which its root names them.
    private static func catalogs() throws -> [[Page]] {
        let sources = Binary.package.appendingPathComponent("Sources")
        let names = FileManager.default.enumerator(atPath: sources.path)?.allObjects as? [String] ?? []
        return try names.filter { $0.hasSuffix(".docc") }.sorted().map { catalog in
            let folder = sources.appendingPathComponent(catalog)
            let root = catalog.split(separator: "/").last!.dropLast(".docc".count)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
            let pages = try files.map { file in
                Page(
                    path: "\(catalog)/\(file)",
                    text: try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8))
            }
            let first = try #require(pages.first { $0.path.hasSuffix("/\(root).md") }, "\(catalog) has no root")
            let order = first.text.matches(of: /<doc:(\w+)>/).map { "/\($0.1).md" }
            return pages.sorted { a, b in
                func place(_ page: Page) -> Int {
                    page.path == first.path ? -1 : order.firstIndex { page.path.hasSuffix($0) } ?? order.count
                }
                return (place(a), a.path) < (place(b), b.path)
            }
        }
    }

    private static func page(_ name: String) throws -> String {
        let page = try catalogs().joined().first { $0.path.hasSuffix("/\(name).md") }
        return try #require(page).text
    }

    @Test func theCommandsPrintWhatThePagesShow() throws {
        var commands = 0
        for catalog in try Self.catalogs() { commands += try ShownCommands(catalog.map(\.text)).run() }
        #expect(commands >= 20)
    }

    /// Commands on the package itself can't be run from within a test, so pages show none that would go unrun.
    @Test func noCommandGoesUnrun() throws {
        for page in try Self.catalogs().joined() {
            let unrun = ShownCommands.blocks(of: page.text).filter(\.isOfPipelines).map(\.text)
            #expect(unrun.isEmpty, "\(page.path) shows \(unrun)")
        }
        let test = try String(contentsOf: Binary.package.appendingPathComponent("Pipelines/test"), encoding: .utf8)
        #expect(test.contains("Pipelines/Documentation/build"))
    }

    @Test func pathsThatPagesNameAreThere() throws {
        var count = 0
        for page in try Self.catalogs().joined() {
            for match in page.text.matches(of: /`((?:Sources|Tests|Pipelines|Reference)\/[\w\/.+-]+)`/) {
                count += 1
                let path = Binary.package.appendingPathComponent(String(match.1)).path
                #expect(FileManager.default.fileExists(atPath: path), "\(page.path) names \(match.1)")
            }
        }
        #expect(count >= 20)
    }

    /// Each file of a run stands in the page, with the version of its schema or its columns.
    @Test func everyArtifactOfARunIsDescribed() throws {
        let page = try Self.page("ArtifactFormats")
        let run = try SmallScreen.shared.get().path("run")
        let names = Snapshot.names(in: run)
        #expect(names.count >= 20)
        for name in names where !name.hasPrefix("stages/") {
            let row = page.split(separator: "\n").first { $0.contains("`\(name)`") }
            guard let row else {
                Issue.record("the page does not name \(name)")
                continue
            }
            let file = URL(fileURLWithPath: run + "/" + name)
            if name.hasSuffix(".tsv") {
                let header = try String(contentsOf: file, encoding: .utf8).prefix { $0 != "\n" }
                // Of baselines the page says that they follow.
                let columns = header.split(separator: "\t").filter { !$0.hasPrefix("baseline: ") }
                    .joined(separator: " ")
                #expect(row.contains("`\(columns)`"), "\(name): \(columns)")
            } else if name.hasSuffix(".json"),
                let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any],
                let schema = object["schema"] as? Int
            {
                #expect(row.contains(" | \(schema) | "), "\(name): schema \(schema)")
            }
        }
        #expect(page.contains("`stages/read.json`"))
    }
}
