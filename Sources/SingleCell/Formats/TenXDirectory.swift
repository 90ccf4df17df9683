import AnnotatedData
import Matrices

/// Reads a matrix in the Matrix Market format with the names beside it, as Cell Ranger and others write them.
///
/// Columns are called as in scanpy: symbols name the genes, `gene_ids` and `feature_types` are columns of `var`.
struct TenXDirectory {
    private let path: String
    private var files: TenXDirectoryFiles
    private let options: ReadingOptions
    private var notices: [Notice] = []

    /// Opens a folder, or a `.mtx` file with or without names beside it.
    /// - Throws: `MISSING_ELEMENT` for files that a folder lacks, `SHAPE_MISMATCH` for other numbers of names than the matrix
    ///   has rows and columns, `AMBIGUOUS` for several matrices, and what `MatrixMarketReader` throws.
    static func open(_ path: String, options: ReadingOptions = .init()) throws(FormatError) -> AnnotatedSource {
        var folder = path
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        var reader = try TenXDirectory(folder, options)
        return try reader.open()
    }

    /// The same, in memory.
    static func read(_ path: String, options: ReadingOptions = .init()) throws(FormatError) -> ReadingResult {
        let source = try open(path, options: options)
        var data = source.annotation
        // What was opened is in memory already.
        data.x = source.x as? CellMatrix
        return ReadingResult(
            data: data, format: source.format, layout: source.layout, dtype: source.dtype, notices: source.notices)
    }

    private init(_ path: String, _ options: ReadingOptions) throws(FormatError) {
        self.path = path
        self.options = options
        let isFile = try FileFormat.recognise(path) == .matrixMarket
        if isFile {
            files = TenXDirectoryFiles(matrix: path)
        } else {
            files = try TenXDirectoryFiles(folder: path)
            let folder = String(files.matrix.dropLast(files.matrix.fileName.count + 1))
            if files.features == nil {
                throw TenXDirectoryFiles.missing("no features", folder, "features.tsv(.gz) or genes.tsv(.gz)")
            }
            if files.barcodes == nil { throw TenXDirectoryFiles.missing("no barcodes", folder, "barcodes.tsv(.gz)") }
        }
        if !files.others.isEmpty {
            note("OTHER_MATRICES", "\(files.matrix.fileName) is read, not \(files.others.joined(separator: ", "))")
        }
    }

    private mutating func open() throws(FormatError) -> AnnotatedSource {
        var features: TenXDirectoryNames?
        var barcodes: TenXDirectoryNames?
        if let file = files.features { features = try TenXDirectoryNames(file) }
        if let file = files.barcodes { barcodes = try TenXDirectoryNames(file) }
        var reader = try MatrixMarketReader(files.matrix)
        let header = reader.header
        let rowsAreCells = try orientation(header, features, barcodes)
        let (cellCount, geneCount) = rowsAreCells ? (header.rows, header.columns) : (header.columns, header.rows)
        try checkSize(header, features, barcodes)
        features?.dropHeader(expected: geneCount)
        barcodes?.dropHeader(expected: cellCount)
        var x = try reader.read(rowsAreCells: rowsAreCells)
        let cells = try cellTable(barcodes, cellCount)
        var genes = try geneTable(features, geneCount)
        if let selection = try selection(genes) {
            x = x.selectingColumns(selection)
            genes = genes.selecting(selection)
        }
        notices += (features?.notices ?? []) + (barcodes?.notices ?? []) + reader.notices
        noteDuplicates(cells.names, "cell")
        noteDuplicates(genes.names, "gene")
        if cellCount == 0 || geneCount == 0 { note("EMPTY_MATRIX", "\(cellCount) cells × \(geneCount) genes") }
        let layout = if case .dense = x { "dense" } else { "csr" }
        return AnnotatedSource(
            format: files.features != nil && files.barcodes != nil ? .tenXDirectory : .matrixMarket, layout: layout,
            dtype: header.field == .real ? "float64" : "int64", x: x,
            annotation: AnnotatedMatrix(x: nil, cells: cells, genes: genes), notices: notices)
    }

    /// Whether rows are cells: where the numbers of names fit one way only, that; where they fit both, what the files' names
    /// say, and else features as rows, as Cell Ranger has them.
    private mutating func orientation(
        _ header: MatrixMarketHeader, _ features: TenXDirectoryNames?, _ barcodes: TenXDirectoryNames?
    ) throws(FormatError) -> Bool {
        func fits(genes: Int, cells: Int) -> Bool {
            features?.canName(genes) ?? true && barcodes?.canName(cells) ?? true
        }
        let asRows = fits(genes: header.rows, cells: header.columns)
        let asColumns = fits(genes: header.columns, cells: header.rows)
        switch (asRows, asColumns) {
        case (true, false): return false
        case (false, true): return true
        case (false, false): throw mismatch(header, features, barcodes)
        case (true, true):
            let reason: String
            let rowsAreCells: Bool
            if let given = options.orientation { return given == .cellsByGenes }
            if let usual = files.rowsAreCells {
                (rowsAreCells, reason) = (usual, "as files of this name have them")
            } else if features == nil, barcodes == nil {
                (rowsAreCells, reason) = (false, "since no names tell")
            } else {
                (rowsAreCells, reason) = (false, "since the numbers of names fit both ways")
            }
            note("ORIENTATION", "rows are taken as \(rowsAreCells ? "cells" : "genes"), \(reason)")
            return rowsAreCells
        }
    }

    private func mismatch(
        _ header: MatrixMarketHeader, _ features: TenXDirectoryNames?, _ barcodes: TenXDirectoryNames?
    ) -> FormatError {
        let counts = [features.map { "\($0.count) features" }, barcodes.map { "\($0.count) barcodes" }].compactMap(
            \.self)
        let faulty =
            features.map { $0.canName(header.rows) || $0.canName(header.columns) } ?? true
            ? files.barcodes : files.features
        return FormatError(
            code: "SHAPE_MISMATCH", file: files.matrix, element: faulty?.fileName,
            message: "the matrix has \(header.rows) rows and \(header.columns) columns, its names are "
                + counts.joined(separator: " and "),
            remedy: "put the names that belong to this matrix beside it")
    }

    /// Names are made up for a file without any, but not for sizes that it only claims.
    private func checkSize(
        _ header: MatrixMarketHeader, _ features: TenXDirectoryNames?, _ barcodes: TenXDirectoryNames?
    ) throws(FormatError) {
        let made = (features == nil || barcodes == nil) ? header.rows + header.columns : 0
        guard made <= 1 << 24 else {
            throw FormatError(
                code: "LIMIT", file: files.matrix,
                message: "\(header.rows) × \(header.columns) without files of names is more than can be meant",
                remedy: "put barcodes.tsv and features.tsv beside the matrix")
        }
    }

    private mutating func cellTable(_ names: TenXDirectoryNames?, _ count: Int) throws(FormatError) -> AnnotationTable {
        guard let names else { return AnnotationTable(names: numbered(count, "barcodes", "cells")) }
        return AnnotationTable(
            names: names.column(0).map { $0 ?? "" }, columns: columns(names, from: 1, known: []))
    }

    private mutating func geneTable(_ names: TenXDirectoryNames?, _ count: Int) throws(FormatError) -> AnnotationTable {
        guard let names else { return AnnotationTable(names: numbered(count, "features", "genes")) }
        let ids = names.column(0).map { $0 ?? "" }
        if let file = files.symbols {
            let symbols = try TenXDirectoryNames(file)
            if symbols.count == ids.count {
                let named = zip(symbols.column(0), ids).map { symbol, id in
                    symbol.flatMap { $0.isEmpty ? nil : $0 } ?? id
                }
                return AnnotationTable(
                    names: named, columns: [AnnotationColumn(name: "gene_ids", values: .strings(ids))])
            }
            note(
                "SHAPE_MISMATCH", "\(file.fileName) has \(symbols.count) names for \(ids.count) genes and is not used")
        }
        guard names.width > 1 else { return AnnotationTable(names: ids) }
        let symbols = zip(names.column(1), ids).map { symbol, id in symbol.flatMap { $0.isEmpty ? nil : $0 } ?? id }
        // A split-pipe table has genomes where others have types.
        return AnnotationTable(
            names: symbols,
            columns: [AnnotationColumn(name: "gene_ids", values: .strings(ids))]
                + columns(names, from: 2, known: names.isTable ? [] : ["feature_types", "chrom", "start", "end"]))
    }

    /// The columns of a names file behind the names: named by its header, by what is known of their place, or by number.
    private func columns(_ names: TenXDirectoryNames, from first: Int, known: [String]) -> [AnnotationColumn] {
        (first..<max(first, names.width)).map { index in
            let title: String =
                if index - first < known.count {
                    known[index - first]
                } else if let header = names.header, index < header.count, !header[index].isEmpty {
                    header[index]
                } else {
                    "column\(index + 1)"
                }
            return AnnotationColumn(name: title, values: .strings(names.column(index)))
        }
    }

    /// The features of the types wanted; nil where they are all.
    private mutating func selection(_ genes: AnnotationTable) throws(FormatError) -> [Int]? {
        let types = genes["feature_types"]?.labels ?? genes.names.map { _ in "Gene Expression" }
        let kinds = Set(types.compactMap(\.self)).sorted().joined(separator: ", ")
        guard let wanted = options.featureTypes else {
            if Set(types).count > 1 {
                note(
                    "SEVERAL_KINDS",
                    "the matrix holds several feature_types: \(kinds); read.featureTypes chooses among them")
            }
            return nil
        }
        let selection = types.indices.filter { types[$0].map(wanted.contains) ?? false }
        guard !selection.isEmpty else {
            throw FormatError(
                code: "MISSING_ELEMENT", file: files.features ?? files.matrix,
                element: wanted.joined(separator: ", "), message: "expected features of these types, found \(kinds)",
                remedy: "set read.featureTypes to some of these")
        }
        return selection.count == types.count ? nil : selection
    }

    private mutating func numbered(_ count: Int, _ file: String, _ what: String) -> [String] {
        note("NO_NAMES", "there is no \(file).tsv beside the matrix: \(what) are numbered")
        return (0..<count).map { "\($0 + 1)" }
    }

    private mutating func noteDuplicates(_ names: [String], _ what: String) {
        let repeated = names.count - Set(names).count
        if repeated > 0 { note("DUPLICATE_NAMES", "\(repeated) \(what) names occur before") }
    }

    private mutating func note(_ code: String, _ message: String) {
        notices.append(Notice(code: code, message: message))
    }
}
