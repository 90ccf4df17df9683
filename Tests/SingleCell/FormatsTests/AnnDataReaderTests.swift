import AnnotatedData
import Foundation
import HDF5
import Matrices
import Testing

@testable import Formats

struct AnnDataReaderTests {
    /// The annotation of `H5ADTests.example` and what else there is.
    static let everything: AnnotatedMatrix = {
        var data = H5ADTests.example
        data.cells["smiles"] = nil
        data.cells.namesTitle = "barcode"
        data.cells.put(
            AnnotationColumn(
                name: "concentration",
                values: .categories(codes: [1, 0, -1, 1], levels: ["0.1", "10.0"], ordered: true),
                storage: ColumnStorage(type: .float64)))
        data.cells.put(
            AnnotationColumn(
                name: "batch", values: .categories(codes: [1, 0, 1, 1], levels: ["7", "11"], ordered: false),
                storage: ColumnStorage(type: .int32)))
        data.cells.put(
            AnnotationColumn(
                name: "kept", values: .categories(codes: [1, 0, 1, 1], levels: ["False", "True"], ordered: false),
                storage: ColumnStorage(type: .boolean)))
        for (type, numbers) in [(NumberType.int8, [-128, 0, 1, 127]), (.uint16, [0, 1, 2, 65535])] {
            data.cells.put(
                AnnotationColumn(
                    name: type.rawValue, values: .integers(numbers.map { Int64($0) }),
                    storage: ColumnStorage(type: type)))
        }
        data.cells.put(
            AnnotationColumn(
                name: "whole", values: .integers([1, 2, 3, 4]), storage: ColumnStorage(type: .uint8, isNullable: true)))
        data.cells.put(
            AnnotationColumn(
                name: "single", values: .floats([0.5, 1, 2, -1]), storage: ColumnStorage(type: .float32)))
        let square = CompressedNumbers(
            rows: 4, columns: 4, isByRows: false, starts: [0, 1, 1, 2, 3], indices: [3, 0, 1],
            values: NumberArray(.doubles([0.1, 0.2, 0.3])))
        let table = AnnotationTable(
            names: data.cells.names, columns: [AnnotationColumn(name: "score", values: .floats([1, 2, 3, 4]))])
        data.cellEmbeddings = [
            "X_pca": .numbers(NumberArray(.floats([1, 2, 3, 4, 5, 6, 7, 8]), shape: [4, 2])),
            "cube": .numbers(NumberArray(.integers([1, 2, 3, 4]), shape: [4, 1, 1], type: .int16)),
            "guides": .sparse(square), "table": .table(table),
        ]
        data.geneLoadings = ["PCs": .numbers(NumberArray(.doubles([1, 2, 3]), shape: [3, 1]))]
        data.cellGraphs = ["distances": .sparse(square)]
        data.geneGraphs = ["all": .numbers(NumberArray(.doubles([Double](repeating: 0.1, count: 9)), shape: [3, 3]))]
        data.raw?.geneLoadings = ["PCs": .numbers(NumberArray(.doubles([1, 2]), shape: [1, 2]))]
        data.unstructured["nothing"] = .null
        data.unstructured["grid"] = .texts(["a", "b", "c", "d"], shape: [2, 2])
        data.unstructured["bytes"] = .numbers(NumberArray(.integers([0, 255]), type: .uint8))
        data.unstructured["flags"] = .column(.integers([1, nil]))
        data.unstructured["groups"] = .column(.categories(codes: [0, -1], levels: ["u"], ordered: true))
        data.unstructured["graph"] = .sparse(square)
        data.unstructured["table"] = .table(table)
        data.unstructured["rank_genes_groups"] = .dictionary([
            "names": .records([
                AnnotationColumn(name: "imatinib + 5-FU", values: .strings(["TP53", "MYC"])),
                AnnotationColumn(name: "β", values: .strings(["MYC", ""])),
            ]),
            "scores": .records([
                AnnotationColumn(
                    name: "imatinib + 5-FU", values: .floats([0.5, -3]), storage: ColumnStorage(type: .float32)),
                AnnotationColumn(name: "β", values: .floats([0.1, 1e-300])),
                AnnotationColumn(name: "n", values: .integers([1, -5]), storage: ColumnStorage(type: .int32)),
                AnnotationColumn(name: "is", values: .booleans([true, false])),
            ]),
        ])
        return data
    }()

    private static func store() throws -> MemoryNode {
        let scratch = try Scratch()
        try writeH5AD(everything, to: scratch.path("a.h5ad"), compression: .none)
        let file = try HDF5File(reading: scratch.path("a.h5ad"))
        return try MemoryNode(copying: try file.root.store)
    }

    private func read(_ root: MemoryNode, _ options: ReadingOptions = .init()) throws(FormatError) -> ReadingResult {
        var reader = AnnDataReader(MemoryGroup(root: root), path: "memory", format: .h5ad)
        return try reader.open(options).load()
    }

    @Test func everythingIsReadBack() throws {
        let scratch = try Scratch()
        try writeH5AD(Self.everything, to: scratch.path("a.h5ad"))
        let result = try readAnnotated(scratch.path("a.h5ad"))
        #expect(result.data == Self.everything)
        #expect(result.notices.isEmpty)
        #expect(try read(Self.store()).data == Self.everything)
    }

    @Test func whatCannotBeUnderstoodIsLeftOutWithANotice() throws {
        let root = try Self.store()
        guard case .group(var members) = root.content, let uns = members["uns"], let obsm = members["obsm"] else {
            Issue.record("the store is no AnnData")
            return
        }
        for group in [uns, obsm] {
            guard case .group(var entries) = group.content else { continue }
            entries["awkward"] = MemoryNode(
                .group([:]), attributes: ["encoding-type": MemoryNode(.texts(["awkward-array"]))])
            entries["short"] = MemoryNode(.numbers([1], .float(bytes: 8)), shape: [1])
            group.content = .group(entries)
        }
        let result = try read(root)
        #expect(Set(result.notices.map(\.code)) == ["NOT_READ", "SHAPE_MISMATCH"])
        #expect(result.data.cellEmbeddings == Self.everything.cellEmbeddings)
        #expect(result.data.unstructured["short"] == .floats([1], shape: [1]))
        // The same is an error where results would depend on it.
        members["X"] = MemoryNode(.group([:]), attributes: ["encoding-type": MemoryNode(.texts(["awkward-array"]))])
        root.content = .group(members)
        #expect { try self.read(root) } throws: { ($0 as? FormatError)?.code == "BAD_ENCODING" }
    }

    @Test func aModalityIsChosen() throws {
        let part = try Self.store()
        let mod = MemoryNode(.group(["rna": part]))
        let root = MemoryNode(.group(["mod": mod, "obs": part, "var": part]))
        #expect(try read(root).data == Self.everything)
        mod.content = .group(["rna": part, "prot": MemoryNode(.group([:]))])
        var options = ReadingOptions()
        let error = #expect(throws: FormatError.self) { try self.read(root) }
        #expect(error?.code == "AMBIGUOUS" && error?.message.contains("prot, rna") == true && error?.file == "memory")
        options.modality = "rna"
        #expect(try read(root, options).data == Self.everything)
        options.modality = "atac"
        #expect { try self.read(root, options) } throws: { ($0 as? FormatError)?.code == "MISSING_ELEMENT" }
    }

    /// Whatever is damaged, the tree is read or refused with a place; nothing is asked for that the store has not, and
    /// nothing ends the program.
    @Test func damagedTreesAreReadOrRefused() throws {
        var random = SeededGenerator(state: 90_417)
        var codes: Set<String> = []
        var refused = 0
        for _ in 0..<2000 {
            let root = try Self.copy(Self.whole)
            var (nodes, essential): ([MemoryNode], [MemoryNode]) = ([], [])
            root.walk { path, node in
                nodes.append(node)
                if ["/X", "/obs", "/var", "/raw", "/layers"].contains(where: path.hasPrefix) { essential.append(node) }
            }
            for index in 0...Int.random(in: 0..<2, using: &random) {
                Self.damage((index == 0 ? essential : nodes).randomElement(using: &random)!, &random)
            }
            do {
                let result = try read(root)
                for cell in result.data.cells.columns { _ = cell.values.labels }
            } catch {
                refused += 1
                codes.insert(error.code)
                #expect(error.file == "memory")
            }
        }
        #expect(refused > 200 && refused < 1800, "\(refused)")
        #expect(
            codes.isSuperset(of: [
                "MISSING_ELEMENT", "SHAPE_MISMATCH", "DTYPE", "BAD_ENCODING", "BAD_INDPTR", "INDEX_RANGE",
                "CODES_RANGE",
                "NONFINITE",
            ]), "\(codes)")
    }

    private static let whole: MemoryNode = (try? store()) ?? MemoryNode(.null)

    private static func copy(_ node: MemoryNode) throws -> MemoryNode {
        let content: MemoryNode.Content =
            if case .group(let members) = node.content { .group(try members.mapValues(copy)) } else { node.content }
        return MemoryNode(content, shape: node.shape, attributes: try node.attributes.mapValues(copy))
    }

    private static func damage(_ node: MemoryNode, _ random: inout SeededGenerator) {
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            if case .group(var members) = node.content, let name = members.keys.sorted().randomElement(using: &random) {
                members[name] = nil
                node.content = .group(members)
            } else {
                node.content = .null
            }
        case 1:
            node.attributes[node.attributes.keys.sorted().randomElement(using: &random) ?? ""] = nil
        case 2:
            node.shape = (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 0..<7, using: &random) }
        case 3:
            if case .numbers(var values, let kind) = node.content, !values.isEmpty {
                let wrong = [-1, 1e300, .nan, .infinity, -2, 3, 1e9, 0.5].randomElement(using: &random)!
                values[Int.random(in: 0..<values.count, using: &random)] = wrong
                node.content = .numbers(values, kind)
            } else if case .texts(var texts) = node.content, !texts.isEmpty {
                texts[Int.random(in: 0..<texts.count, using: &random)] = "csc_matrix"
                node.content = .texts(texts)
            }
        case 4:
            if case .numbers(let values, _) = node.content {
                let kinds: [HDF5Kind] = [
                    .float(bytes: 8), .boolean, .integer(bytes: 8, signed: true), .integer(bytes: 2, signed: false),
                ]
                node.content = .numbers(values, kinds.randomElement(using: &random)!)
            }
        default:
            node.content = [.texts(["a", "b"]), .group([:]), .records([]), .numbers([1, 2], .float(bytes: 4))]
                .randomElement(using: &random)!
        }
    }
}
