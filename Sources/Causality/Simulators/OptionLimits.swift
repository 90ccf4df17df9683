// What the settings of simulations may be. Beyond these limits numbers overflow, or the memory does.

extension CausalWorldOptions {
    /// Throws `OPTION` where a setting is outside of what can be drawn.
    public func validate() throws(SimulationError) {
        try SimulationError.demand((1...5000).contains(genes), "genes", "1 to 5000", genes)
        for (name, count) in [
            ("observationalCells", observationalCells), ("interventionalCells", interventionalCells),
        ] { try SimulationError.demand((0...10_000_000).contains(count), name, "0 to 10000000", count) }
        let cells = observationalCells + interventionalCells
        try SimulationError.demand(cells > 0, "observationalCells", "at least one cell", "none")
        try SimulationError.demand(cells: Double(cells), genes: Double(genes), "observationalCells")
        try SimulationError.demand(!graphs.isEmpty, "graphs", "at least one family", "none")
        try SimulationError.demand(!mechanisms.isEmpty, "mechanisms", "at least one family", "none")
        try SimulationError.demand(!noises.isEmpty, "noises", "at least one family", "none")
        for (name, values, limits) in [
            ("edgesPerGene", edgesPerGene, 0...1000), ("attachmentPowers", attachmentPowers, -10...10),
            ("targetedShares", targetedShares, 0...1),
        ] as [(String, [Double], ClosedRange<Double>)] {
            try SimulationError.demand(
                !values.isEmpty && values.allSatisfy(limits.contains), name,
                "numbers from \(limits.lowerBound) to \(limits.upperBound)", values)
        }
        for (name, range) in [("weights", weights), ("biases", biases), ("interventionValues", interventionValues)] {
            try SimulationError.demand(range, name, within: -1e6...1e6)
        }
        try SimulationError.demand(lengthScales, "lengthScales", within: 1e-6...1e6)
        try SimulationError.demand(outputScales, "outputScales", within: 0...1e6)
        try SimulationError.demand(noiseScales, "noiseScales", within: 0...1e6)
        try SimulationError.demand(
            (0...1).contains(heteroscedasticShare), "heteroscedasticShare", "a share from 0 to 1",
            heteroscedasticShare)
    }
}

extension DrugScreenOptions {
    /// Throws `OPTION` where a setting is outside of what can be drawn.
    public func validate() throws(SimulationError) {
        for (name, value, limits) in [
            ("causalGenes", causalGenes, 1...5000), ("backgroundGenes", backgroundGenes, 0...100_000),
            ("drugs", drugs, 0...100_000), ("classes", classes, 1...100_000), ("features", features, 0...4096),
            ("cellsPerCondition", cellsPerCondition, 0...10_000_000), ("controlCells", controlCells, 0...10_000_000),
            ("targetsPerClass", targetsPerClass.lowerBound, 0...5000),
            ("targetsPerClass", targetsPerClass.upperBound, 0...5000), ("doses", doses.count, 0...10_000),
        ] as [(String, Int, ClosedRange<Int>)] {
            try SimulationError.demand(
                limits.contains(value), name, "\(limits.lowerBound) to \(limits.upperBound)", value)
        }
        let treated = Double(drugs) * Double(doses.count) * Double(cellsPerCondition)
        try SimulationError.demand(
            cells: Double(controlCells) + treated, genes: Double(causalGenes + backgroundGenes), "cellsPerCondition")
        try SimulationError.demand(
            cells: Double(drugs), genes: Double(max(features, causalGenes)), "drugs")
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
            doses.allSatisfy { $0 >= 0 && $0.isFinite }, "doses", "numbers of 0 or more", doses)
        try SimulationError.demand(weights, "weights", within: -100...100)
        try SimulationError.demand(noiseScales, "noiseScales", within: 0...100)
        try SimulationError.demand(maximumEffects, "maximumEffects", within: -100...100)
        try SimulationError.demand(halfMaximalDoses, "halfMaximalDoses", within: 1e-100...1e100)
        try SimulationError.demand(hillCoefficients, "hillCoefficients", within: 0...100)
    }
}
