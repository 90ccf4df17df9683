import Foundation

/// A file that ships with the tool: weights, screens and networks, each with its provenance beside it.
public enum ReferenceFile: Sendable, Equatable {
    /// Trained weights by name, such as `pairwise`.
    case weights(String)
    /// A file under `Screens`.
    case screen(String)
    /// Trained readers of mechanisms by name, such as `kernels`.
    case mechanisms(String)
    /// A network of gene regulation by name, such as `ecoli`.
    case network(String)

    /// Where the file stands; nil where it does not exist.
    public var path: String? {
        let path = Self.folder + "/" + relativePath
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// The names of all weights that ship.
    public static var weightNames: [String] {
        names(in: "Weights", suffix: ".safetensors")
    }

    /// The names of all readers of mechanisms that ship.
    public static var mechanismNames: [String] {
        names(in: "Mechanisms", suffix: ".safetensors")
    }

    /// The names of all networks that ship.
    public static var networkNames: [String] {
        names(in: "Networks", suffix: ".tsv")
    }

    private static func names(in part: String, suffix: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + part)) ?? []
        return files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
    }

    private var relativePath: String {
        switch self {
        case .weights(let name): "Weights/\(name).safetensors"
        case .mechanisms(let name): "Mechanisms/\(name).safetensors"
        case .screen(let name): "Screens/\(name)"
        case .network(let name): "Networks/\(name).tsv"
        }
    }

    /// The folder beside the executable, or the one that the environment variable `INTERVENTOME_REFERENCE` names.
    ///
    /// `Bundle.module` would end the process where an executable was moved without its resources.
    private static var folder: String {
        if let folder = ProcessInfo.processInfo.environment["INTERVENTOME_REFERENCE"] { return folder }
        let executable = (Bundle.main.executableURL ?? Bundle.main.bundleURL).resolvingSymlinksInPath()
        return executable.deletingLastPathComponent().path + "/interventome_Reference.resources"
    }
}
