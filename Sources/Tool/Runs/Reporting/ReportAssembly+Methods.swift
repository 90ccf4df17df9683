import Explanations
import Foundation
import Preprocessing
import Reports

/// The methods of this run in paragraphs for a manuscript, and what they owe to others: what was done, with its numbers,
/// and nothing that was not.
extension ReportAssembly {
    var methods: [String] {
        let closing = "Everything was done with Interventome \(Build.version), seed \(results.model.seed)."
        guard let run = results.run else { return [results.model.methods, explaining, closing] }
        return [
            preparing(run), dividing(run), structure(run), fitting(run), judging(run), testing(run), explaining,
            closing,
        ].filter { !$0.isEmpty }
    }

    private func preparing(_ run: RunResults.Run) -> String {
        let quality = run.quality
        var text =
            "\(run.read.file) (SHA-256 \(run.read.sha256.prefix(12))…) holds \(quality.cellsRead.countText) cells and "
            + "\(quality.genesRead.countText) genes. Values were taken as \(quality.scaleBefore.rawValue) "
            + "(\(quality.scaleEvidence)) and analysed as \(quality.scale.rawValue)."
        let options = run.configuration.preprocess
        let dropped =
            quality.droppedCells.filter { $0.count > 0 }.map {
                "\($0.count.countText) cells by \(Self.bound($0, options))"
            }
            + quality.droppedGenes.filter { $0.count > 0 && $0.option != "topGenes" }.map {
                "\($0.count.countText) genes by \(Self.bound($0, options))"
            }
        if quality.cellsUnused > 0 {
            text += " \(quality.cellsUnused.countText) cells without a label, or filtered by `where`, were left out."
        }
        if !dropped.isEmpty { text += " Filters dropped \(dropped.joined(separator: ", "))." }
        if let target = quality.targetSum {
            let base = options.logarithmBase.map { "logarithm to base \(number($0)) of" } ?? "natural logarithm of"
            text += " Cells were normalised to a total of \(number(target)), then the \(base) 1 + x was taken."
        }
        if let chosen = quality.droppedGenes.first(where: { $0.option == "topGenes" && $0.count > 0 }) {
            let selection = options.geneSelection ?? (quality.scale == .log1p ? .seurat : .variance)
            text +=
                " Of \((quality.genesKept + chosen.count).countText) genes \(quality.genesKept.countText) were chosen by "
                + "variability (\(selection.rawValue), as scanpy's)."
        }
        if let columns = run.configuration.screen.matchControlsBy, !columns.isEmpty {
            text +=
                " Every cell was centred on the controls with the same \(columns.joined(separator: " and ")), training cells "
                + "on training controls and test cells on test controls, and the mean of the training controls was added "
                + "back; the deviations of n controls from their own mean were widened by √((n + 1) / (n − 1)) to those "
                + "of a cell that is none of them."
        }
        return text + " Statistics of filters, normalisation and choice saw training cells only."
    }

    /// An option with its value, such as `minGenesPerCell = 200`.
    private static func bound(_ dropped: PreprocessingResult.Dropped, _ options: PreprocessingOptions) -> String {
        let values: [String: Double?] = [
            "minGenesPerCell": Double(options.minGenesPerCell),
            "maxGenesPerCell": options.maxGenesPerCell.map(Double.init),
            "minCountsPerCell": options.minCountsPerCell, "maxCountsPerCell": options.maxCountsPerCell,
            "maxMitochondrialPercent": options.maxMitochondrialPercent,
            "minCellsPerGene": Double(options.minCellsPerGene),
            "maxCellsPerGene": options.maxCellsPerGene.map(Double.init),
            "minCountsPerGene": options.minCountsPerGene, "maxCountsPerGene": options.maxCountsPerGene,
        ]
        guard let value = values[dropped.option] ?? nil else { return dropped.option }
        return "\(dropped.option) = \(String(format: "%g", value))"
    }

    private func dividing(_ run: RunResults.Run) -> String {
        let (split, quality) = (run.configuration.split, run.quality)
        let screen =
            "The screen has \(run.screen.cellCount.countText) cells of \(run.screen.perturbations.count.countText) "
            + "perturbations, \(run.screen.controlCells.count.countText) of them controls."
        let test = "\(quality.testCells.countText) cells were kept for the test"
        if split.file != nil {
            return "\(screen) Cells were divided by a split file (fold \(split.fold)); \(test)"
                + (quality.heldOut.isEmpty ? "." : ", with them every cell of \(list(quality.heldOut)).")
        }
        if quality.heldOut.isEmpty {
            return
                "\(screen) Of every treatment a share of \(number(split.heldOutCells)) was kept for the test by seed "
                + "\(split.seed): \(test)."
        }
        let how = split.heldOut.isEmpty ? "drawn at random by seed \(split.seed)" : "named in the configuration"
        return "\(screen) \(list(quality.heldOut)) (\(how)) \(quality.heldOut.count == 1 ? "was" : "were") held out of "
            + "training; \(test)."
    }

    private func list(_ names: [String]) -> String {
        names.count > 12
            ? "\(names.count) perturbations"
            : names.count > 1 ? names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1] : names[0]
    }

    private func structure(_ run: RunResults.Run) -> String {
        let structure = run.structure
        var text =
            "Edge probabilities come from the weights \(structure.weights) (version \(structure.weightsVersion), SHA-256 "
            + "\(structure.weightsSHA256.prefix(12))…): a network trained on simulated worlds that reads statistics of gene "
            + "pairs, after AVICI (Lorch et al. 2022)."
        if structure.subsetCount > 1 { text += " Genes were read in \(structure.subsetCount.countText) subsets." }
        if let resamples = structure.resamples { text += " Cells were drawn anew \(resamples.countText) times." }
        return text
    }

    private func fitting(_ run: RunResults.Run) -> String {
        let fit = run.configuration.fit
        var text = results.model.methods
        if let network = fit.network {
            let name = URL(fileURLWithPath: network).lastPathComponent
            text += " Edges of \(name) had their prior odds taken times \(number(fit.networkOddsFactor))."
        }
        if fit.priorMechanisms {
            text += " An amortised model read mechanisms off control cells set apart, and these were the prior means."
        }
        if let trials = results.model.coverage.map(\.trials).max(), trials > 0 {
            text +=
                " Intervals of 90 % were set on treatments left out of the fit (\(trials.countText) means at most of a kind)."
        }
        return text
    }

    private func judging(_ run: RunResults.Run) -> String {
        let evaluation = run.evaluation
        guard !evaluation.comparisons.isEmpty else { return "" }
        let variants = Set(evaluation.comparisons.map(\.variant)).sorted().joined(separator: " and ")
        return
            "Predictions of \(results.shifts.treatments.count.countText) treatments were judged by cells that the model "
            + "had not seen, with \(variants) controls, beside these baselines: "
            + evaluation.baselines.filter { !evaluation.models.contains($0) }.joined(separator: "; ")
            + ". Intervals are paired bootstraps over perturbations."
    }

    private func testing(_ run: RunResults.Run) -> String {
        guard let measured, topTreatments.contains(where: { measured[$0] != nil }) else { return "" }
        var text =
            "Measured mean shifts were tested against the \(measured.controls.countText) controls by Welch's t-test, p-values "
            + "adjusted over all treatments and genes (Benjamini and Hochberg 1995), the false discovery rate held at "
            + "\(MeasuredShifts.rate.percentText)."
        if hasHillFits {
            text +=
                " Hill curves went through the measured means of the genes that move most, EC50 and slope on a grid, Emax "
                + "and the value at dose 0 in closed form; estimates are posterior medians with central 90 % intervals."
        }
        return text
    }

    /// Whether any perturbation was measured at doses enough.
    var hasHillFits: Bool {
        let doses = Dictionary(grouping: results.shifts.treatments.filter { ($0.dose ?? 0) > 0 }, by: \.perturbation)
        return doses.values.contains { own in own.count { measured?[$0] != nil } >= HillFit.fewestDoses }
    }

    private var explaining: String {
        var text =
            "Every predicted shift was taken apart by switching off each attributed intervention in turn and predicting again."
        let followed = results.explanations.counterfactuals.filter { $0.abstention == nil }
        if let most = followed.map(\.cells).max(), let graphs = followed.map(\.graphs).max() {
            text +=
                " Up to \(most.countText) measured control cells were followed on up to \(graphs) graphs to what they would "
                + "have been under the attributed interventions, by mechanisms read off the controls, for "
                + "\(followed.count.countText) perturbations."
        }
        if !results.explanations.hidden.isEmpty {
            text +=
                " Effects were looked at beside stated hidden causes "
                + "(\(results.explanations.hidden.map(\.name).joined(separator: ", "))) by an algorithm for identification "
                + "from observations and experiments (Lee, Correa and Bareinboim 2019)."
        }
        return text
    }

    /// Only what this run made use of.
    var citations: [Citation] {
        var used: [Citation] = results.run == nil ? [.gim] : [.avici, .gim]
        if results.run?.configuration.fit.method == .published { used.append(.dagma) }
        if let quality = results.run?.quality {
            let options = results.run?.configuration.preprocess ?? .init()
            if quality.scaleBefore == .counts { used.append(.scanpy) }
            let isChosen = quality.droppedGenes.contains { $0.option == "topGenes" && $0.count > 0 }
            let selection = options.geneSelection ?? (quality.scale == .log1p ? .seurat : .variance)
            if isChosen, selection == .seurat { used.append(.seurat) }
            if isChosen, selection.needsCounts { used.append(.seuratV3) }
        }
        if results.model.features.contains(where: { $0.hasPrefix("morgan") }) { used.append(.morgan) }
        if let measured, topTreatments.contains(where: { measured[$0] != nil }) { used.append(.benjaminiHochberg) }
        if hasHillFits { used.append(.hill) }
        if !results.explanations.hidden.isEmpty { used.append(.surrogates) }
        if results.run?.read.file == "sachs.h5ad" { used.append(.sachs) }
        return used
    }
}
