import Foundation

/// The files of a matrix in the Matrix Market format and of the names beside it, as Cell Ranger (2 and 3), STARsolo,
/// kb-python, alevin, alevin-fry and split-pipe lay them out, with or without `.gz`.
struct TenXDirectoryFiles: Equatable {
    var matrix: String
    /// One line a feature: its id, mostly its symbol, and its type.
    var features: String?
    /// Symbols in the order of `features`, where they have a file of their own (kb-python).
    var symbols: String?
    var barcodes: String?
    /// Whether tools that name their files like this write cells as rows; nil where names do not tell.
    var rowsAreCells: Bool?
    /// Further matrices in the folder.
    var others: [String] = []

    /// Folders below the one named in which a matrix is looked for: `outs/filtered_gene_bc_matrices/hg19`.
    private static let depth = 3
    /// No more folders than these are looked into.
    private static let mostFolders = 500

    /// The files in the folder, or, where it holds none, in the only folder below it that does.
    /// - Throws: `MISSING_ELEMENT` for no matrix, `AMBIGUOUS` for several, `NOT_THIS_FORMAT` for alevin's binary one.
    init(folder: String) throws(FormatError) {
        let found = Self.matrices(below: folder)
        guard !found.isEmpty else { throw Self.missing("no matrix", folder, "matrix.mtx or matrix.mtx.gz") }
        // STARsolo lays matrices that resolve multi-mapping reads in other ways beside the usual one.
        let usual = found.filter { ["matrix.mtx", "matrix.mtx.gz"].contains($0.fileName) }
        let chosen = found.count == 1 ? found : usual
        guard chosen.count == 1 else {
            let list = found.sorted().map { $0.dropFirst(folder.count).drop { $0 == "/" } }
            throw FormatError(
                code: "AMBIGUOUS", file: folder,
                message: "the folder holds several matrices: \(list.prefix(8).joined(separator: ", "))",
                remedy: "name one of these files")
        }
        guard !Self.isBinary(chosen[0].fileName) else {
            throw FormatError(
                code: "NOT_THIS_FORMAT", file: chosen[0], message: "this is alevin's binary matrix",
                remedy: "run alevin with --dumpMtx, which writes quants_mat.mtx.gz")
        }
        self.init(matrix: chosen[0])
        others = found.filter { $0 != chosen[0] }.map(\.fileName).sorted()
    }

    /// The matrices in the folder, or in the first layer of folders below it that holds any.
    private static func matrices(below folder: String) -> [String] {
        var level = [folder]
        var visited = 0
        for _ in 0...depth {
            var (found, binary, next) = ([String](), [String](), [String]())
            for place in level where visited < mostFolders {
                visited += 1
                for name in names(in: place) where !name.hasPrefix(".") {
                    let path = place + "/" + name
                    if isMatrix(name) {
                        found.append(path)
                    } else if isBinary(name) {
                        binary.append(path)
                    } else if next.count < mostFolders, isFolder(path) {
                        next.append(path)
                    }
                }
            }
            if !found.isEmpty || !binary.isEmpty { return found.isEmpty ? binary : found }
            level = next
        }
        return []
    }

    /// The matrix file and what lies beside it.
    init(matrix: String) {
        self.matrix = matrix
        let folder = (matrix as NSString).deletingLastPathComponent
        let file = Self.unpackedName((matrix as NSString).lastPathComponent)
        let stem = file.lowercased().hasSuffix(".mtx") ? String(file.dropLast(4)) : file
        let prefix = stem.hasSuffix("matrix") ? String(stem.dropLast(6)) : nil
        let present = Dictionary(
            Self.names(in: folder.isEmpty ? "." : folder).sorted().map { (Self.unpackedName($0), $0) },
            uniquingKeysWith: { first, _ in first })
        func first(_ names: [String]) -> String? {
            names.lazy.compactMap { present[$0] }.first.map { folder.isEmpty ? $0 : folder + "/" + $0 }
        }
        let prefixes = prefix.map { $0.isEmpty ? [""] : [$0, ""] } ?? [stem + ".", stem + "_", ""]
        func candidates(_ names: [String]) -> [String] { prefixes.flatMap { prefix in names.map { prefix + $0 } } }
        features = first(
            candidates(["features.tsv", "genes.tsv", "features.txt", "genes.txt"])
                + ["quants_mat_cols.txt", stem.hasPrefix("grna") ? "all_grnas.csv" : "all_genes.csv"])
        barcodes = first(
            candidates(["barcodes.tsv", "barcodes.txt", "cells.tsv"])
                + ["quants_mat_rows.txt", "cell_metadata.csv"])
        symbols = first(["\(stem).genes.names.txt"])
        if stem.hasPrefix("cells_x_") || stem.hasPrefix("quants_mat") { rowsAreCells = true }
    }

    /// Whether the folder looks like one that holds a matrix, or should: it, or a folder in it, holds a matrix or its names,
    /// or it holds nothing.
    static func isPresent(in folder: String) -> Bool {
        let names = names(in: folder).filter { !$0.hasPrefix(".") }
        return names.isEmpty || names.contains(where: isNames) || !matrices(below: folder).isEmpty
    }

    static func missing(_ message: String, _ folder: String, _ wanted: String) -> FormatError {
        let found = names(in: folder).sorted().prefix(8).joined(separator: ", ")
        return FormatError(
            code: "MISSING_ELEMENT", file: folder,
            message: "\(message): looked for \(wanted), found \(found.isEmpty ? "an empty folder" : found)",
            remedy: "put the matrix, its barcodes and its features or genes into one folder")
    }

    private static func isMatrix(_ name: String) -> Bool { unpackedName(name).lowercased().hasSuffix(".mtx") }

    /// alevin's own form, beside or instead of text.
    private static func isBinary(_ name: String) -> Bool { name == "quants_mat.gz" }

    private static func isNames(_ name: String) -> Bool {
        let name = unpackedName(name)
        return ["features.tsv", "genes.tsv", "barcodes.tsv"].contains { name.hasSuffix($0) }
    }

    private static func unpackedName(_ name: String) -> String {
        name.lowercased().hasSuffix(".gz") ? String(name.dropLast(3)) : name
    }

    private static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    private static func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }
}
