/// How the networks of generators are made and trained.
public struct NetworkOptions: Codable, Sendable, Equatable {
    /// Networks of an ensemble of mixtures; a draw is from one of them, chosen at random.
    public var members = 3
    /// Components of a mixture of normals.
    public var components = 8
    /// Hidden units in each of two layers, and from how many encoded inputs on the larger number is taken.
    public var width = 64
    public var wideWidth = 128
    public var wideFrom = 20
    /// The smallest standard deviation of a component, in units of what linear regression leaves.
    public var smallestDeviation = 0.04
    /// Steps of training at most, and rows in each.
    public var steps = 2000
    public var batch = 256
    /// At its highest; it falls along half a cosine to 0.
    public var learningRate = 2e-3
    public var weightDecay = 1e-4
    /// Share of the rows that is kept back to stop by, and how many rows at most.
    public var heldOut = 0.12
    public var mostHeldOut = 4000
    /// Steps between two looks at the rows kept back, and looks without a better one after which training ends.
    public var interval = 100
    public var patience = 6
    /// Hidden units in each of the three layers of flow matching and diffusion, and their steps.
    public var fieldWidth = 128
    public var fieldSteps = 4000
    /// Steps of Heun's method from noise to a draw of flow matching.
    public var flowSteps = 20
    /// Levels of noise of diffusion in training, and steps of a draw (DDIM).
    public var diffusionLevels = 1000
    public var diffusionSteps = 50

    public init() {}
}
