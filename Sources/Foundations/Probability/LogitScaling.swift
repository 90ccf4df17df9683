import Foundation

/// A straight line that brings logits in step with how often their statements are true.
///
/// | paper | code | meaning |
/// |---|---|---|
/// | f | `logit` | what the classifier says |
/// | −A | `slope` | below 1 where the classifier is too sure of itself; its inverse is called temperature |
/// | −B | `offset` | above 0 where it says yes too rarely |
///
/// Source: Platt 1999, "Probabilistic outputs for support vector machines", equation 1.
/// Deviation from the paper: the targets are 0 and 1 themselves, not drawn towards the middle; there are many.
public struct LogitScaling: Codable, Sendable, Equatable {
    public var slope: Double
    public var offset: Double

    public static let identity = LogitScaling(slope: 1, offset: 0)

    public init(slope: Double, offset: Double) {
        self.slope = slope
        self.offset = offset
    }

    public func callAsFunction(_ logit: Double) -> Double { slope * logit + offset }

    /// The line of largest likelihood, by Newton's method with steps halved until they help.
    ///
    /// The identity where there is none that keeps the order of the logits: all statements are true or all false, or true
    /// ones do not have larger logits than false ones.
    public init(logits: [Double], truths: [Bool]) {
        precondition(logits.count == truths.count, "\(logits.count) logits and \(truths.count) truths")
        self = .identity
        guard truths.contains(true), truths.contains(false) else { return }
        var line = self
        var loss = line.loss(logits, truths)
        for _ in 0..<Self.iterations {
            guard let step = line.newtonStep(logits, truths) else { break }
            var share = 1.0
            var next = line.moved(by: step, share: share)
            while next.loss(logits, truths) > loss, share > 1e-6 {
                share /= 2
                next = line.moved(by: step, share: share)
            }
            let gain = loss - next.loss(logits, truths)
            guard gain >= 0 else { break }
            (line, loss) = (next, loss - gain)
            if gain <= 1e-15 * Double(logits.count) { break }
        }
        if line.slope > 0 { self = line }
    }

    /// Newton's method doubles the correct digits in each; where the statements can be told apart without error the slope
    /// grows without end, and this is where it stops.
    private static let iterations = 30

    private func moved(by step: (slope: Double, offset: Double), share: Double) -> LogitScaling {
        LogitScaling(slope: slope + share * step.slope, offset: offset + share * step.offset)
    }

    /// −ln of the likelihood.
    private func loss(_ logits: [Double], _ truths: [Bool]) -> Double {
        zip(logits, truths).reduce(0) { $0 + softplus($1.1 ? -self($1.0) : self($1.0)) }
    }

    /// −H⁻¹ ∇ of the loss; nil where the curvature is gone.
    private func newtonStep(_ logits: [Double], _ truths: [Bool]) -> (slope: Double, offset: Double)? {
        var (g0, g1, h00, h01, h11) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (logit, isTrue) in zip(logits, truths) {
            let p = 1 / (1 + exp(-self(logit)))
            let (residual, weight) = (p - (isTrue ? 1 : 0), p * (1 - p))
            g0 += residual * logit
            g1 += residual
            h00 += weight * logit * logit
            h01 += weight * logit
            h11 += weight
        }
        let determinant = h00 * h11 - h01 * h01
        guard determinant > 1e-12 * h00 * h11, determinant.isNormal else { return nil }
        return (-(h11 * g0 - h01 * g1) / determinant, -(h00 * g1 - h01 * g0) / determinant)
    }
}
