import Formats
import Foundation
import Testing

@testable import Runs

@Suite struct OutputFileTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test("Replacing a folder removes what is in it, so only a folder of earlier results may be replaced")
    func foreignFolders() throws {
        try inFolder { folder in
            try OutputFile.claim(folder, force: true)
            try OutputFile.write("mine", to: folder + "/thesis.txt")
            let refused = #expect(throws: Failure.self) { try OutputFile.claim(folder, force: true) }
            #expect(refused?.code == "OUTPUT_EXISTS" && refused?.exit == .outputFailed)
            let kept = #expect(throws: Failure.self) {
                try Simulation.filling(folder) { try OutputFile.fill($0 + "/truth.json", with: Data()) }
            }
            #expect(kept?.code == "OUTPUT_EXISTS")
            #expect(FileManager.default.fileExists(atPath: folder + "/thesis.txt"))
            try OutputFile.write("{}", to: folder + "/truth.json")
            try OutputFile.claim(folder, force: true)
            #expect(throws: Failure.self) { try OutputFile.claim(folder, force: false) }
        }
    }

    @Test("A file that fails leaves neither itself nor anything beside it, and the error names the file asked for")
    func wholeOrNothing() throws {
        try inFolder { folder in
            let path = folder + "/a.h5ad"
            let error = #expect(throws: FormatError.self) {
                try OutputFile.whole(path) { scratch in
                    try Data("half".utf8).write(to: URL(fileURLWithPath: scratch))
                    throw FormatError(code: "CANNOT_WRITE", file: scratch, message: "full", remedy: "make room")
                }
            }
            #expect(error?.file == path)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            // What is wrong with the input, which is read meanwhile, is told of the input.
            let ofInput = #expect(throws: FormatError.self) {
                try OutputFile.whole(path) { _ in
                    throw FormatError(code: "CORRUPT_CHUNK", file: "in.h5ad", message: "damaged", remedy: "fetch")
                }
            }
            #expect(ofInput?.file == "in.h5ad")
            try OutputFile.write("whole", to: path)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.h5ad"])
            #expect(FileManager.default.contents(atPath: path) == Data("whole".utf8))
        }
    }
}
