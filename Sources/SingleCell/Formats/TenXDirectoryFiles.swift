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
    /// A folder with more entries is no matrix's.
    private static let mostEntries = 10_000

    /// The files in the folder, or, where it holds none, in the only folder below it that does.
    /// - Throws: `MISSING_ELEMENT` for no matrix, `AMBIGUOUS` for several, `NOT_THIS_FORMAT` for alevin's binary one.
    init(folder: String) throws(FormatError) {
        var found: [String] = []
        var level = [folder]
        for _ in 0...Self.depth where found.isEmpty {
            var next: [String] = []
            for place in level {
                for name in Self.names(in: place) {
                    let path = place + "/" + name
                    if Self.isMatrix(name) {
                        found.append(path)
                    } else if !name.hasPrefix("."), Self.isFolder(path) {
                        next.append(path)
                    } else if name == "quants_mat.gz" {
                        throw FormatError(
                            code: "NOT_THIS_FORMAT", file: path, message: "this is alevin's binary matrix",
                            remedy: "run alevin with --dumpMtx, which writes quants_mat.mtx.gz")
                    }
                }
            }
            level = next
            if level.count > Self.mostEntries { break }
        }
        guard !found.isEmpty else { throw Self.missing("no matrix", folder, "matrix.mtx or matrix.mtx.gz") }
        // STARsolo lays matrices that resolve multi-mapping reads in other ways beside the usual one.
        let usual = found.filter { ["matrix.mtx", "matrix.mtx.gz"].contains(($0 as NSString).lastPathComponent) }
        let chosen = found.count == 1 ? found : usual
        guard chosen.count == 1 else {
            let list = found.sorted().map { $0.dropFirst(folder.count).drop { $0 == "/" } }
            throw FormatError(
                code: "AMBIGUOUS", file: folder,
                message: "the folder holds several matrices: \(list.prefix(8).joined(separator: ", "))",
                remedy: "name one of these files")
        }
        self.init(matrix: chosen[0])
        others = found.filter { $0 != chosen[0] }.map { ($0 as NSString).lastPathComponent }.sorted()
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

    /// Whether the folder looks like one that holds a matrix, or should: it, or a folder in it, holds a matrix or its names.
    static func isPresent(in folder: String) -> Bool {
        let names = names(in: folder)
        if names.allSatisfy({ $0.hasPrefix(".") }) || names.contains(where: { isMatrix($0) || isNames($0) }) {
            return true
        }
        return names.contains { name in
            !name.hasPrefix(".") && isFolder(folder + "/" + name)
                && (try? TenXDirectoryFiles(folder: folder + "/" + name)) != nil
        }
    }

    static func missing(_ message: String, _ folder: String, _ wanted: String) -> FormatError {
        let found = names(in: folder).sorted().prefix(8).joined(separator: ", ")
        return FormatError(
            code: "MISSING_ELEMENT", file: folder,
            message: "\(message): looked for \(wanted), found \(found.isEmpty ? "an empty folder" : found)",
            remedy: "put the matrix, its barcodes and its features or genes into one folder")
    }

    private static func isMatrix(_ name: String) -> Bool {
        !name.hasPrefix(".") && unpackedName(name).lowercased().hasSuffix(".mtx")
    }

    private static func isNames(_ name: String) -> Bool {
        let name = unpackedName(name)
        return ["features.tsv", "genes.tsv", "barcodes.tsv", "quants_mat"].contains { name.hasSuffix($0) }
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
