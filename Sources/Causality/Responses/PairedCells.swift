import CKernels
import Probability

/// Mean shifts of many interventions on one graph: exact where mechanisms are linear, else mean differences of cells with
/// the same noise, in pairs of opposite noise.
///
/// Undisturbed cells are made once; of each intervention only the genes that it reaches are made anew.
public struct PairedCells: Sendable {
    private let mechanisms: CausalMechanisms
    private let count: Int
    /// genes × cells: standard normal noise, and what follows from it without interventions; empty where mechanisms are
    /// linear.
    private let noise: [Float]
    private let undisturbed: [Float]

    public init(_ mechanisms: CausalMechanisms, count: Int, stream: RandomStream) {
        self.mechanisms = mechanisms
        let half = max(1, count / 2)
        self.count = 2 * half
        guard !mechanisms.isLinear else {
            (noise, undisturbed) = ([], [])
            return
        }
        let genes = mechanisms.mechanisms.count
        var own = stream.stream("mean shift")
        let normals = own.normals(half * genes)
        let noise = (0..<genes).flatMap { gene -> [Float] in
            let normals = normals[gene * half..<(gene + 1) * half]
            return normals + normals.map { -$0 }
        }
        var values = noise
        mechanisms.fill(&values, cells: 2 * half, shifts: [Float](repeating: 0, count: genes))
        self.noise = noise
        undisturbed = values
    }

    /// How far interventions move the mean of each gene.
    public func meanShift(of shifts: [Float], replacements: [CausalMechanisms.Replacement] = []) -> [Float] {
        if mechanisms.isLinear { return mechanisms.linearShift(of: shifts, replacements) }
        let reached = mechanisms.genes(reachedBy: shifts, replacements)
        var values = undisturbed
        for gene in reached {
            values.replaceSubrange(gene * count..<(gene + 1) * count, with: noise[gene * count..<(gene + 1) * count])
        }
        mechanisms.fill(&values, cells: count, shifts: shifts, replacements: replacements, only: reached)
        var result = [Float](repeating: 0, count: shifts.count)
        for gene in reached {
            let range = gene * count..<(gene + 1) * count
            let difference = zip(values[range], undisturbed[range]).reduce(0.0) { $0 + Double($1.0) - Double($1.1) }
            result[gene] = Float(difference / Double(count))
        }
        return result
    }
}

extension CausalMechanisms {
    /// Those that an intervention reaches, causes first.
    func genes(reachedBy shifts: [Float], _ replacements: [Replacement]) -> [Int] {
        var isReached = shifts.map { $0 != 0 }
        for replacement in replacements { isReached[replacement.gene] = true }
        for gene in order where mechanisms[gene].parents.contains(where: { isReached[$0] }) { isReached[gene] = true }
        return order.filter { isReached[$0] }
    }
}
