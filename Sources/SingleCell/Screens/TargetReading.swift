import AnnotatedData
import Matrices

/// The measured genes on which each perturbation is known to intervene.
struct TargetReading {
    private let names: GeneNames
    private let genes: [String]

    /// - Parameters:
    ///   - genes: Names used in the screen, one a gene.
    ///   - table: The genes' table; its columns of second names serve, too.
    init(genes: [String], table: AnnotationTable) {
        self.genes = genes
        names = GeneNames(genes, table: table)
    }

    /// What was found for the perturbations of a screen.
    struct Targets {
        /// Measured genes by perturbation; perturbations without any are left out.
        var genes: [String: [String]] = [:]
        /// How many names were found in which way.
        var ways: [GeneNames.Way: Int] = [:]
        /// Names that mean no measured gene, sorted.
        var unmatched: [String] = []
    }

    /// The genes that a text names: one, or several between `+`, `,`, `;` or `|`.
    func measured(_ text: String) -> [String] { matches(text).compactMap { $0.match?.gene } }

    /// A name that holds such a sign, as a whole, comes first.
    private func matches(_ text: String) -> [(name: String, match: (gene: String, way: GeneNames.Way)?)] {
        if let match = names.gene(text) { return [(text, match)] }
        return text.split { "+,;|".contains($0) }.map { part in
            let name = part.split(separator: " ").joined(separator: " ")
            return (name, names.gene(name))
        }
    }

    /// Targets by perturbation from the layer `interventions` (0 or 1), in which a gene must be the same for all cells
    /// of a perturbation.
    func targets(
        in layer: CellMatrix, perturbations: [String], isControl: [Bool]
    ) throws(ScreenError) -> [String: [String]] {
        let mask = layer.dense
        var rows: [String: Int] = [:]
        var targets: [String: [String]] = [:]
        for cell in perturbations.indices where !isControl[cell] {
            let name = perturbations[cell]
            if let known = rows[name] {
                guard mask.row(known).elementsEqual(mask.row(cell)) else {
                    throw ScreenError(
                        code: "AMBIGUOUS", element: "layers/interventions",
                        message: "cells of \(name) differ in the genes on which it intervenes",
                        remedy: "give them labels of their own, or remove the layer and set targetColumn")
                }
            } else {
                rows[name] = cell
                let found = genes.indices.filter { mask[cell, $0] != 0 }.map { genes[$0] }
                if !found.isEmpty { targets[name] = found }
            }
        }
        return targets
    }

    /// Targets by perturbation from one text a cell.
    func targets(naming texts: [String?], perturbations: [String], isControl: [Bool]) -> Targets {
        var namedTexts: [String: Set<String>] = [:]
        for cell in perturbations.indices where !isControl[cell] {
            if let text = texts[cell] { namedTexts[perturbations[cell], default: []].insert(text) }
        }
        var targets = Targets()
        var counted: Set<String> = []
        var unmatched: Set<String> = []
        for (perturbation, texts) in namedTexts {
            var found: Set<String> = []
            for (name, match) in texts.flatMap(matches) where !name.isEmpty {
                if let match {
                    found.insert(match.gene)
                    if counted.insert(name).inserted { targets.ways[match.way, default: 0] += 1 }
                } else if !ColumnSearch.looksLikeControl(name) {
                    unmatched.insert(name)
                }
            }
            if !found.isEmpty { targets.genes[perturbation] = found.sorted() }
        }
        targets.unmatched = unmatched.sorted()
        return targets
    }
}
