import Graphs

extension CausalMechanisms {
    /// - Parameter mechanisms: Of an acyclic graph.
    init(_ mechanisms: [Mechanism], variances: [Double], usualCovariates: [Float]) {
        let noise = variances.map { Float($0.squareRoot()) }
        guard let whole = CausalMechanisms(mechanisms: mechanisms, noise: noise, usualCovariates: usualCovariates)
        else { preconditionFailure("regulators that close a cycle") }
        self = whole
    }

    /// nil where regulators close a cycle.
    public init?(mechanisms: [Mechanism], noise: [Float], usualCovariates: [Float] = []) {
        let graph = DirectedGraph(
            nodeCount: mechanisms.count,
            edges: mechanisms.indices.flatMap { target in mechanisms[target].parents.map { Edge($0, target) } })
        guard let order = graph.topologicalOrder else { return nil }
        self.init(mechanisms: mechanisms, noise: noise, order: order, usualCovariates: usualCovariates)
    }
}

extension CausalMechanisms.Mechanism {
    /// Of a regression on the columns of a screen's sums.
    init(_ regression: RegressionSummary, _ system: ResponseSystem, basis: MechanismBasis) {
        let d = system.genes
        let terms = regression.terms.filter { system.gene(ofColumn: $0.column) != nil }
        let parents = Set(terms.map { ($0.column - 1) % d }).sorted()
        self.init(
            parents: parents, intercept: 0, weights: parents.map { _ in 0 }, unitWeights: [], unitOffsets: [],
            unitOutputs: [], covariates: Array(repeating: 0, count: system.covariates))
        let bent = terms.filter { $0.column > d }
        unitWeights = Array(repeating: 0, count: parents.count * bent.count)
        for (unit, term) in bent.enumerated() {
            let curve = basis.curves[(term.column - 1) / d - 1]
            unitWeights[parents.firstIndex(of: (term.column - 1) % d)! * bent.count + unit] = curve.slope
            unitOffsets.append(curve.offset)
            unitOutputs.append(Float(term.coefficient))
        }
        for term in regression.terms {
            if term.column == 0 {
                intercept = Float(term.coefficient)
            } else if term.column <= d {
                weights[parents.firstIndex(of: term.column - 1)!] = Float(term.coefficient)
            } else if system.gene(ofColumn: term.column) == nil {
                covariates[term.column - 1 - d * system.curves] = Float(term.coefficient)
            }
        }
    }

    /// Of a regression on random units.
    init(_ regression: RegressionSummary, parents: [Int], _ problem: UnitProblem) {
        let count = problem.units.count(parents: parents.count)
        let coefficients = regression.terms.sorted { $0.column < $1.column }.map { Float($0.coefficient) }
        let firstUnit = 1 + parents.count
        self.init(
            parents: parents, intercept: coefficients[0], weights: Array(coefficients[1..<firstUnit]),
            unitWeights: parents.flatMap { parent in
                problem.units.weights[parent * problem.units.count..<parent * problem.units.count + count]
            },
            unitOffsets: Array(problem.units.offsets[..<count]),
            unitOutputs: Array(coefficients[firstUnit..<firstUnit + count]),
            covariates: Array(coefficients[(firstUnit + count)...]))
    }
}
