import Foundation

/// Settings of a simulator from its defaults, a file and `--set`.
public enum SimulationSettings {
    public static func load<Options: Codable & DefaultInitialisable>(
        _ file: String?, settings: [String]
    ) throws(Failure) -> Options {
        var tree = ConfigurationTree(encoding: Options())
        if let file {
            guard let data = FileManager.default.contents(atPath: file) else { throw .unreadable(file) }
            tree = tree.overlaid(with: try ConfigurationTree(yaml: String(decoding: data, as: UTF8.self), file: file))
        }
        for setting in settings { tree = tree.overlaid(with: try ConfigurationTree(setting: setting)) }
        return try ConfigurationDecoder.decode(Options.self, from: tree, file: file)
    }
}
