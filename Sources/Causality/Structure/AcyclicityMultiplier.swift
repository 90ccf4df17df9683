/// The Lagrange multiplier λ of the constraint h(P) = 0 (Lorch et al. 2022, section 4.3): the loss of a step is the
/// cross-entropy plus `value` times the mean cyclicity of its beliefs.
///
/// | paper | code | meaning |
/// |---|---|---|
/// | λ | `value` | starts at 0 and rises where beliefs stay cyclic |
/// | h | `cyclicity` | mean of a step's worlds, see `spectralRadius` |
/// | | `average` | running mean of max(h, 0); that of the first step to begin with |
/// | η_t | | ascent rate: in a line from 0 at step 0 to `rate` at `warmup`, and `rate` from there |
///
/// Every `interval` steps λ ← λ + η_t · average.
public struct AcyclicityMultiplier: Codable, Sendable, Equatable {
    public private(set) var value = 0.0
    public private(set) var average = 0.0
    private let rate: Double
    private let interval: Int
    private let warmup: Int
    private let averaging: Double

    public init(rate: Double = 1e-4, interval: Int = 500, warmup: Int = 50_000, averaging: Double = 1e-4) {
        precondition(rate >= 0 && interval > 0 && warmup > 0 && (0...1).contains(averaging), "no dual ascent")
        self.rate = rate
        self.interval = interval
        self.warmup = warmup
        self.averaging = averaging
    }

    /// To be called after each step, counted from 0, with the cyclicity that it found.
    public mutating func update(step: Int, cyclicity: Double) {
        let excess = max(0, cyclicity)
        average = step == 0 ? excess : (1 - averaging) * average + averaging * excess
        guard step % interval == 0 else { return }
        value += min(rate, rate * Double(step) / Double(warmup)) * average
    }
}
