import AnnotatedData
import Matrices

/// The measured genes on which each perturbation is known to intervene.
struct TargetReading {
    private let genes: [String]
    private let lookup: [String: String]

    /// - Parameters:
    ///   - genes: Names used in the screen, one a gene.
    ///   - table: The genes' table; its columns of symbols serve as second names.
    init(genes: [String], table: AnnotationTable) {
        self.genes = genes
        var lookup = Dictionary(zip(genes, genes)) { first, _ in first }
        for column in table.columns
        where ["symbol", "gene_symbol", "gene_short_name"].contains(column.name.lowercased()) {
            for (symbol, gene) in zip(column.values.labels, genes) {
                if let symbol, lookup[symbol] == nil { lookup[symbol] = gene }
            }
        }
        self.lookup = lookup
    }

    /// The measured genes that a text names: one gene, or several between `+`, `,`, `;` or `|`.
    func measured(_ text: String) -> [String] {
        if let gene = lookup[text] { return [gene] }
        return text.split { "+,;|".contains($0) }.compactMap {
            lookup[$0.split(separator: " ").joined(separator: " ")]
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
    func targets(naming texts: [String?], perturbations: [String], isControl: [Bool]) -> [String: [String]] {
        var namedTexts: [String: Set<String>] = [:]
        for cell in perturbations.indices where !isControl[cell] {
            if let text = texts[cell] { namedTexts[perturbations[cell], default: []].insert(text) }
        }
        return namedTexts.compactMapValues { texts in
            let found = Set(texts.flatMap(measured))
            return found.isEmpty ? nil : found.sorted()
        }
    }
}
