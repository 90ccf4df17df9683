import Simulators
import Structure

extension StructurePretrainingOptions {
    /// Throws `OPTION` where a setting is outside of what can be trained.
    public func validate() throws(SimulationError) {
        for (name, value, limits) in [
            ("genes", genes.lowerBound, 2...ModelCard.mostGenes), ("genes", genes.upperBound, 2...ModelCard.mostGenes),
            ("cells", cells.lowerBound, 10...1_000_000),
            ("cells", cells.upperBound, 10...1_000_000), ("steps", steps, 1...1_000_000_000),
            ("warmupSteps", warmupSteps, 0...1_000_000_000),
            ("decaySteps", decaySteps ?? 0, 0...max(0, steps - warmupSteps)),
            ("worldsPerStep", worldsPerStep, 1...10_000),
            ("validationInterval", validationInterval, 1...1_000_000_000),
            ("checkpointInterval", checkpointInterval, 1...1_000_000_000),
            ("validationWorlds", validationWorlds, 1...10_000),
            ("validationGenes", validationGenes, 2...ModelCard.mostGenes),
            ("validationCells", validationCells, 10...1_000_000), ("domains", domains.count, 1...1000),
            ("calibrationWorlds", calibrationWorlds, 0...1_000_000),
            ("acyclicity.interval", acyclicity.interval, 1...1_000_000_000),
            ("acyclicity.warmupSteps", acyclicity.warmupSteps, 1...1_000_000_000),
        ] as [(String, Int, ClosedRange<Int>)] {
            try SimulationError.demand(
                limits.contains(value), name, "\(limits.lowerBound) to \(limits.upperBound)", value)
        }
        try network.validate()
        if let features {
            let unknown = Set(features).subtracting(PairFeatures.names).sorted()
            try SimulationError.demand(
                !features.isEmpty && unknown.isEmpty, "features", "names of statistics of pairs", unknown)
            try SimulationError.demand(
                Set(features).count == features.count, "features", "each name once", features)
        }
        for (name, value) in [("acyclicity.rate", acyclicity.rate), ("acyclicity.averaging", acyclicity.averaging)] {
            try SimulationError.demand((0...1).contains(value), name, "a number from 0 to 1", value)
        }
        try SimulationError.demand(
            interventionalShare.lowerBound >= 0 && interventionalShare.upperBound <= 1, "interventionalShare",
            "shares from 0 to 1", interventionalShare)
        try SimulationError.demand(gradientNorm > 0, "gradientNorm", "a positive number", gradientNorm)
        try SimulationError.demand(
            (0..<1).contains(averageDecay), "averageDecay", "a number of 0 or more below 1", averageDecay)
        try SimulationError.demand((0...10).contains(genesPower), "genesPower", "a number from 0 to 10", genesPower)
        try validateOptimiser()
        try validateCurriculum()
        try validateDomains()
    }

    /// Within these every step is a number in single precision, and some step moves a weight.
    private func validateOptimiser() throws(SimulationError) {
        for (name, value, limits) in [
            ("learningRate", optimiser.learningRate, 1e-10...1), ("epsilon", optimiser.epsilon, 1e-30...1),
            ("weightDecay", optimiser.weightDecay, 0...10),
        ] {
            try SimulationError.demand(
                limits.contains(value), "optimiser.\(name)",
                "a number from \(limits.lowerBound) to \(limits.upperBound)",
                value)
        }
        for (name, value) in [("beta1", optimiser.beta1), ("beta2", optimiser.beta2)] {
            try SimulationError.demand(
                (0..<1).contains(Float(value)), "optimiser.\(name)", "a number of 0 or more below 1", value)
        }
    }

    private func validateCurriculum() throws(SimulationError) {
        try SimulationError.demand(
            zip(curriculum, curriculum.dropFirst()).allSatisfy { $0.untilStep < $1.untilStep }
                && curriculum.allSatisfy { $0.untilStep > 0 }, "curriculum.untilStep", "rising numbers of steps",
            curriculum.map(\.untilStep))
        for stage in curriculum {
            for (name, range, limits) in [
                ("genes", stage.genes, 2...ModelCard.mostGenes), ("cells", stage.cells, 10...1_000_000),
            ] {
                try SimulationError.demand(
                    limits.contains(range.lowerBound) && limits.contains(range.upperBound), "curriculum.\(name)",
                    "\(limits.lowerBound) to \(limits.upperBound)", range)
            }
        }
    }

    private func validateDomains() throws(SimulationError) {
        let shares = domains.map(\.share)
        try SimulationError.demand(
            shares.allSatisfy { (0...1e6).contains($0) } && self.shares(atStep: 0).contains { $0 > 0 }, "domains.share",
            "numbers of 0 or more, not all 0 from the first step on", shares)
        let names = domains.map(\.name)
        try SimulationError.demand(Set(names).count == names.count, "domains.name", "a name of its own for each", names)
        for domain in domains {
            try domain.validate()
            let sizes = [(genes, cells)] + curriculum.map { ($0.genes, $0.cells) }
            for (genes, cells) in sizes.map({ ($0.upperBound, $1.upperBound) }) + [(validationGenes, validationCells)] {
                // Memory follows the sum of both.
                let interventional = domain.isInterventional ? cells / 2 : 0
                try domain.worlds.sized(
                    genes: domain.allGenes(measuring: genes), observationalCells: cells - interventional,
                    interventionalCells: interventional
                ).validate()
            }
        }
    }
}

extension NetworkKind {
    fileprivate func validate() throws(SimulationError) {
        let sizes: [(String, Int, ClosedRange<Int>)] =
            switch self {
            case .pairwise(let size):
                [
                    ("width", size.width, 1...512), ("blocks", size.blocks, 1...32), ("heads", size.heads, 1...512),
                    ("triangleWidth", size.triangleWidth, 0...512),
                    ("feedForwardFactor", size.feedForwardFactor, 1...8),
                ]
            case .avici(let size):
                [
                    ("layers", size.layers, 1...32), ("width", size.width, 1...512), ("heads", size.heads, 1...512),
                    ("keySize", size.keySize, 1...512), ("widening", size.widening, 1...8),
                    ("outputs", size.outputs, 1...512),
                ]
            }
        for (name, value, limits) in sizes {
            try SimulationError.demand(
                limits.contains(value), "network.\(name)", "\(limits.lowerBound) to \(limits.upperBound)", value)
        }
        switch self {
        case .pairwise(let size):
            try SimulationError.demand(
                size.width % size.heads == 0, "network.width", "a multiple of \(size.heads) heads", size.width)
        case .avici(let size):
            try SimulationError.demand(
                (0..<1).contains(size.dropout), "network.dropout", "a share of 0 or more below 1", size.dropout)
        }
    }
}
