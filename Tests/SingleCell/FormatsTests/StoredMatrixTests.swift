import AnnotatedData
import Foundation
import HDF5
import Matrices
import Testing

@testable import Formats

struct StoredMatrixTests {
    private static let (rows, columns) = (37, 11)

    /// Whole numbers, about a third of which are not 0; some cells and genes have none at all.
    private static let dense: Matrix<Float> = {
        var random = SeededGenerator(state: 7)
        return Matrix(
            rows: rows, columns: columns,
            values: (0..<rows * columns).map { place in
                guard place / columns % 5 != 3, place % columns != 4 else { return 0 }
                return Int.random(in: 0..<3, using: &random) == 0 ? Float(Int.random(in: 1..<90, using: &random)) : 0
            })
    }()

    private static let axes = MatrixAxes(
        file: "memory", cells: (0..<rows).map { "c\($0)" }, genes: (0..<columns).map { "g\($0)" })

    /// The matrix compressed by cells or by genes, as a store has it.
    private static func lines(
        isByCells: Bool, of matrix: Matrix<Float> = dense, kind: HDF5Kind = .float(bytes: 4), isMain: Bool = true,
        change: (inout [Double], inout [Double]) -> Void = { _, _ in }
    ) -> StoredLines {
        var (starts, indices, values): ([Int], [Double], [Double]) = ([0], [], [])
        for line in 0..<(isByCells ? rows : columns) {
            for other in 0..<(isByCells ? columns : rows) {
                let value = isByCells ? matrix[line, other] : matrix[other, line]
                if value != 0 {
                    indices.append(Double(other))
                    values.append(Double(value))
                }
            }
            starts.append(indices.count)
        }
        change(&indices, &values)
        return StoredLines(
            element: "/X", axes: axes, isByCells: isByCells, isMain: isMain, starts: starts,
            indices: MemoryValues(
                content: .numbers(indices, .integer(bytes: 4, signed: true)), shape: [indices.count],
                element: "/X/indices"),
            data: MemoryValues(content: .numbers(values, kind), shape: [values.count], element: "/X/data"))
    }

    /// The dense matrix that the blocks make up, after checking that each cell comes once and in order.
    private func joined(_ walk: ((MatrixBlock) throws -> Void) throws -> Void) throws -> Matrix<Float> {
        var (values, next): ([Float], Int) = ([], 0)
        try walk { block in
            #expect(block.firstRow == next)
            next += block.matrix.rows
            values += block.matrix.dense.values
        }
        #expect(next == Self.rows)
        return Matrix(rows: Self.rows, columns: Self.columns, values: values)
    }

    @Test(arguments: [1, 5, 40, 1000])
    func blocksOfAnySizeMakeUpTheMatrix(most: Int) throws {
        let csr = Self.lines(isByCells: true)
        let ranges = csr.ranges(ofEntries: most)
        #expect(ranges.allSatisfy { $0.count == 1 || csr.starts[$0.upperBound] - csr.starts[$0.lowerBound] <= most })
        #expect(try joined { try Prefetch.walk(ranges, read: csr.block, body: $0) } == Self.dense)
        for window in [1, 30, 100_000] {
            let csc = StoredColumns(Self.lines(isByCells: false), windowEntries: window)
            #expect(try joined { try csc.forEachBlock(ofEntries: most, body: $0) } == Self.dense)
        }
        let stored = StoredRows(
            element: "/X", axes: Self.axes, isMain: true,
            values: MemoryValues(
                content: .numbers(Self.dense.values.map { Double($0) }, .float(bytes: 4)),
                shape: [Self.rows, Self.columns], element: "/X"))
        let blocks = stored.ranges(ofEntries: most)
        #expect(try joined { try Prefetch.walk(blocks, read: stored.block, body: $0) } == Self.dense)
    }

    @Test func loadingGivesTheSameAsWalking() throws {
        let storages: [StoredMatrix.Storage] = [
            .csr(Self.lines(isByCells: true)), .csc(StoredColumns(Self.lines(isByCells: false))),
        ]
        for storage in storages {
            let matrix = StoredMatrix(
                rows: Self.rows, columns: Self.columns, storage: storage)
            let loaded = try matrix.load()
            #expect(loaded.matrix.dense == Self.dense && loaded.notices.isEmpty)
            #expect(try joined(matrix.forEachBlock) == Self.dense)
            #expect(matrix.storedCount == Self.dense.values.count { $0 != 0 })
        }
    }

    /// 2²⁴ + 1 is the first whole number that `Float` has not.
    @Test(arguments: [HDF5Kind.float(bytes: 8), .integer(bytes: 4, signed: true), .integer(bytes: 8, signed: true)])
    func numbersBeyondFloatAreHandedOutAsTheyAre(kind: HDF5Kind) throws {
        let large = 16_777_217.0
        for isByCells in [true, false] {
            let lines = Self.lines(isByCells: isByCells, kind: kind) { $1[$1.count - 1] = large }
            let matrix = StoredMatrix(
                rows: Self.rows, columns: Self.columns,
                storage: isByCells ? .csr(lines) : .csc(StoredColumns(lines)))
            var (found, notices): ([Double], [Notice]) = ([], [])
            try matrix.forEachBlock { block in
                found += block.exact ?? block.matrix.storedValues.map { Double($0) }
                notices += block.notices
            }
            #expect(found.contains(large) && !found.contains(16_777_216))
            #expect(notices.map(\.code) == ["PRECISION"])
            #expect(try matrix.load().notices == notices)
        }
        // A fraction is rounded as usual, and that is no news; but sums and digests want it whole.
        let lines = Self.lines(isByCells: true, kind: .float(bytes: 8)) { $1[0] = 0.1 }
        let block = try lines.block(0..<Self.rows)
        #expect(block.exact?[0] == 0.1 && block.notices.isEmpty)
    }

    @Test func errorsSayWhere() throws {
        let outside = #expect(throws: FormatError.self) {
            try Self.lines(isByCells: true) { indices, _ in indices[6] = 11 }.block(0..<Self.rows)
        }
        #expect(outside?.code == "INDEX_RANGE" && outside?.element == "/X/indices[6]")
        let negative = Self.lines(isByCells: false) { indices, _ in indices[9] = -1 }
        #expect { try StoredColumns(negative).window(0..<Self.rows) } throws: {
            ($0 as? FormatError)?.element == "/X/indices[9]"
        }
        // The third stored value belongs to the cell and gene of the third one that is not 0.
        let place = try #require(Self.dense.values.indices.filter { Self.dense.values[$0] != 0 }.dropFirst(2).first)
        let broken = Self.lines(isByCells: true) { _, values in values[2] = .nan }
        let notFinite = #expect(throws: FormatError.self) { try broken.block(0..<Self.rows) }
        #expect(notFinite?.code == "NONFINITE")
        #expect(
            notFinite?.message.contains("'c\(place / Self.columns)' and gene 'g\(place % Self.columns)'") == true)
        let layer = Self.lines(isByCells: true, isMain: false) { _, values in values[2] = .infinity }
        #expect(try layer.block(0..<Self.rows).notices.map(\.code) == ["NONFINITE"])
    }

    /// Of each kind of notice a walk has the first, in whichever block it comes.
    @Test func repeatedEntriesAreNotedOncePerWalk() throws {
        let whole = Self.lines(isByCells: true)
        let full = (0..<Self.rows).filter { whole.starts[$0 + 1] - whole.starts[$0] > 1 }
        let lines = Self.lines(isByCells: true) { indices, _ in
            for row in [full[0], full[full.count - 1]] {
                indices[whole.starts[row] + 1] = indices[whole.starts[row]]
            }
        }
        var codes: [String] = []
        let matrix = StoredMatrix(
            rows: Self.rows, columns: Self.columns, storage: .csr(lines))
        try matrix.forEachBlock { codes += $0.notices.map(\.code) }
        #expect(codes == ["DUPLICATE_ENTRIES"])
        let perBlock = try lines.ranges(ofEntries: 1).flatMap { try lines.block($0).notices }
        #expect(perBlock.count == 2)
    }

    @Test func aWalkEndsWhereItsUserOrTheFileEndsIt() throws {
        struct Stop: Error {}
        var seen: [Int] = []
        #expect(throws: Stop.self) {
            try Prefetch.walk([0..<1, 1..<2, 2..<3], read: { range throws(FormatError) in range.lowerBound }) { block in
                seen.append(block)
                if block == 1 { throw Stop() }
            }
        }
        #expect(seen == [0, 1])
        seen = []
        let broken = FormatError(code: "CORRUPT_CHUNK", file: "f", message: "m", remedy: "r")
        #expect(throws: broken) {
            try Prefetch.walk(
                [0..<1, 1..<2, 2..<3],
                read: { (range) throws(FormatError) -> Int in
                    if range.lowerBound == 1 { throw broken }
                    return range.lowerBound
                }
            ) { seen.append($0) }
        }
        #expect(seen == [0])
    }
}
