import AnnotatedData

/// The measured genes under all the names by which a text may mean them.
///
/// A text is looked up as it stands, then in the columns of second names, then as an Ensembl identifier without its
/// version (`ENSG00000141510.17`), then without regard to case; the first of these that knows it decides. A name that
/// several genes share by one of the later ways means none of them.
public struct GeneNames: Sendable {
    /// By which way a text was found.
    public enum Way: Sendable, Hashable, Comparable {
        case name
        case column(String)
        case withoutVersion
        case ignoringCase

        /// For people: `by name`.
        public var words: String {
            switch self {
            case .name: "by name"
            case .column(let column): "in the column \(column)"
            case .withoutVersion: "without the version of the identifier"
            case .ignoringCase: "without regard to case"
            }
        }
    }

    /// What most names look like.
    public enum Kind: String, Sendable {
        case ensembl = "Ensembl identifiers"
        case versionedEnsembl = "Ensembl identifiers with versions"
        case entrez = "Entrez numbers"
        case symbols
    }

    static let secondNames = [
        "symbol", "gene_symbol", "gene_symbols", "gene_name", "gene_names", "gene_short_name", "feature_name",
        "gene_ids",
        "gene_id", "ensembl_id", "ensembl", "accession",
    ]

    private let ways: [(way: Way, genes: [String: String])]

    /// - Parameters:
    ///   - genes: One name a gene, as the screen uses it.
    ///   - table: The genes' table; its columns of second names serve, too.
    public init(_ genes: [String], table: AnnotationTable) {
        precondition(genes.count == table.count, "\(genes.count) genes, a table of \(table.count)")
        var ways: [(way: Way, genes: [String: String])] = [
            (.name, Dictionary(zip(genes, genes)) { first, _ in first })
        ]
        for name in Self.secondNames {
            for column in table.columns where column.name.lowercased() == name {
                ways.append((.column(column.name), Self.unique(zip(column.values.labels, genes))))
            }
        }
        // Of every name known so far: an identifier may stand in a column.
        let known = ways.flatMap { way in way.genes.sorted { $0.key < $1.key } }
        ways.append((.withoutVersion, Self.unique(known.map { (Self.withoutVersion($0.key), $0.value) })))
        ways.append((.ignoringCase, Self.unique(known.map { ($0.key.lowercased(), $0.value) })))
        self.ways = ways
    }

    /// The measured gene that the text means, and how it was found; nil where it means none.
    public func gene(_ text: String) -> (gene: String, way: Way)? {
        for (way, genes) in ways {
            let key: String? =
                switch way {
                case .name, .column: text
                case .withoutVersion: Self.withoutVersion(text)
                case .ignoringCase: text.lowercased()
                }
            if let key, let gene = genes[key] { return (gene, way) }
        }
        return nil
    }

    /// What at least half of the names look like; symbols where no other kind does.
    public static func kind(of genes: [String]) -> Kind {
        let versioned = genes.count { withoutVersion($0).map { $0 != "" } == true && $0.contains(".") }
        let ensembl = genes.count { withoutVersion($0) != nil }
        let entrez = genes.count { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
        if 2 * versioned >= genes.count, versioned > 0 { return .versionedEnsembl }
        if 2 * ensembl >= genes.count, ensembl > 0 { return .ensembl }
        return 2 * entrez >= genes.count && entrez > 0 ? .entrez : .symbols
    }

    /// Texts that are unique to one gene.
    private static func unique(_ pairs: some Sequence<(String?, String)>) -> [String: String] {
        var genes: [String: String] = [:]
        var shared: Set<String> = []
        for (text, gene) in pairs {
            guard let text, !text.isEmpty else { continue }
            if let known = genes[text], known != gene { shared.insert(text) } else { genes[text] = gene }
        }
        return genes.filter { !shared.contains($0.key) }
    }

    /// An Ensembl gene identifier (`ENS`, letters of a species, `G`, eleven digits) without what follows a point; nil
    /// for anything else.
    static func withoutVersion(_ text: String) -> String? {
        guard text.hasPrefix("ENS") else { return nil }
        let stem = text.prefix { $0 != "." }
        let version = text.dropFirst(stem.count + 1)
        let digits = stem.suffix(11)
        guard digits.count == 11, digits.utf8.allSatisfy({ (48...57).contains($0) }),
            stem.dropLast(11).last == "G", version.utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return String(stem)
    }
}
