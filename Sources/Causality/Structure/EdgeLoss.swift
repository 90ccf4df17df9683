import Tensors

extension Tensor {
    /// Mean binary cross-entropy of the edges of which these are the logits, d × d, over the d(d − 1) ordered pairs of
    /// distinct genes, or over all d² where the diagonal is not masked. `graph` is d × d with 1 where i → j.
    func edgeCrossEntropy(graph: [Float], masksDiagonal: Bool = true) -> Tensor {
        let d = shape[0]
        precondition(shape == [d, d] && graph.count == d * d, "\(shape) logits and a graph of \(graph.count) values")
        precondition(d > 1 || !masksDiagonal, "one gene has no pairs")
        let weight = 1 / Float(masksDiagonal ? d * (d - 1) : d * d)
        let weights = (0..<d * d).map { masksDiagonal && $0 / d == $0 % d ? 0 : weight }
        let losses = binaryCrossEntropy(targets: tape.constant(graph, shape: [d, d]))
        return (losses * tape.constant(weights, shape: [d, d])).sum()
    }
}

extension EdgePredictor {
    /// What training makes small for one world: the cross-entropy of its edges, and how far the beliefs are from acyclic.
    /// - Parameter graph: d × d with 1 where i → j.
    public func loss(of logits: Tensor, graph: [Float]) -> Tensor {
        logits.edgeCrossEntropy(graph: graph, masksDiagonal: options.masksDiagonal)
    }

    /// See `spectralRadius(from:iterations:masksDiagonal:)`.
    public func cyclicity(of logits: Tensor, from start: PowerIterationStart, iterations: Int = 10) -> Tensor {
        logits.spectralRadius(from: start, iterations: iterations, masksDiagonal: options.masksDiagonal)
    }
}
