import Matrices
import Networks
import Probability
import Structure
import Tensors

extension EdgePredictor {
    /// The network of the published width with its weights out of a file, whose later blocks are let be where it has more.
    static func loaded(_ file: SafeTensors, layers: Int) throws -> (EdgePredictor, Weights) {
        var options = EdgePredictorOptions()
        options.layers = layers
        options.dropout = 0
        var weights = Weights()
        let network = EdgePredictor(options, weights: &weights, stream: nil)
        try weights.load(SafeTensors(entries: file.entries.filter { weights[$0.name] != nil }))
        return (network, weights)
    }

    static func loaded(_ file: SafeTensors) throws -> (EdgePredictor, Weights) {
        try loaded(file, layers: file.entries.count { $0.name.hasSuffix(".query.weight") } / 2)
    }
}

/// From a matrix of values and interventions to the logits of edges.
struct InferenceWork: Work {
    private let weights: Weights
    private let network: EdgePredictor
    private let values: Matrix<Float>
    private let interventions: Matrix<Float>
    private let workers: Int

    init(weights file: SafeTensors, data: SafeTensors, workers: Int) throws {
        (network, weights) = try EdgePredictor.loaded(file)
        let worlds = try data.worlds()
        (values, interventions) = (worlds[0].values, worlds[0].interventions)
        self.workers = workers
    }

    func step() -> StepResult {
        let x = network.options.input.encoded(values: values, interventions: interventions)
        let logits = network.logits(
            of: x, cells: values.rows, genes: values.columns, weights: weights, workers: workers)
        let d = values.columns
        return StepResult { logits.indices.filter { $0 / d != $0 % d }.map { logits[$0] } }
    }
}

/// A step of training over a batch of worlds: loss with the acyclicity, gradient, clipping and LAMB.
final class TrainingWork: Work {
    private var weights: Weights
    private var optimiser: Optimiser
    private let network: EdgePredictor
    private let worlds: [World]
    private let workers: Workers
    private var steps = 0

    init(weights file: SafeTensors, data: SafeTensors, workers: Int) throws {
        (network, weights) = try EdgePredictor.loaded(file)
        worlds = try data.worlds()
        // The rate of the published training, for 27 datasets on each of 8 machines.
        optimiser = Optimiser(.lamb(learningRate: 3e-5 * (27.0 * 8).squareRoot()), weights: weights)
        self.workers = Workers(count: workers)
    }

    func step() -> StepResult {
        steps += 1
        let (network, worlds) = (network, worlds)
        let starts = RandomStream(seed: 0).stream("power iteration").stream(steps)
        // As at the begin of a training, where the multiplier of the constraint is 0.
        let multiplier: Float = 0
        var (loss, gradient) = weights.meanGradient(items: worlds.count, workers: workers) { tape, item in
            let world = worlds[item]
            let (n, d) = (world.values.rows, world.values.columns)
            let x = network.options.input.encoded(values: world.values, interventions: world.interventions)
            let logits = network.logits(tape.constant(x, shape: [n, d, 2]))
            let cyclicity = network.cyclicity(
                of: logits, from: PowerIterationStart(count: d, stream: starts.stream(item)))
            return network.loss(of: logits, graph: world.graph) + multiplier * cyclicity
        }
        clipByNorm(&gradient, limit: 1, workers: workers)
        optimiser.update(&weights, gradient: gradient, workers: workers)
        return StepResult(loss: loss) { [Float(loss)] }
    }
}

struct World: Sendable {
    let values: Matrix<Float>
    let interventions: Matrix<Float>
    /// d × d with 1 where i → j.
    let graph: [Float]
}

extension SafeTensors {
    /// x: worlds × n × d × 2; graph: worlds × d × d.
    func worlds() throws -> [World] {
        let (x, graphs) = try (required("x"), required("graph"))
        let (n, d) = (x.shape[1], x.shape[2])
        return (0..<x.shape[0]).map { world in
            func channel(_ channel: Int) -> Matrix<Float> {
                Matrix(rows: n, columns: d, values: (0..<n * d).map { x.values[2 * (world * n * d + $0) + channel] })
            }
            return World(
                values: channel(0), interventions: channel(1),
                graph: Array(graphs.values[world * d * d..<(world + 1) * d * d]))
        }
    }
}
