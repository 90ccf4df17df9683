import Networks
import Tensors

/// Two blocks of an AVICI network, one over the variables and one over the observations, on values [n, d, width].
struct BlockWork: Work {
    private let weights: Weights
    private let blocks: [Block]
    private let shape: [Int]
    private let input: [Float]
    private let cotangent: [Float]
    private let gradient: Bool
    private let workers: Int
    private let arena = Arena()

    init(_ file: SafeTensors, gradient: Bool, workers: Int) throws {
        var weights = Weights()
        blocks = try (0..<2).map { try Block($0, file, &weights) }
        self.weights = weights
        let z = try file.required("data/z")
        (shape, input) = (z.shape, z.values)
        cotangent = try file.required("data/cotangent").values
        self.gradient = gradient
        self.workers = workers
    }

    func step() -> () -> [Float] {
        let tape = Tape(weights: weights, recording: gradient, workers: workers, arena: arena)
        let z = tape.variable(input, shape: shape)
        // The axes of values [n, d, width]: 1 is the variables.
        let y = blocks[1](blocks[0](z, axis: 1), axis: 0)
        guard gradient else { return { y.values } }
        tape.backward(from: (y * tape.constant(cotangent, shape: shape)).sum())
        return { tape.gradient(of: z) }
    }
}

/// One block out of the operations of `Tensors`, from the weights of the package `avici`.
private struct Block {
    private struct Norm { let scale, shift: Parameter }
    private struct Layer { let weight, bias: Parameter }
    private let norms: [Norm]
    private let projections: [Layer]
    private let output, up, down: Layer

    init(_ index: Int, _ file: SafeTensors, _ weights: inout Weights) throws {
        func add(_ name: String) throws -> Parameter {
            let entry = try file.required("BaseModel/\(name)")
            return weights.add(name, shape: entry.shape, values: entry.values)
        }
        func layer(_ name: String) throws -> Layer { try Layer(weight: add("\(name)/w"), bias: add("\(name)/b")) }
        func numbered(_ name: String, _ number: Int) -> String { number == 0 ? name : "\(name)_\(number)" }
        norms = try (4 * index..<4 * index + 4).map {
            let name = numbered("layer_norm", $0)
            return try Norm(scale: add("\(name)/scale"), shift: add("\(name)/offset"))
        }
        let attention = numbered("multi_head_attention", index)
        projections = try ["query", "key", "value"].map { try layer("\(attention)/\($0)") }
        output = try layer("\(attention)/linear")
        up = try layer(numbered("linear", 2 * index + 1))
        down = try layer(numbered("linear", 2 * index + 2))
    }

    func callAsFunction(_ z: Tensor, axis: Int) -> Tensor {
        func apply(_ layer: Layer, _ x: Tensor) -> Tensor {
            x.linear(weight: x.tape.parameter(layer.weight), bias: x.tape.parameter(layer.bias))
        }
        func apply(_ norm: Norm, _ x: Tensor) -> Tensor {
            x.layerNorm(scale: x.tape.parameter(norm.scale), shift: x.tape.parameter(norm.shift))
        }
        let packed = Tensor.concatenated(zip(projections, norms).map { apply($0, apply($1, z)) }, axis: -1)
        let y = z + apply(output, packed.selfAttention(heads: 8, axis: axis))
        return y + apply(down, apply(up, apply(norms[3], y)).relu())
    }
}
