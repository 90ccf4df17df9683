import Foundation
import Testing

/// The house must stand as `Package.swift` plans it.
struct ArchitectureTests {
    let house: House

    init() throws { house = try House() }

    @Test func thePlanIsRead() {
        #expect(house.rooms.count >= 5)
        #expect(house.rooms.contains { $0.name == "Graphs" && $0.floor == "Foundations" && $0.uses == ["Probability"] })
    }

    @Test func everyImportIsInThePlan() throws {
        for room in house.rooms {
            for file in try house.files(in: room.folder) {
                let breaches = House.breaches(of: file.text, in: room)
                #expect(breaches.isEmpty, "\(file.path) imports \(breaches), which \(room.name) may not use")
            }
        }
    }

    @Test func aPlantedBreachIsFound() throws {
        let graphs = try #require(house.rooms.first { $0.name == "Graphs" })
        let planted =
            "// fine\nimport Foundation\n@testable import Screens\nimport struct Matrices.Matrix\nimport Probability\n"
        #expect(House.breaches(of: planted, in: graphs) == ["Screens", "Matrices"])
        #expect(
            House.rooms(inManifest: #"    ("A", "B", ["C", "D"]),"#) == [
                .init(floor: "A", name: "B", uses: ["C", "D"])
            ])
    }

    @Test func everyPermissionIsUsed() throws {
        for room in house.rooms {
            let imported = Set(try house.files(in: room.folder).flatMap { House.imports(in: $0.text) })
            let idle = room.uses.filter { !imported.contains($0) }
            #expect(idle.isEmpty, "\(room.name) may use \(idle) and does not")
        }
    }

    @Test func roomsUseOnlyWhatStandsBeforeThem() {
        for (position, room) in house.rooms.enumerated() {
            let later = Set(house.rooms[position...].map(\.name))
            #expect(later.isDisjoint(with: room.uses), "\(room.name) uses a room that stands after it")
        }
    }

    @Test func roomsAreNouns() {
        let sheds: Set = ["Core", "Utils", "Utilities", "Common", "Helpers", "Shared", "Misc"]
        #expect(sheds.isDisjoint(with: house.rooms.map(\.name)))
    }

    @Test func noRoomIsEmptyAndEachHasTests() throws {
        for room in house.rooms {
            #expect(try !house.files(in: room.folder).isEmpty, "\(room.name) is empty")
            let tests = try house.files(in: "Tests/\(room.floor)/\(room.name)Tests")
            #expect(tests.contains { $0.text.contains("@Test") }, "\(room.name) has no tests")
        }
    }

    @Test func everySourceFolderIsARoom() throws {
        let known = Set(house.rooms.map(\.folder))
        for file in try house.files(in: "Sources") where !file.path.hasPrefix("Sources/C/") {
            let folder = file.path.split(separator: "/").prefix(3).joined(separator: "/")
            #expect(known.contains(folder), "\(file.path) stands in no room of the plan")
        }
    }

    @Test func filesStaySmall() throws {
        for file in try house.files(in: "Sources") + house.files(in: "Tests") {
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 500, "\(file.path) has \(lines) lines")
        }
    }

    @Test func noTypeBearsItsModulesName() throws {
        for room in house.rooms {
            let declaration = try Regex(#"(?m)^[^/\n]*\b(?:struct|class|enum|protocol|actor)\s+\#(room.name)\b"#)
            for file in try house.files(in: room.folder) {
                let bears = file.text.firstMatch(of: declaration) != nil
                #expect(!bears, "\(file.path) declares \(room.name)")
            }
        }
    }

    @Test func theReadmeMapNamesEveryRoom() throws {
        let readme = try String(contentsOf: house.root.appendingPathComponent("README.md"), encoding: .utf8)
        for room in house.rooms { #expect(readme.contains(room.name), "README's map lacks \(room.name)") }
    }

    @Test func nothingUnfinishedIsLeft() throws {
        let marks = /\b(TODO|FIXME|XXX)\b|fatalError\(/
        for file in try house.files(in: "Sources") {
            let isUnfinished = file.text.firstMatch(of: marks) != nil
            #expect(!isUnfinished, "\(file.path) says it is unfinished")
        }
    }
}
