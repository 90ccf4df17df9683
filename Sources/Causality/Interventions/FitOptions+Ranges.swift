extension FitOptions {
    /// Throws where a setting is outside of what can be computed.
    public func validate() throws {
        func demand(_ condition: Bool, _ element: String, _ expected: String, _ found: Any) throws {
            if !condition {
                throw InterventionError(
                    code: "OPTION", element: element, message: "\(expected) expected, found \(found)",
                    remedy: "correct \(element) in the configuration")
            }
        }
        try demand((1...100).contains(ensembleSize), "ensembleSize", "1 to 100", ensembleSize)
        try demand(structureSteps >= 0, "structureSteps", "0 or more", structureSteps)
        try demand(refinementSteps > 0, "refinementSteps", "1 or more", refinementSteps)
        try demand(learningRate > 0 && learningRate < 1, "learningRate", "a number between 0 and 1", learningRate)
        try demand((1...64).contains(graphSamples), "graphSamples", "1 to 64", graphSamples)
        try demand(
            (1...Self.mostHiddenUnits).contains(mechanismUnits), "mechanismUnits", "1 to \(Self.mostHiddenUnits)",
            mechanismUnits)
        try demand((1...64).contains(targetSamples), "targetSamples", "1 to 64", targetSamples)
        try demand(targetTemperature > 0, "targetTemperature", "a positive number", targetTemperature)
        try demand(batchCells >= 0, "batchCells", "0 or more", batchCells)
        try demand(batchContexts > 0, "batchContexts", "1 or more", batchContexts)
        try demand(graphTemperature > 0, "graphTemperature", "a positive number", graphTemperature)
        for (name, value) in [("edgeProbability", edgeProbability), ("targetProbability", targetProbability)] {
            if let value { try demand(value > 0 && value < 1, name, "a number between 0 and 1", value) }
        }
        try demand(beliefTrust >= 0, "beliefTrust", "0 or more", beliefTrust)
        try demand(
            structureTargetSparsity >= 0, "structureTargetSparsity", "0 or more", structureTargetSparsity)
        try demand(targetSparsity >= 0, "targetSparsity", "0 or more", targetSparsity)
        try demand(effectDeviation > 0, "effectDeviation", "a positive number", effectDeviation)
        try demand(locationDeviation > 0, "locationDeviation", "a positive number", locationDeviation)
        try demand(
            (1...Self.mostHiddenUnits).contains(hiddenUnits), "hiddenUnits", "1 to \(Self.mostHiddenUnits)", hiddenUnits
        )
        try demand(individuality >= 0, "individuality", "0 or more", individuality)
        try demand(controlShare > 0 && controlShare < 1, "controlShare", "a number between 0 and 1", controlShare)
        try demand(
            validationShare >= 0 && validationShare < 0.9, "validationShare", "0 to below 0.9", validationShare)
        try demand(patience > 0, "patience", "1 or more", patience)
    }
}
