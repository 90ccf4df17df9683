extension RunConfiguration {
    /// Refuses numbers that no stage can use; `fit` and `split` check theirs.
    func checkRanges() throws(Failure) {
        if let cells = predict.cells { try check("predict.cells", cells, 0...1_000_000) }
        try checkPreprocessing()
        try check("structure.coverage", structure.coverage, 1...1000)
        if let reason = StructureStage.refusal(ofResamples: structure.resamples) {
            throw .configuration(
                file: nil, element: "structure.resamples", message: "structure.resamples: \(reason)",
                remedy: "draw 20 times or more; 0 leaves it out")
        }
        // 0 leaves the number to the weights.
        try check("structure.cellsAtMost", structure.cellsAtMost, 0...1_000_000_000)
        try check("structure.genesAtOnce", structure.genesAtOnce, 0...1_000_000)
        try check("explain.counterfactualGraphs", explain.counterfactualGraphs, 0...200)
    }

    /// The same of the section `preprocess` alone.
    func checkPreprocessing() throws(Failure) {
        if let genes = preprocess.topGenes { try check("preprocess.topGenes", genes, 2...1_000_000) }
        for (key, count) in [
            ("minGenesPerCell", preprocess.minGenesPerCell), ("maxGenesPerCell", preprocess.maxGenesPerCell ?? 0),
            ("minCellsPerGene", preprocess.minCellsPerGene), ("maxCellsPerGene", preprocess.maxCellsPerGene ?? 0),
        ] { try check("preprocess.\(key)", count, 0...Int.max) }
        for (key, limit) in [
            ("minCountsPerCell", preprocess.minCountsPerCell), ("maxCountsPerCell", preprocess.maxCountsPerCell ?? 0),
            ("minCountsPerGene", preprocess.minCountsPerGene), ("maxCountsPerGene", preprocess.maxCountsPerGene ?? 0),
            ("maxMitochondrialPercent", preprocess.maxMitochondrialPercent ?? 0),
        ] where !(limit >= 0 && limit.isFinite) { try check("preprocess.\(key)", limit) }
        for count in preprocess.percentTop { try check("preprocess.percentTop", count, 1...Int.max) }
        if let genes = preprocess.minGenesForTotals { try check("preprocess.minGenesForTotals", genes, 0...Int.max) }
        if let sum = preprocess.targetSum { try check("preprocess.targetSum", sum) }
        try check("preprocess.maxFraction", preprocess.maxFraction)
        if let base = preprocess.logarithmBase {
            // ln(1) is 0, by which nothing can be divided.
            try check("preprocess.logarithmBase", base == 1 ? 0 : base)
        }
        try check("preprocess.asinhCofactor", preprocess.asinhCofactor)
        if let limit = preprocess.standardiseLimit { try check("preprocess.standardiseLimit", limit) }
        if let count = preprocess.components { try check("preprocess.components", count, 1...10_000) }
    }

    private func check(_ key: String, _ value: Double) throws(Failure) {
        guard !(value > 0 && value.isFinite) else { return }
        throw .configuration(
            file: nil, element: key, message: "\(key): expected a positive number, found \(value)",
            remedy: "correct the value")
    }

    private func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(Failure) {
        guard !range.contains(value) else { return }
        throw .configuration(
            file: nil, element: key,
            message: "\(key): expected \(range.lowerBound) to \(range.upperBound), found \(value)",
            remedy: "correct the value")
    }
}
