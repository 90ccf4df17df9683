/// Rooms name their options as they call them; a user must know in which section of the configuration they stand.
enum OptionNames {
    /// The remedy with `preprocess.topGenes` for `topGenes`, and so on for every option of a section.
    ///
    /// Only names that can't be words of a sentence are replaced, and the others where they are set.
    static func qualified(_ remedy: String) -> String {
        remedy.replacing("set scale ", with: "set preprocess.scale ")
            .replacing("set orientation ", with: "set read.orientation ")
            .replacing("set genome ", with: "set read.genome ")
            .replacing(/(\.?)\b([a-z]+[A-Z][A-Za-z]*)\b/) { match in
                // What follows a full stop has its section already.
                guard match.1.isEmpty, let path = paths[String(match.2)] else { return String(match.output.0) }
                return path
            }
    }

    /// Where each option stands; one that several sections have is that of the first.
    private static let paths: [String: String] = {
        guard let tree = try? ConfigurationDecoder.completeTree(of: RunConfiguration()) else { return [:] }
        var paths: [String: String] = [:]
        func add(_ section: String, _ tree: ConfigurationTree?) {
            guard case .mapping(let pairs, _)? = tree else { return }
            for pair in pairs where paths[pair.key] == nil { paths[pair.key] = "\(section).\(pair.key)" }
            for pair in pairs { add("\(section).\(pair.key)", pair.value) }
        }
        for section in [
            "read", "screen", "split", "preprocess", "structure", "fit", "predict", "featureColumns", "guides",
        ] { add(section, tree[section]) }
        return paths
    }()
}
