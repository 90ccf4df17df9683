import Evaluations
import Foundation
import Reports

/// What MultiQC shows of a run, beside the runs of other tools and screens.
extension ReportAssembly {
    /// Runs stand side by side, so each needs a name of its own: the title's.
    private var sample: String { results.title }

    var multiQC: [MultiQCSection] {
        let sections: [MultiQCSection?] = [statistics, filters] + histograms + [evidence, errors]
        return sections.compactMap { $0 }
    }

    private var statistics: MultiQCSection {
        var headers: [[String: MultiQCSection.Column]] = []
        var values: [String: MultiQCSection.Value] = [:]
        func add(_ key: String, _ title: String, _ description: String, _ value: Double, _ format: String = "{:,.0f}") {
            guard value.isFinite else { return }
            headers.append(
                [key: .init(title: title, description: description, min: 0, format: format, scale: "Blues")])
            values[key] = .number(value)
        }
        if let run = results.run {
            add("cells_read", "Cells read", "Cells in the input", Double(run.quality.cellsRead))
            add("cells_kept", "Cells kept", "Cells after quality control", Double(run.quality.cellsKept))
        }
        add("genes", "Genes", "Genes of the panel", Double(results.model.genes.count))
        add(
            "perturbations", "Perturbations", "Perturbations with predictions", Double(topTreatments.count))
        add(
            "edges", "Edges", "Edges of probability 0.5 or more in the fitted network",
            Double(results.model.edgeBeliefs.ranked.prefix { $0.probability >= 0.5 }.count))
        if let measured {
            let moving = topTreatments.count { (measured[$0]?.moved ?? 0) > 0 }
            add("moving", "Moving", "Perturbations that move any gene by a plain test, FDR 5 %", Double(moving))
        }
        if let error = errorByPredictor?["model"] {
            add("error", "Error", "Error of predicted shifts on cells kept aside, root mean square", error, "{:,.3f}")
        }
        return MultiQCSection(
            id: "interventome_general", name: "", description: "",
            content: .generalStatistics(headers, [sample: values]))
    }

    private var filters: MultiQCSection? {
        guard let run = results.run else { return nil }
        let found = data(run)
        var shares = ["kept": Double(run.quality.cellsKept)]
        for loss in found.losses where loss.cells > 0 { shares[loss.reason] = Double(loss.cells) }
        return MultiQCSection(
            id: "interventome_filters", name: "Cells kept and dropped", description: "by the filter that dropped them.",
            content: .bars([sample: shares], value: "cells"))
    }

    private var histograms: [MultiQCSection?] {
        (results.run?.quality.histograms ?? []).map { histogram in
            func points(_ counts: [Int]) -> [[Double]] {
                counts.indices.map { [(histogram.edges[$0] + histogram.edges[$0 + 1]) / 2, Double(counts[$0])] }
            }
            return MultiQCSection(
                id: "interventome_" + histogram.metric.lowercased().replacing(" ", with: "_"),
                name: histogram.metric.prefix(1).uppercased() + histogram.metric.dropFirst(),
                description: "before filtering and of the cells kept.",
                content: .lines(
                    ["\(sample), before": points(histogram.counts), "\(sample), kept": points(histogram.kept)],
                    x: histogram.metric, y: "cells"))
        }
    }

    /// How many genes each perturbation moves.
    private var evidence: MultiQCSection? {
        guard let measured else { return nil }
        let moved = topTreatments.compactMap { top in measured[top].map { (top.perturbation, Double($0.moved)) } }
        guard !moved.isEmpty else { return nil }
        return MultiQCSection(
            id: "interventome_moved", name: "Genes moved",
            description: "by each perturbation at its highest dose: a plain test at a false discovery rate of 5 %.",
            content: .bars(
                Dictionary(moved.map { ($0.0, ["genes moved": $0.1]) }, uniquingKeysWith: { first, _ in first }),
                value: "genes"))
    }

    private var errors: MultiQCSection? {
        guard let errors = errorByPredictor, !errors.isEmpty else { return nil }
        return MultiQCSection(
            id: "interventome_errors", name: "Error of predictions",
            description: "on cells kept aside, root mean square over genes, beside the baselines; lower is better.",
            content: .bars(errors.mapValues { ["error": $0] }, value: "root mean square error"))
    }

    /// Of the headline's metric; nil where nothing was judged.
    private var errorByPredictor: [String: Double]? {
        guard let all = results.run?.evaluation.comparisons, let first = all.first else { return nil }
        let variant = all.contains { $0.variant == "disjoint" } ? "disjoint" : first.variant
        let own = all.filter { $0.metric == .rootMeanSquareError && $0.variant == variant }
        guard let model = own.first?.modelValue else { return nil }
        return Dictionary(own.map { ($0.baseline, $0.baselineValue) }, uniquingKeysWith: { first, _ in first })
            .merging(["model": model]) { _, model in model }
    }
}
