import Foundation
import Testing

@testable import Runs

struct RunFolderTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    private func write(_ text: String, _ scratch: String, _ name: String) throws {
        try OutputFile.fill(scratch + "/" + name, with: Data(text.utf8))
    }

    @Test func aStageIsDoneWhileItsKeyAndOutputsAreUnchanged() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try RunFolder(path: path)
        #expect(folder.finished("fit", key: "k") == nil)
        let record = try folder.holding {
            try folder.perform("fit", key: "k") { scratch in
                try write("edges", scratch, "edges.tsv")
                try FileManager.default.createDirectory(atPath: scratch + "/model", withIntermediateDirectories: true)
                try write("weights", scratch + "/model", "w")
            }
        }
        #expect(record.outputs.keys.sorted() == ["edges.tsv", "model/w"])
        #expect(folder.finished("fit", key: "k") == record)
        #expect(folder.finished("fit", key: "another") == nil)
        try write("tampered", path, "edges.tsv")
        #expect(folder.finished("fit", key: "k") == nil)
    }

    @Test func aStageThatFailsLeavesWhatWasThere() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try RunFolder(path: path)
        let record = try folder.holding { try folder.perform("fit", key: "k") { try write("first", $0, "a") } }
        #expect(throws: CancellationError.self) {
            try folder.holding {
                try folder.perform("fit", key: "k2") { scratch in
                    try write("second", scratch, "a")
                    throw CancellationError()
                }
            }
        }
        #expect(folder.finished("fit", key: "k") == record)
        #expect(try String(contentsOfFile: path + "/a", encoding: .utf8) == "first")
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        #expect(names.allSatisfy { !$0.contains("partial") })
    }

    @Test func aFolderOfSomethingElseIsRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try write("mine", path, "thesis.txt")
        let failure = #expect(throws: Failure.self) { try RunFolder(path: path) }
        #expect(failure?.code == "OUTPUT_EXISTS" && failure?.exit == .outputFailed)
    }
}
