import Foundation
import Testing

/// Every room has a page that tells a newcomer where to begin and where its knowledge ends.
struct CatalogTests {
    let house: House

    init() throws { house = try House() }

    private func page(of room: House.Room) throws -> String? {
        try house.files(in: room.folder, suffix: "\(room.name).docc/\(room.name).md").first?.text
    }

    @Test func everyRoomHasACatalog() throws {
        for room in house.rooms {
            guard let text = try page(of: room) else {
                Issue.record("\(room.folder) has no \(room.name).docc/\(room.name).md")
                continue
            }
            let faults = Catalog(text).faults(room: room.name)
            #expect(faults.isEmpty, "\(room.name): \(faults)")
        }
    }

    /// Files that a reading order names in single quotes are there; types stand in double ones, and DocC looks for them.
    @Test func readingOrdersNameFilesThatAreThere() throws {
        for room in house.rooms {
            let files = Set(
                try house.files(in: room.folder).map { file in
                    String(file.path.split(separator: "/").last!.dropLast(".swift".count))
                })
            for name in Catalog(try page(of: room) ?? "").files where !files.contains(name) {
                Issue.record("the reading order of \(room.name) names \(name), which is no file of the room")
            }
        }
    }

    @Test func aCatalogWithoutAnOrderIsFound() {
        let whole = """
            # ``Rooms``

            What rooms are.

            ## Overview

            ### Reading order

            ``Door``, then `Door+Lock`.

            ### Limits

            - No windows.
            """
        #expect(Catalog(whole).faults(room: "Rooms").isEmpty)
        #expect(Catalog(whole).files == ["Door+Lock"])
        #expect(Catalog(whole).faults(room: "Doors") == ["begins with another room's name"])
        let without = whole.replacingOccurrences(of: "### Limits", with: "### Windows")
        #expect(Catalog(without).faults(room: "Rooms") == ["says nothing under Limits"])
        let empty = whole.replacingOccurrences(of: "``Door``, then `Door+Lock`.\n", with: "")
        #expect(Catalog(empty).faults(room: "Rooms") == ["says nothing under Reading order"])
    }
}

/// The first page of a room's catalog.
private struct Catalog {
    let text: String

    init(_ text: String) { self.text = text }

    /// What stands below a heading of the third level.
    private func section(_ title: String) -> String {
        guard let start = text.range(of: "\n### \(title)\n") else { return "" }
        let rest = text[start.upperBound...]
        let end = rest.firstRange(of: /(?m)^##/)?.lowerBound ?? rest.endIndex
        return rest[..<end].trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func faults(room: String) -> [String] {
        var faults: [String] = []
        if !text.hasPrefix("# ``\(room)``\n\n") { faults.append("begins with another room's name") }
        for title in ["Reading order", "Limits"] where section(title).isEmpty {
            faults.append("says nothing under \(title)")
        }
        return faults
    }

    /// Names in single quotes of the reading order.
    var files: [String] {
        section("Reading order").replacing(/``[^`]*``/, with: "").matches(of: /`([\w+]+)`/).map { String($0.1) }
    }
}
