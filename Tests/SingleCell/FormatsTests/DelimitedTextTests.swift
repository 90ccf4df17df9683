import AnnotatedData
import Formats
import Foundation
import Matrices
import Testing

struct DelimitedTextTests {
    private func read(_ text: String, _ options: ReadingOptions = .init()) throws -> ReadingResult {
        let scratch = try Scratch()
        return try readAnnotated(try scratch.file("m.txt", text), options: options)
    }

    private func failure(_ text: String, _ options: ReadingOptions = .init()) throws -> FormatError? {
        #expect(throws: FormatError.self) { try self.read(text, options) }
    }

    private let cells = ReadingOptions(orientation: .cellsByGenes)

    @Test(arguments: [
        ",TP53,MYC\nc1,1,2\nc2,3,4.5\n", "\tTP53\tMYC\r\nc1\t1\t2\r\n\r\nc2\t3\t4.5", "TP53;MYC\nc1;1;2\nc2;3;4.5",
        "\u{FEFF}\"\",\"TP53\",\"MYC\"\n\"c1\",1,\"2\"\n\"c2\",3,45e-1\n", "# made by x\n,TP53,MYC\nc1,1,2\nc2,3,4.5\n",
    ])
    func spellingsOfOneTable(text: String) throws {
        let result = try read(text, cells)
        #expect(result.data.cells.names == ["c1", "c2"])
        #expect(result.data.genes.names == ["TP53", "MYC"])
        #expect(result.data.x == .dense(Matrix(rows: 2, columns: 2, values: [1, 2, 3, 4.5])))
    }

    @Test func namesTellWhichAxisIsCells() throws {
        let byCells = try read(",MT-CO1,X1\nACGTACGTAC-1,1,2\nTTGTACGTAC-1,3,4\n")
        #expect(byCells.data.genes.names == ["MT-CO1", "X1"])
        let byGenes = try read(",ACGTACGTAC-1,TTGTACGTAC-1\nMT-CO1,1,3\nX1,2,4\n")
        #expect(byGenes.data == byCells.data)
        #expect(byGenes.notices.map(\.code) == ["ORIENTATION"])
        let unknown = try failure(",a,b\nc,1,2\nd,3,4\n")
        #expect(unknown?.code == "AMBIGUOUS" && unknown?.remedy.contains("orientation") == true)
        // What stands over the names of the rows says what they are.
        #expect(try read("cell,a,b\nr1,1,2\n").data.cells.names == ["r1"])
        #expect(try read("Gene,a,b\nr1,1,2\n").data.genes.names == ["r1"])
    }

    @Test func aFirstColumnOfNumbersUnderAWordIsData() throws {
        let result = try read("raf,mek\n1.5,2\n3,4\n")
        #expect(result.data.genes.names == ["raf", "mek"])
        #expect(result.data.cells.names == ["1", "2"])
        #expect(result.data.x?.storedValues == [1.5, 2, 3, 4])
        #expect(Set(result.notices.map(\.code)) == ["NO_NAMES", "ORIENTATION"])
        #expect(try read("cell_id,mek\n1,2\n3,4\n", cells).data.cells.names == ["1", "3"])
    }

    @Test func spacesSeparateHoweverMany() throws {
        let result = try read("  TP53   MYC\nc1   1  2  \n  c2 3    45e-1\r\n", cells)
        #expect(result.data.cells.names == ["c1", "c2"] && result.data.genes.names == ["TP53", "MYC"])
        #expect(result.data.x?.storedValues == [1, 2, 3, 4.5])
    }

    @Test func quotesMaySpanLinesAndBlocks() throws {
        // The name is longer than what is read at once.
        let name = String(repeating: "a\n\"\"b", count: 600_000)
        let result = try read(",x\n\"\(name)\",1\nc2,2\n", cells)
        #expect(result.data.cells.names[0] == String(repeating: "a\n\"b", count: 600_000))
        #expect(result.data.cells.names[1] == "c2")
        let error = try failure(",x\nc1,1\n\"\(name)\nc2,2\n", cells)
        #expect(error?.code == "CSV_VALUE" && error?.element == "line 3")
    }

    @Test func genesByCellsAreTurned() throws {
        // More rows and columns than a tile has.
        let (rows, columns) = (70, 45)
        var text = (0..<columns).map { ",c\($0)" }.joined() + "\n"
        for row in 0..<rows { text += "g\(row)" + (0..<columns).map { ",\(row * 100 + $0)" }.joined() + "\n" }
        let x = try #require(read(text, ReadingOptions(orientation: .genesByCells)).data.x?.dense)
        #expect(x.rows == columns && x.columns == rows)
        #expect((0..<columns).allSatisfy { cell in (0..<rows).allSatisfy { x[cell, $0] == Float($0 * 100 + cell) } })
    }

    @Test func decimalCommasAreNamed() throws {
        let error = try failure("g;a;b\nc;1,5;2\n", cells)
        #expect(error?.code == "CSV_VALUE" && error?.remedy.contains("decimal points") == true)
    }

    @Test func errorsNameTheirPlace() throws {
        let ragged = try failure(",a,b\nc,1,2\nd,3\n", cells)
        #expect(ragged?.code == "CSV_RAGGED" && ragged?.element == "line 3")
        let empty = try failure(",a,b\nc,1,2\nd,3,\n", cells)
        #expect(empty?.code == "CSV_VALUE" && empty?.element == "line 3, column 3")
        #expect(try failure(",a,b\nc,1,NA\n", cells)?.element == "line 2, column 3")
        #expect(try failure(",a,b\nc,1,1e999\n", cells)?.code == "CSV_VALUE")
        #expect(try failure(",a,b\n\"c,1,2\n", cells)?.code == "CSV_VALUE")
        #expect(try failure(",a,b\n", cells)?.code == "EMPTY_FILE")
        #expect(try failure("\n \n", cells)?.code == "EMPTY_FILE")
    }

    /// Each damaged copy must be read or refused; none may end the program.
    @Test func damagedTextIsReadOrRefused() throws {
        let scratch = try Scratch()
        let whole = Array("\"cell\",MT-CO1,\"a \"\"b\"\"\"\nACGTACGTAC-1,1,2.5e3\nTTGTACGTAC-1,-3,4\n".utf8)
        var random = SeededGenerator(state: 4180)
        var refused = 0
        for _ in 0..<500 {
            var bytes = whole
            if Int.random(in: 0..<4, using: &random) == 0 {
                bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            }
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let path = try scratch.file("damaged.csv", bytes)
            do { _ = try readAnnotated(path) } catch {
                refused += 1
                #expect(error.file == path)
            }
            do { _ = try readTable(path) } catch { #expect(error.file == path) }
        }
        #expect(refused > 50)
    }
}
