import AnnotatedData
import Formats
import Foundation

/// `convert`: any readable file to one of the formats that are written, block by block where both allow.
public struct ConversionJob {
    /// What is written, told by the name of the output.
    public enum Target: String, Sendable {
        case h5ad
        case tenXHDF5
        case tenXDirectory
        case delimitedText

        /// - Throws: `USAGE` for an ending that says nothing.
        public init(path: String) throws(Failure) {
            let name = (path as NSString).lastPathComponent.lowercased()
            let stem = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
            switch (stem as NSString).pathExtension {
            case "h5ad" where stem == name: self = .h5ad
            case "h5" where stem == name: self = .tenXHDF5
            case "csv", "tsv", "txt": self = .delimitedText
            case "" where stem == name: self = .tenXDirectory
            default:
                throw Failure(
                    code: "USAGE", file: path, message: "the ending does not say which format is meant",
                    remedy: "end the name in .h5ad, .h5 (10x HDF5), .csv, .tsv (also .gz), or in nothing (10x folder)",
                    exit: .wrongUsage)
            }
        }

        /// Whether the format has room for columns of cells, further matrices and the rest of AnnData.
        fileprivate var holdsAnnotation: Bool { self == .h5ad }
    }

    /// What `convert --json` prints.
    public struct Summary: Encodable, Sendable {
        let output: String
        let format: String
        let cells: Int
        let genes: Int
        let notes: [Notice]

        public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }
    }

    private let input: String
    private let configuration: RunConfiguration
    private let console: Console

    public init(input: String, configuration: RunConfiguration, console: Console) {
        self.input = input
        self.configuration = configuration
        self.console = console
    }

    /// - Parameters:
    ///   - output: Its ending tells the format.
    ///   - layer: The layer, or `raw`, that becomes the main matrix; nil keeps it.
    ///   - isCompressed: Whether an h5ad file is packed with gzip.
    public func run(to output: String, layer: String?, isCompressed: Bool) throws -> Summary {
        let target = try Target(path: output)
        console.begin("convert")
        return try reading(input) {
            var source = try openAnnotated(input, options: configuration.read)
            if let layer { try source.promote(layer, file: input) }
            var notices = source.notices
            if !target.holdsAnnotation { notices += Self.losses(of: source) }
            notices.forEach { console.note($0.message) }
            try OutputFile.whole(output) { scratch in
                switch target {
                case .h5ad:
                    let found = try writeH5AD(source, to: scratch, compression: isCompressed ? .gzip(level: 4) : .none)
                    found.forEach { console.note($0.message) }
                    notices += found
                case .tenXHDF5: try writeTenXHDF5(source, to: scratch)
                case .tenXDirectory: try writeTenXDirectory(source, to: scratch)
                case .delimitedText: try writeDelimited(source, to: scratch)
                }
            }
            let (cells, genes) = (source.annotation.cells.count, source.annotation.genes.count)
            console.end("\(cells) cells × \(genes) genes")
            return Summary(output: output, format: target.rawValue, cells: cells, genes: genes, notes: notices)
        }
    }

    private static func losses(of source: AnnotatedSource) -> [Notice] {
        let parts: [(String, [String])] = [
            ("obs", source.annotation.cells.columns.map(\.name)), ("layers", source.layers.keys.sorted()),
            ("raw", source.raw == nil ? [] : ["X"]), ("obsm", source.annotation.cellEmbeddings.keys.sorted()),
            ("uns", source.annotation.unstructured.keys.sorted()),
        ]
        let lost = parts.filter { !$0.1.isEmpty }.map { "\($0.0) (\($0.1.joined(separator: ", ")))" }
        guard !lost.isEmpty else { return [] }
        return [
            Notice(code: "NOT_WRITTEN", message: "The output has no room for \(lost.joined(separator: ", ")).")
        ]
    }
}

extension AnnotatedSource {
    /// Makes a layer, or `raw` with its genes, the main matrix; what belonged to the old genes goes with them.
    fileprivate mutating func promote(_ layer: String, file: String) throws(Failure) {
        if layer == "raw", let raw {
            annotation = AnnotatedMatrix(
                x: nil, cells: annotation.cells, genes: raw.genes, unstructured: annotation.unstructured,
                cellEmbeddings: annotation.cellEmbeddings, cellGraphs: annotation.cellGraphs)
            x = raw.x
            self.raw = nil
            layers = [:]
        } else if let matrix = layers[layer] {
            x = matrix
            layers[layer] = nil
        } else {
            let known = layers.keys.sorted() + (raw == nil ? [] : ["raw"])
            throw Failure(
                code: "MISSING_ELEMENT", file: file, element: "/layers/\(layer)",
                message: "expected a layer \(layer), found \(known.isEmpty ? "none" : known.joined(separator: ", "))",
                remedy: "name one of these with --layer, or leave it out", exit: .badData)
        }
    }
}
