import AnnotatedData
import Formats
import Foundation
import Matrices
import Testing

struct MatrixMarketTests {
    private func read(_ text: String, _ options: ReadingOptions = .init()) throws -> ReadingResult {
        let scratch = try Scratch()
        return try readAnnotated(try scratch.file("m.mtx", text), options: options)
    }

    private func failure(_ text: String) throws -> FormatError? {
        #expect(throws: FormatError.self) { try self.read(text) }
    }

    private static let integers = "%%MatrixMarket matrix coordinate integer general\n"

    /// Three genes × two cells: 5 and 1 in the first cell, 7 in the second.
    private static let expected = Matrix<Float>(rows: 2, columns: 3, values: [5, 0, 1, 0, 7, 0])

    @Test(arguments: [
        integers + "3 2 3\n1 1 5\n3 1 1\n2 2 7\n",
        integers + "3 2 3\n2 2 7\n3 1 1\n1 1 5",
        "%%matrixmarket MATRIX Coordinate Integer GENERAL\r\n%c\r\n% d\r\n\r\n3\t2  3\r\n1 1 5\r\n 3\t1\t1 \r\n\r\n2 2 7\r\n",
        "%%MatrixMarket matrix coordinate real general\n3 2 3\n1 1 5.0\n% said later\n3 1 1e+00\n2 2 .7E1\n",
        "%%MatrixMarket matrix array integer general\n3 2\n5\n0\n1\n0\n7\n0\n",
        integers + "3 2 4\n1 1 2\n3 1 1\n2 2 7\n1 1 3\n",
    ])
    func spellingsOfOneMatrix(text: String) throws {
        let result = try read(text)
        #expect(result.data.x?.dense == Self.expected)
        #expect(result.format == .matrixMarket)
        #expect(result.data.cells.names == ["1", "2"] && result.data.genes.names == ["1", "2", "3"])
        #expect(result.notices.filter { $0.code == "NO_NAMES" }.count == 2)
    }

    @Test func entriesOfACellStayTogetherInAnyOrder() throws {
        let result = try read(Self.integers + "3 3 5\n2 3 1\n1 1 2\n3 2 3\n1 3 4\n2 1 5\n")
        guard case .sparse(let matrix)? = result.data.x else {
            Issue.record("a sparse matrix expected")
            return
        }
        #expect(matrix.rowStarts == [0, 2, 3, 5])
        #expect(matrix.columnIndices == [0, 1, 2, 1, 0])
        #expect(matrix.values == [2, 5, 3, 1, 4])
    }

    @Test func repeatedEntriesAreSummedAndSaid() throws {
        let result = try read(Self.integers + "2 2 5\n1 1 1\n2 1 9\n1 1 2\n2 2 4\n2 2 4\n")
        #expect(result.data.x?.dense == Matrix(rows: 2, columns: 2, values: [3, 9, 0, 8]))
        #expect(result.data.x?.storedValues.count == 3)
        let notice = result.notices.first { $0.code == "DUPLICATE_ENTRIES" }
        #expect(notice?.message.hasPrefix("2 entries") == true)
    }

    @Test func patternsCountAndSymmetryIsUnfolded() throws {
        let pattern = try read("%%MatrixMarket matrix coordinate pattern symmetric\n3 3 3\n1 1\n3 1\n3 2\n")
        #expect(pattern.data.x?.dense == Matrix(rows: 3, columns: 3, values: [1, 0, 1, 0, 0, 1, 1, 1, 0]))
        let array = try read("%%MatrixMarket matrix array real symmetric\n2 2\n1\n2.5\n-3\n")
        #expect(array.data.x == .dense(Matrix(rows: 2, columns: 2, values: [1, 2.5, 2.5, -3])))
    }

    @Test func rowsAreCellsWhereAskedFor() throws {
        let byCells = try read(
            Self.integers + "2 3 2\n1 3 4\n2 1 5\n", ReadingOptions(orientation: .cellsByGenes))
        #expect(byCells.data.x?.dense == Matrix(rows: 2, columns: 3, values: [0, 0, 4, 5, 0, 0]))
        let array = try read(
            "%%MatrixMarket matrix array real general\n2 3\n1\n2\n3\n4\n5\n6\n",
            ReadingOptions(orientation: .cellsByGenes))
        #expect(array.data.x?.dense == Matrix(rows: 2, columns: 3, values: [1, 3, 5, 2, 4, 6]))
    }

    /// Two members and an empty one, by Python's gzip; the first ends within a line.
    @Test func membersOfACompressedFileAreOneText() throws {
        let packed =
            "H4sIAAAAAAACA1NV9U0sKcqs8E0syk4tUcgFcxSS8/OLUjLzEktSFTLzSlLTU4sU0lPzUosSc7iMFYwUjLkMFQwVADUaSmU7"
            + "AAAAH4sIAAAAAAACAzPlMlYwVDDkMlIwUjDnAgBRj6NTDgAAAB+LCAAAAAAAAgMDAAAAAAAAAAAA"
        let scratch = try Scratch()
        let path = try scratch.file("m.mtx", Data(base64Encoded: packed)!)
        #expect(try readAnnotated(path).data.x?.dense == Self.expected)
        let cut = try scratch.file("cut.mtx", Data(base64Encoded: packed)!.dropLast(24))
        let error = #expect(throws: FormatError.self) { try readAnnotated(cut) }
        #expect(error?.code == "GZIP")
    }

    @Test(arguments: [
        ("%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 1 0\n", "MTX_HEADER", "line 1"),
        ("%%MatrixMarket matrix coordinate integer hermitian\n1 1 1\n1 1 1\n", "MTX_HEADER", "line 1"),
        ("%%MatrixMarket matrix coordinate integer\n1 1 1\n1 1 1\n", "MTX_HEADER", "line 1"),
        ("%%MatrixMarket vector coordinate integer general\n1 1 1\n", "MTX_HEADER", "line 1"),
        ("%%MatrixMarket matrix array pattern general\n1 1\n", "MTX_HEADER", "line 1"),
        ("%%MatrixMarket matrix coordinate integer symmetric\n2 3 0\n", "MTX_HEADER", "line 2"),
        (integers, "MTX_HEADER", "line 1"), (integers + "%\n\n2 2\n", "MTX_HEADER", "line 4"),
        (integers + "2 -2 0\n", "MTX_HEADER", "line 2"),
        (integers + "2 2 99999999999999999999\n", "MTX_HEADER", "line 2"),
        (integers + "3000000000 1 0\n", "LIMIT", "line 2"),
        (integers + "2 2 2\n1 1 1\n", "MTX_COUNT", "line 3"),
        (integers + "2 2 1\n1 1 1\n2 2 1\n", "MTX_COUNT", "line 4"),
        (integers + "2 2 9000000000000000000\n1 1 1\n", "MTX_COUNT", "line 3"),
        (integers + "2 2 1\n0 1 1\n", "INDEX_RANGE", "line 3"), (integers + "2 2 1\n1 3 1\n", "INDEX_RANGE", "line 3"),
        (integers + "2 2 1\n-1 1 1\n", "INDEX_RANGE", "line 3"),
        (integers + "2 2 1\n1 99999999999999999999 1\n", "INDEX_RANGE", "line 3"),
        (integers + "2 2 1\n\n1 1\n", "MTX_VALUE", "line 4"), (integers + "2 2 1\n1 1 1 1\n", "MTX_VALUE", "line 3"),
        (integers + "2 2 1\n1 1 1.5\n", "MTX_VALUE", "line 3"), (integers + "2 2 1\n1 1 x\n", "MTX_VALUE", "line 3"),
        (integers + "2 2 1\n1 1 99999999999999999999\n", "MTX_VALUE", "line 3"),
        (integers + "2 2 1\n1 1 -2\n", "NEGATIVE", "line 3"), (integers + "2 2 1\nx y z\n", "MTX_VALUE", "line 3"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 NaN\n", "NONFINITE", "line 3"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 -inf\n", "NONFINITE", "line 3"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1e39\n", "MTX_VALUE", "line 3"),
        ("%%MatrixMarket matrix array integer general\n2 2\n1\n2\n3\n", "MTX_COUNT", "line 5"),
        ("%%MatrixMarket matrix array integer general\n1 1\n1\n2\n", "MTX_COUNT", "line 4"),
        ("%%MatrixMarket matrix array integer general\n1 1\n1 2\n", "MTX_VALUE", "line 3"),
    ])
    func whatIsWrongIsNamedWithItsLine(text: String, code: String, element: String) throws {
        let error = try failure(text)
        #expect(error?.code == code && error?.element == element, "\(error as Any)")
    }

    @Test func sizesThatAreOnlyClaimedTakeNoMemory() throws {
        let error = try failure(Self.integers + "2000000000 2000000000 0\n")
        #expect(error?.code == "LIMIT")
    }

    @Test func whatFloatsDoNotHoldIsSaid() throws {
        let result = try read(Self.integers + "1 1 1\n1 1 16777217\n")
        #expect(result.notices.contains { $0.code == "PRECISION" })
        #expect(try !read(Self.integers + "1 1 1\n1 1 16777216\n").notices.contains { $0.code == "PRECISION" })
    }

    /// Lines lie across the blocks in which the file is read.
    @Test func longFilesAreReadAcrossBlocks() throws {
        let (genes, cells) = (997, 1009)
        var lines = ""
        var sum = 0
        for cell in 1...cells {
            for gene in stride(from: 1 + cell % 5, through: genes, by: 5) {
                lines += "\(gene) \(cell) \(gene * cell % 1000)\n"
                sum += gene * cell % 1000
            }
        }
        let count = lines.utf8.count { $0 == 0x0A }
        #expect(lines.utf8.count > 2 << 20)
        let x = try #require(read(Self.integers + "\(genes) \(cells) \(count)\n" + lines).data.x)
        #expect(x.storedValues.count == count)
        #expect(x.storedValues.reduce(0) { $0 + Int($1) } == sum)
        #expect(x.dense[1008, 4] == Float(5 * 1009 % 1000))
    }

    /// Each damaged copy must be read or refused; none may end the program.
    @Test func damagedMatricesAreReadOrRefused() throws {
        let scratch = try Scratch()
        let whole = Array(
            "%%MatrixMarket matrix coordinate real symmetric\n%c\n3 3 4\n1 1 2.5\n2 1 -1e1\n3 3 4\n3 1 7\n".utf8)
        var random = SeededGenerator(state: 4181)
        var refused = 0
        for _ in 0..<2000 {
            var bytes = whole
            if Int.random(in: 0..<4, using: &random) == 0 {
                bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            }
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] =
                    Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random) : whole.randomElement(using: &random)!
            }
            let path = try scratch.file("damaged.mtx", bytes)
            do { _ = try readAnnotated(path) } catch {
                refused += 1
                #expect(error.file == path)
            }
        }
        #expect(refused > 500)
    }
}
