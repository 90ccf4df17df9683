import Networks
import Responses

/// Mechanisms of several graphs as tensors.
extension CausalMechanisms {
    static func entries(_ graphs: [CausalMechanisms]) -> [SafeTensors.Entry] {
        let all = graphs.flatMap(\.mechanisms)
        func ragged(_ name: String, _ values: (Mechanism) -> [Float]) -> [SafeTensors.Entry] {
            RaggedTensors.entries("mechanisms/\(name)", all.map(values))
        }
        return [
            SafeTensors.Entry(
                name: "mechanisms/intercepts", shape: [all.count], values: all.map(\.intercept)),
            SafeTensors.Entry(
                name: "mechanisms/noise", shape: [all.count], values: graphs.flatMap(\.noise)),
        ] + ragged("regulators") { $0.parents.map { Float($0) } } + ragged("weights", \.weights)
            + ragged("unit_weights", \.unitWeights) + ragged("unit_offsets", \.unitOffsets)
            + ragged("unit_outputs", \.unitOutputs) + ragged("covariates", \.covariates)
            + RaggedTensors.entries("mechanisms/usual_covariates", graphs.map(\.usualCovariates))
    }

    /// - Parameter covariates: How many columns cells have beside the genes.
    static func graphs(_ tensors: ModelTensors, count: Int, genes d: Int, covariates: Int) throws -> [CausalMechanisms]
    {
        let n = count * d
        let intercepts = try tensors.values("mechanisms/intercepts", [n])
        let noise = try tensors.values("mechanisms/noise", [n])
        let regulators = try tensors.places("mechanisms/regulators", count: n, below: d)
        let weights = try tensors.lists("mechanisms/weights", count: n)
        let unitWeights = try tensors.lists("mechanisms/unit_weights", count: n)
        let unitOffsets = try tensors.lists("mechanisms/unit_offsets", count: n)
        let unitOutputs = try tensors.lists("mechanisms/unit_outputs", count: n)
        let own = try tensors.lists("mechanisms/covariates", count: n)
        let usual = try tensors.lists("mechanisms/usual_covariates", count: count)
        for place in 0..<n {
            let units = unitOutputs[place].count
            guard weights[place].count == regulators[place].count, unitOffsets[place].count == units,
                unitWeights[place].count == units * regulators[place].count, own[place].count == covariates,
                noise[place] > 0
            else {
                throw tensors.failure("mechanisms", "as many numbers as gene \(place % d) needs expected, found others")
            }
        }
        return try (0..<count).map { graph in
            let mechanisms = (graph * d..<(graph + 1) * d).map { place in
                Mechanism(
                    parents: regulators[place], intercept: intercepts[place], weights: weights[place],
                    unitWeights: unitWeights[place], unitOffsets: unitOffsets[place], unitOutputs: unitOutputs[place],
                    covariates: own[place])
            }
            guard usual[graph].count == covariates,
                let whole = CausalMechanisms(
                    mechanisms: mechanisms, noise: Array(noise[graph * d..<(graph + 1) * d]),
                    usualCovariates: usual[graph])
            else {
                throw tensors.failure(
                    "mechanisms/regulators", "a graph without cycles expected, found one with a cycle")
            }
            return whole
        }
    }
}
