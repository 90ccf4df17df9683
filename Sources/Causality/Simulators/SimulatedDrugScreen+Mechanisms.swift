import Graphs
import Matrices
import Probability

extension SimulatedDrugScreen {
    static func mechanism(
        parents: Int, _ options: DrugScreenOptions, _ stream: inout RandomStream
    ) -> Mechanism {
        let scale = 1 / Double(max(1, parents)).squareRoot()
        func weight(_ stream: inout RandomStream) -> Double {
            let size = stream.uniform(options.weights.lowerBound, options.weights.upperBound)
            return stream.bernoulli(0.5) ? size : -size
        }
        switch options.mechanism {
        case .linear:
            return .linear(weights: (0..<parents).map { _ in Float(weight(&stream) * scale) }, bias: 0)
        case .perceptron:
            // Slopes of one over the usual spread of the values, 0.5 or 1, reach the tangent's bend. Offsets move the
            // mean, which is taken out where values are standardised.
            let units = 8
            let slope = options.standardised ? 1.0 : 2.0
            return .perceptron(
                hidden: (0..<units * parents).map { _ in Float(slope * stream.normal() * scale) },
                offsets: (0..<units).map { _ in options.standardised ? Float(0.5 * stream.normal()) : 0 },
                outer: (0..<units).map { _ in Float(weight(&stream) / Double(units).squareRoot()) }, bias: 0)
        }
    }

    /// Mechanisms whose values have mean 0 and standard deviation 1 over 4,096 undisturbed cells, those of regulators
    /// first; one that is constant there, as without regulators, becomes 0.
    static func standardised(
        _ mechanisms: [Mechanism], _ graph: DirectedGraph, noiseScales: [Double], stream: RandomStream
    ) -> [Mechanism] {
        let n = 4096
        var result = mechanisms
        var columns = Matrix<Float>(rows: mechanisms.count, columns: n)
        var values = Array(repeating: Float(0), count: n)
        for gene in graph.topologicalOrder ?? [] {
            var own = stream.stream(gene)
            let parents = graph.parents[gene]
            mechanisms[gene].evaluate(parents: parents, columns: columns.values, rows: n, output: &values)
            let mean = values.reduce(0) { $0 + Double($1) } / Double(n)
            let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(n)
            // Rounding leaves a constant some variance.
            let deviation = variance > 1e-12 ? variance.squareRoot() : 1
            result[gene] = mechanisms[gene].standardised(mean: mean, deviation: deviation)
            result[gene].evaluate(parents: parents, columns: columns.values, rows: n, output: &values)
            for cell in 0..<n { columns[gene, cell] = values[cell] + Float(noiseScales[gene] * own.normal()) }
        }
        return result
    }
}
