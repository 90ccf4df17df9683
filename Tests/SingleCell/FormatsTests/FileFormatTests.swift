import Formats
import Foundation
import Testing

struct FileFormatTests {
    private func code(_ path: String) -> String? {
        do throws(FormatError) {
            _ = try FileFormat.recognise(path)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func whatIsNotHDF5IsNamed() throws {
        let scratch = try Scratch()
        let page = try scratch.file("page.h5ad", "<!DOCTYPE html><html>404</html>")
        let error = #expect(throws: FormatError.self) { try readAnnotated(page) }
        #expect(error?.code == "NOT_HDF5")
        #expect(error?.message.contains("HTML") == true)
        #expect(code(try scratch.file("empty.h5ad", "")) == "EMPTY_FILE")
        #expect(code(try scratch.file("archive.h5ad", [0x50, 0x4B, 3, 4, 0, 0])) == "NOT_HDF5")
        #expect(code(try scratch.file("bytes.bin", [0, 1, 2, 3, 255])) == "NOT_THIS_FORMAT")
        #expect(code(scratch.path("missing.h5ad")) == "NOT_FOUND")
        #expect(code(scratch.url.path) == "IS_DIRECTORY")
    }

    @Test func aFileThatWasCutOffIsTruncated() throws {
        let scratch = try Scratch()
        try writeH5AD(H5ADTests.example, to: scratch.path("a.h5ad"))
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: scratch.path("a.h5ad"))))
        let error = #expect(throws: FormatError.self) {
            try readAnnotated(scratch.file("cut.h5ad", bytes.prefix(bytes.count / 2)))
        }
        #expect(error?.code == "TRUNCATED")
        #expect(error?.message.contains("\(bytes.count / 2)") == true)
    }

    @Test func contentCountsNotTheSuffix() throws {
        let scratch = try Scratch()
        try writeH5AD(H5ADTests.example, to: scratch.path("a.csv"))
        #expect(try FileFormat.recognise(scratch.path("a.csv")) == .h5ad)
        #expect(try FileFormat.recognise(scratch.file("a.dat", "a,b\n1,2\n")) == .delimitedText)
    }
}
