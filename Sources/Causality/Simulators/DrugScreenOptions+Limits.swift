/// What the settings of drug screens may be. Beyond these limits numbers overflow, or the memory does.
extension DrugScreenOptions {
    /// Throws `OPTION` where a setting is outside of what can be drawn.
    public func validate() throws(SimulationError) {
        for (name, value, limits) in [
            ("causalGenes", causalGenes, 1...5000), ("backgroundGenes", backgroundGenes, 0...100_000),
            ("drugs", drugs, 0...100_000), ("classes", classes, 1...100_000), ("features", features, 0...4096),
            ("cellsPerCondition", cellsPerCondition, 0...10_000_000), ("controlCells", controlCells, 0...10_000_000),
            ("targetsPerClass", targetsPerClass.lowerBound, 0...5000),
            ("targetsPerClass", targetsPerClass.upperBound, 0...5000), ("doses", doses.count, 0...10_000),
            ("heldOutDrugs", heldOutDrugs, 0...100_000), ("heldOutDoses", heldOutDoses.count, 0...10_000),
            ("testCellsPerCondition", testCellsPerCondition, 0...10_000_000),
        ] as [(String, Int, ClosedRange<Int>)] {
            try SimulationError.demand(
                limits.contains(value), name, "\(limits.lowerBound) to \(limits.upperBound)", value)
        }
        let treated = Double(drugs) * Double(doses.count) * Double(cellsPerCondition)
        let tested =
            (Double(drugs) * Double(heldOutDoses.count) + Double(heldOutDrugs) * Double(doses.count))
            * Double(testCellsPerCondition)
        let genes = Double(causalGenes + backgroundGenes)
        try SimulationError.demand(cells: Double(controlCells) + treated, genes: genes, "cellsPerCondition")
        try SimulationError.demand(cells: tested, genes: genes, "testCellsPerCondition")
        try SimulationError.demand(
            cells: Double(drugs + heldOutDrugs), genes: Double(max(features, causalGenes)), "drugs")
        for (name, value, limits) in [
            ("edgesPerGene", edgesPerGene, 0...1000), ("effectSpread", effectSpread, 0...100),
            ("librarySize", librarySize, 0...1e9), ("librarySizeSpread", librarySizeSpread, 0...10),
            ("expressionSpread", expressionSpread, 0...10), ("dispersion", dispersion, 0...1e6),
            ("featureNoise", featureNoise, 0...1e6),
        ] as [(String, Double, ClosedRange<Double>)] {
            try SimulationError.demand(
                limits.contains(value), name, "a number from \(limits.lowerBound) to \(limits.upperBound)", value)
        }
        try SimulationError.demand(
            randomGraph != nil, "graph", "erdosRenyi, scaleFree or scaleFreeTransposed", graph.rawValue)
        try SimulationError.demand(
            doses.allSatisfy { $0 >= 0 && $0.isFinite }, "doses", "numbers of 0 or more", doses)
        try SimulationError.demand(
            heldOutDoses.allSatisfy { $0 >= 0 && $0.isFinite && !doses.contains($0) }, "heldOutDoses",
            "numbers of 0 or more that are not among doses", heldOutDoses)
        try SimulationError.demand(weights, "weights", within: -100...100)
        try SimulationError.demand(noiseScales, "noiseScales", within: 0...100)
        try SimulationError.demand(maximumEffects, "maximumEffects", within: -100...100)
        try SimulationError.demand(halfMaximalDoses, "halfMaximalDoses", within: 1e-100...1e100)
        try SimulationError.demand(hillCoefficients, "hillCoefficients", within: 0...100)
    }
}
