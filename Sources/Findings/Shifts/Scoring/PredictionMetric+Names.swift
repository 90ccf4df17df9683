extension PredictionMetric {
    /// The metric's full name, as tables show it.
    public var name: String {
        switch self {
        case .pearson: "Pearson correlation of shifts, all genes"
        case .spearman: "Spearman correlation of shifts, all genes"
        case .pearsonOfTopGenes: "Pearson correlation of shifts, \(Self.topGenes) genes of largest true shift"
        case .pearsonAboutPerturbedMean:
            "Pearson correlation of means about the mean of training perturbations (Systema)"
        case .cosine: "cosine similarity of shifts, all genes"
        case .cosineOfFolds: "cosine similarity of log2 quotients of means, each with 0.1 added (PerturBench)"
        case .rootMeanSquareError: "root mean square error of shifts"
        case .meanAbsoluteError: "mean absolute error of shifts (cell-eval's mae_delta)"
        case .determination: "R² of shifts about their mean over genes"
        case .pooledDetermination: "R² of shifts about no change, pooled over treatments"
        case .signAccuracy: "sign accuracy, \(Self.topGenes) genes of largest true shift"
        case .discrimination: "discrimination: share of other true shifts that are farther (cosine)"
        case .discriminationByManhattan:
            "discrimination score: 1 − rank / treatments (Manhattan, perturbed gene left out; cell-eval's PDS)"
        case .centroidAccuracy: "share of other true means that are farther (Euclidean; Systema's centroid accuracy)"
        case .retrieval: "retrieval: share of other predicted shifts that are farther (cosine; 1 − PerturBench's rank)"
        case .energyDistance: "energy distance: Euclidean, unbiased, all genes"
        case .energyDistanceBiased: "energy distance: Euclidean, biased (n²), all genes (cell-eval)"
        case .energyDistanceOfComponents:
            "energy distance: Euclidean, unbiased, \(Self.components) principal components (pertpy 1.2)"
        case .eDistance: "E-distance: squared Euclidean, unbiased, \(Self.components) principal components (scPerturb)"
        case .eDistanceBiased:
            "E-distance: squared Euclidean, biased (n²), \(Self.components) principal components (CellFlow)"
        case .meanDiscrepancy:
            "maximum mean discrepancy: squared, Gaussian kernel of median distance, unbiased, all genes"
        case .slicedWasserstein: "sliced Wasserstein distance: order 2, \(Self.directions) directions"
        case .wasserstein: "Wasserstein distance: order 1, mean over genes"
        case .varianceRatio: "variance ratio: predicted by true, median over genes"
        case .strength:
            "Pearson correlation over treatments of energy distances to controls (as cell-eval's pearson_edistance)"
        case .geneOverlap: "overlap of the genes told apart, as many as truly are (FDR 5 %; cell-eval's overlap_at_N)"
        case .genePrecision: "share of the genes told apart that truly are (FDR 5 %)"
        case .geneRecall: "share of the genes truly told apart that are found (FDR 5 %)"
        case .geneDirection: "share of the genes truly told apart that move the right way (FDR 5 %)"
        case .geneFolds: "Spearman correlation of log2 fold changes, genes truly told apart (FDR 5 %)"
        case .genePrecisionCurve: "average precision of p-values for the genes truly told apart (FDR 5 %)"
        case .geneCurve: "area under the ROC curve of p-values for the genes truly told apart (FDR 5 %)"
        case .geneCounts: "Spearman correlation over treatments of the numbers of genes told apart (FDR 5 %)"
        case .coverage: "share of true shifts within the 90 % intervals"
        case .intervalWidth: "mean width of the 90 % intervals"
        }
    }
}
