import Networks
import Probability
import Tensors

/// A distribution of one node given others, learnt from rows: the models of which ID-GEN's sampling networks are made
/// (Rahman et al. 2024, "Conditional generative models are sufficient to sample from any causal effect estimand").
public protocol ConditionalGenerator: Sendable {
    static var form: GeneratorForm { get }
    var outcome: Node { get }
    /// In the order of the encoded values.
    var inputs: [Node] { get }
    var training: TrainingReport { get }

    /// One draw for each row of `inputs`, whose columns are found by name.
    ///
    /// Rows are cut into chunks that each have a stream of their own, so the result has the same bytes at any number of
    /// threads.
    func draw(given inputs: NodeTable, stream: RandomStream, workers: Int?) -> NodeColumn

    /// ln p(outcome | inputs) of each row, in nats: a probability for categories, a density in the units of the data
    /// for others (of ln(1 + y) where counts are positive); nil where the model has none.
    func logDensity(of outcome: NodeColumn, given inputs: NodeTable) -> [Double]?

    /// All that was learnt, for a file.
    var tensors: [SafeTensors.Entry] { get }

    /// The same generator from its tensors.
    init(outcome: Node, inputs: [Node], training: TrainingReport, tensors: StoredTensors) throws(GeneratorError)
}

/// The kinds of generators.
public enum GeneratorForm: String, Sendable, Codable, CaseIterable {
    /// Rows of the data drawn again: nodes without inputs.
    case resampling
    /// Relative frequencies in every stratum of discrete inputs, with pseudo-counts.
    case table
    /// Linear regression with normal noise.
    case linearGaussian = "linear-gaussian"
    /// A network that gives the parameters of a mixture density, of probabilities, or of a hurdle.
    case mixture
    /// Flow matching.
    case flow
    /// Denoising diffusion.
    case diffusion

    var type: any ConditionalGenerator.Type {
        switch self {
        case .resampling: ResamplingGenerator.self
        case .table: TableGenerator.self
        case .linearGaussian: LinearGaussianGenerator.self
        case .mixture: MixtureGenerator.self
        case .flow: FlowGenerator.self
        case .diffusion: DiffusionGenerator.self
        }
    }
}

/// How the training of one generator went.
public struct TrainingReport: Sendable, Codable, Equatable {
    public var form: GeneratorForm
    /// Rows that it learnt from, and rows kept back to judge and to stop by.
    public var rows: Int
    public var heldOutRows: Int
    /// Mean ln p of the rows kept back, in nats, and its standard error; nil where the model has no density.
    public var heldOutLogDensity: Double?
    public var standardError: Double?
    /// Mean ln p of other forms that were tried on the same rows.
    public var alternatives: [String: Double] = [:]
    /// Steps of training that the best weights took, a number a network.
    public var steps: [Int] = []

    public init(form: GeneratorForm, rows: Int, heldOutRows: Int = 0) {
        self.form = form
        self.rows = rows
        self.heldOutRows = heldOutRows
    }
}

/// Tensors of one generator of a file.
public struct StoredTensors {
    private let entries: [String: SafeTensors.Entry]
    private let owner: String

    /// - Parameter owner: Named in errors.
    public init(_ tensors: SafeTensors, prefix: String = "", owner: String) {
        entries = Dictionary(
            uniqueKeysWithValues: tensors.entries.filter { $0.name.hasPrefix(prefix) }.map {
                (String($0.name.dropFirst(prefix.count)), $0)
            })
        self.owner = owner
    }

    public func mismatch(_ message: String) -> GeneratorError {
        GeneratorError(
            code: "MISMATCH", element: owner, message: message,
            remedy: "use a folder that this version wrote, whole and unchanged, or train anew")
    }

    /// How many steps a flow or a diffusion takes.
    func steps() throws(GeneratorError) -> Int {
        let steps = try values("steps", shape: [1])[0]
        guard (1...1e6).contains(steps) else { throw mismatch("expected steps, found \(steps)") }
        return Int(steps)
    }

    /// The tensor of that name; lengths of −1 in `shape` may be any.
    public func entry(_ name: String, shape: [Int]) throws(GeneratorError) -> SafeTensors.Entry {
        guard let entry = entries[name] else { throw mismatch("expected a tensor \(name), found none") }
        guard entry.shape.count == shape.count, zip(entry.shape, shape).allSatisfy({ $1 == -1 || $0 == $1 }) else {
            throw mismatch("expected \(name) of the shape \(shape), found \(entry.shape)")
        }
        guard entry.values.allSatisfy(\.isFinite) else {
            throw mismatch("expected finite values of \(name), found others")
        }
        return entry
    }

    public func values(_ name: String, shape: [Int]) throws(GeneratorError) -> [Float] {
        try entry(name, shape: shape).values
    }

    /// Weights of the layout of `weights`.
    func weights(like weights: Weights, prefix: String) throws(GeneratorError) -> Weights {
        var result = weights
        for (name, parameter) in zip(weights.names, weights.parameters) {
            result[parameter] = try values(prefix + name, shape: parameter.shape)
        }
        return result
    }
}
