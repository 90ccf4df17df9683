import AnnotatedData

/// Which cells pass the filters, as scanpy's `filter_cells` for one bound after the other.
struct CellFilter: Sendable {
    /// Places of the cells kept.
    let kept: [Int]
    let dropped: [PreprocessingResult.Dropped]

    init(_ quality: CellQuality, _ options: PreprocessingOptions, scale: ExpressionScale, notices: inout [Notice]) {
        let mask = quality.masks.names.firstIndex(of: PreprocessingOptions.mitochondrialMask)
        if options.maxMitochondrialPercent != nil, mask == nil {
            notices.append(
                Notice(
                    code: "NO_MITOCHONDRIAL_GENES",
                    message: "No gene begins with \(options.mitochondrialPrefix): no cell was dropped for its "
                        + "mitochondrial share."))
        }
        let percent = options.maxMitochondrialPercent != nil ? mask.map { quality.maskedPercent($0) } : nil
        var bounds: [(option: String, isBroken: (Int) -> Bool)] = []
        if scale.hasTrueZeros {
            bounds.append(("minGenesPerCell", { Int(quality.genes[$0]) < options.minGenesPerCell }))
            if let most = options.maxGenesPerCell { bounds.append(("maxGenesPerCell", { quality.genes[$0] > most })) }
        }
        if scale == .counts {
            bounds.append(("minCountsPerCell", { quality.totals[$0] < options.minCountsPerCell }))
            if let most = options.maxCountsPerCell {
                bounds.append(("maxCountsPerCell", { quality.totals[$0] > most }))
            }
            if let percent, let most = options.maxMitochondrialPercent {
                bounds.append(("maxMitochondrialPercent", { percent[$0] > most }))
            }
        }
        var kept: [Int] = []
        var counts = [Int](repeating: 0, count: bounds.count)
        for cell in quality.totals.indices {
            if let bound = bounds.firstIndex(where: { $0.isBroken(cell) }) {
                counts[bound] += 1
            } else {
                kept.append(cell)
            }
        }
        self.kept = kept
        dropped = zip(bounds, counts).filter { $1 > 0 }.map { .init(option: $0.option, count: $1) }
    }

    /// The columns that scanpy's filters write.
    func annotate(
        _ table: inout AnnotationTable, _ quality: CellQuality, _ options: PreprocessingOptions, scale: ExpressionScale
    ) {
        if scale.hasTrueZeros { table["n_genes"] = .integers(kept.map { Int64(quality.genes[$0]) }) }
        if scale == .counts, options.minCountsPerCell > 0 || options.maxCountsPerCell != nil {
            table["n_counts"] = .floats(kept.map { quality.totals[$0] })
        }
    }
}

/// Which genes pass the filters, as scanpy's `filter_genes` for one bound after the other.
struct GeneFilter: Sendable {
    /// Places of the genes kept.
    let kept: [Int]
    let dropped: [PreprocessingResult.Dropped]

    /// - Parameter quality: Of the cells that statistics may see.
    /// - Throws: `NO_GENES`
    init(
        _ quality: GeneQuality, _ options: PreprocessingOptions, names: [String], scale: ExpressionScale
    ) throws(PreprocessingError) {
        var bounds: [(option: String, isBroken: (Int) -> Bool)] = []
        if scale.hasTrueZeros {
            bounds.append(("minCellsPerGene", { quality.cells[$0] < options.minCellsPerGene }))
            if let most = options.maxCellsPerGene { bounds.append(("maxCellsPerGene", { quality.cells[$0] > most })) }
        }
        if scale == .counts {
            bounds.append(("minCountsPerGene", { quality.totals[$0] < options.minCountsPerGene }))
            if let most = options.maxCountsPerGene {
                bounds.append(("maxCountsPerGene", { quality.totals[$0] > most }))
            }
        }
        let always = Set(options.keepGenes)
        var kept: [Int] = []
        var counts = [Int](repeating: 0, count: bounds.count)
        for gene in names.indices {
            if let bound = bounds.firstIndex(where: { $0.isBroken(gene) }), !always.contains(names[gene]) {
                counts[bound] += 1
            } else {
                kept.append(gene)
            }
        }
        guard !kept.isEmpty else {
            throw PreprocessingError(
                code: "NO_GENES", element: "X",
                message: "none of \(names.count) genes is seen in \(options.minCellsPerGene) cells",
                remedy: "lower minCellsPerGene")
        }
        self.kept = kept
        dropped = zip(bounds, counts).filter { $1 > 0 }.map { .init(option: $0.option, count: $1) }
    }

    /// The columns that scanpy's filters write.
    func annotate(
        _ table: inout AnnotationTable, _ quality: GeneQuality, _ options: PreprocessingOptions, scale: ExpressionScale
    ) {
        if scale.hasTrueZeros { table["n_cells"] = .integers(kept.map { Int64(quality.cells[$0]) }) }
        if scale == .counts, options.minCountsPerGene > 0 || options.maxCountsPerGene != nil {
            table["n_counts"] = .floats(kept.map { quality.totals[$0] })
        }
    }
}

extension ExpressionScale {
    /// Zeros mean "not detected" in counts and their logarithms only.
    var hasTrueZeros: Bool { self == .counts || self == .log1p }
}
