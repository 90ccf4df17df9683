import Concurrency
import CKernels
import Foundation
import Matrices
import Probability

/// How each gene's value comes about, in control standard deviations from the control mean, and cells that follow from
/// it.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | f_j(A_·j ∘ x; θ_j) | `Mechanism` | genes | β₀ + Σ β_p x_p + Σ_r ω_r tanh(a_r · x_P + c_r) |
/// | σ_j | `noise` | genes | standard deviation of what regulators leave open |
/// | m_j, shift | `shifts` | genes | added to f_j |
/// | m_j, s_j, hard | `replacements` | genes | N(m_j, s_j²) in place of f_j + noise |
///
/// Source: Schneider et al. 2025, "Generative Intervention Models for Causal Perturbation Modeling", section on the
/// model.
/// Deviation from the paper: a shift leaves the scale of the noise as it is.
public struct CausalMechanisms: Codable, Sendable, Equatable {
    public struct Mechanism: Codable, Sendable, Equatable {
        /// Rising.
        public var parents: [Int]
        public var intercept: Float
        /// Of each parent.
        public var weights: [Float]
        /// parents × units, units, units.
        public var unitWeights: [Float]
        public var unitOffsets: [Float]
        public var unitOutputs: [Float]
        /// What the usual covariates add.
        public var covariates: [Float]

        public init(
            parents: [Int], intercept: Float, weights: [Float], unitWeights: [Float] = [], unitOffsets: [Float] = [],
            unitOutputs: [Float] = [], covariates: [Float] = []
        ) {
            self.parents = parents
            self.intercept = intercept
            self.weights = weights
            self.unitWeights = unitWeights
            self.unitOffsets = unitOffsets
            self.unitOutputs = unitOutputs
            self.covariates = covariates
        }

        var isLinear: Bool { unitOutputs.isEmpty }
    }

    /// A gene whose mechanism is replaced.
    public struct Replacement: Codable, Sendable, Equatable {
        public var gene: Int
        public var mean: Float
        public var deviation: Float

        public init(gene: Int, mean: Float, deviation: Float) {
            self.gene = gene
            self.mean = mean
            self.deviation = deviation
        }
    }

    public let mechanisms: [Mechanism]
    /// Standard deviations.
    public let noise: [Float]
    /// Causes first.
    public let order: [Int]
    /// Covariates of the cells that are meant where none are given.
    public let usualCovariates: [Float]

    public var isLinear: Bool { mechanisms.allSatisfy(\.isLinear) }
    private var genes: Int { mechanisms.count }
    /// The most units of one mechanism: what room they need a cell.
    var mostUnits: Int { mechanisms.map(\.unitOutputs.count).max() ?? 0 }

    /// Cells that one thread samples at a time, each stretch from a stream of its own.
    static let stretch = 512

    /// cells × genes.
    ///
    /// - Parameters:
    ///   - shifts: Of each gene.
    ///   - covariates: Of all cells; the usual ones where nil.
    public func sample(
        _ count: Int, shifts: [Float], replacements: [Replacement] = [], covariates: [Float]? = nil,
        stream: RandomStream, workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) -> Matrix<Float> {
        let d = genes
        let blocks = concurrentMap((count + Self.stretch - 1) / Self.stretch, workers: workers) { block in
            let n = min(Self.stretch, count - block * Self.stretch)
            var own = stream.stream(block)
            var values = own.normals(n * d)
            fill(&values, cells: n, shifts: shifts, replacements: replacements, covariates: covariates)
            return values
        }
        var result = Matrix<Float>(rows: count, columns: d)
        result.values.withUnsafeMutableBufferPointer { result in
            for (block, values) in blocks.enumerated() {
                let n = values.count / d
                values.withUnsafeBufferPointer { values in
                    for cell in 0..<n {
                        let row = (block * Self.stretch + cell) * d
                        for gene in 0..<d { result[row + gene] = values[gene * n + cell] }
                    }
                }
            }
        }
        return result
    }

    /// Turns standard normal noise into cells.
    /// - Parameters:
    ///   - values: genes × cells: noise, then values.
    ///   - genes: Those to be made, causes first; all where nil. The values of others are there already.
    func fill(
        _ values: inout [Float], cells n: Int, shifts: [Float], replacements: [Replacement] = [],
        covariates: [Float]? = nil, only genes: [Int]? = nil
    ) {
        precondition(
            shifts.count == order.count && values.count == n * order.count,
            "\(shifts.count) shifts of \(order.count) genes")
        guard n > 0 else { return }
        let replaced = Dictionary(replacements.map { ($0.gene, $0) }) { $1 }
        let covariates = covariates ?? usualCovariates
        var scratch = [Float](repeating: 0, count: n * mostUnits)
        values.withUnsafeMutableBufferPointer { values in
            scratch.withUnsafeMutableBufferPointer { scratch in
                for gene in genes ?? order {
                    let own = values.baseAddress! + gene * n
                    if let replacement = replaced[gene] {
                        kernel_affine(own, replacement.deviation, replacement.mean, own, n)
                        continue
                    }
                    let mechanism = mechanisms[gene]
                    kernel_affine(own, noise[gene], mechanism.constant(covariates) + shifts[gene], own, n)
                    mechanism.addParents(own, values.baseAddress!, scratch.baseAddress, cells: n)
                }
            }
        }
    }

    /// How far interventions move the mean of each gene: exact where mechanisms are linear, else the mean difference of
    /// cells sampled with the same noise, in pairs of opposite noise.
    public func meanShift(
        of shifts: [Float], replacements: [Replacement] = [], cells: Int = 400,
        stream: RandomStream = RandomStream(seed: 0)
    ) -> [Float] {
        PairedCells(self, count: cells, stream: stream).meanShift(of: shifts, replacements: replacements)
    }

    func linearShift(of shifts: [Float], _ replacements: [Replacement]) -> [Float] {
        let replaced = Dictionary(replacements.map { ($0.gene, $0) }) { $1 }
        var base = [Double](repeating: 0, count: genes)
        var changed = base
        for gene in order {
            let mechanism = mechanisms[gene]
            let constant = zip(mechanism.covariates, usualCovariates).reduce(Double(mechanism.intercept)) {
                $0 + Double($1.0) * Double($1.1)
            }
            base[gene] = constant
            changed[gene] = constant + Double(shifts[gene])
            for (parent, weight) in zip(mechanism.parents, mechanism.weights) {
                base[gene] += Double(weight) * base[parent]
                changed[gene] += Double(weight) * changed[parent]
            }
            if let replacement = replaced[gene] { changed[gene] = Double(replacement.mean) }
        }
        return zip(changed, base).map { Float($0 - $1) }
    }
}

extension CausalMechanisms.Mechanism {
    /// What no parent changes.
    func constant(_ values: [Float]) -> Float {
        zip(covariates, values).reduce(intercept) { $0 + $1.0 * $1.1 }
    }

    /// Adds what the parents give.
    /// - Parameters:
    ///   - values: genes × cells.
    ///   - scratch: Room for units × cells.
    func addParents(
        _ own: UnsafeMutablePointer<Float>, _ values: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>?,
        cells n: Int
    ) {
        for (parent, weight) in zip(parents, weights) { kernel_accumulate(own, weight, values + parent * n, n) }
        if !isLinear, let scratch { addUnits(own, values, scratch, cells: n) }
    }

    /// Adds what the units give.
    /// - Parameters:
    ///   - values: genes × cells.
    ///   - scratch: Room for units × cells.
    private func addUnits(
        _ own: UnsafeMutablePointer<Float>, _ values: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>,
        cells n: Int
    ) {
        let count = unitOutputs.count
        for unit in 0..<count {
            let column = scratch + unit * n
            // A unit of another parent alone has weight 0 elsewhere.
            var isFirst = true
            for (place, parent) in parents.enumerated() where unitWeights[place * count + unit] != 0 {
                let weight = unitWeights[place * count + unit]
                if isFirst {
                    kernel_affine(values + parent * n, weight, unitOffsets[unit], column, n)
                } else {
                    kernel_accumulate(column, weight, values + parent * n, n)
                }
                isFirst = false
            }
            if isFirst { column.update(repeating: unitOffsets[unit], count: n) }
        }
        kernel_tanh(scratch, scratch, n * count)
        for unit in 0..<count { kernel_accumulate(own, unitOutputs[unit], scratch + unit * n, n) }
    }
}
