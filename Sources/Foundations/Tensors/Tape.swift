import CKernels

/// Records operations as they are carried out, and runs back through them for the gradients.
///
/// Eager reverse mode: an operation on `Tensor`s computes its value at once and leaves its adjoint on the tape;
/// `backward(from:)` calls the adjoints in reverse. The operations are coarse (a matrix product, an attention, a layer
/// norm), because each costs about a microsecond beside its work. A tape serves one step of one thread: workers that run
/// side by side have a tape and an arena each.
public final class Tape {
    /// False for inference: nothing is kept beyond the values in use.
    public let recording: Bool
    /// Threads that share the work of one operation. Where whole items run side by side, each has a tape of one worker.
    public let workers: Int
    let arena: Arena
    private let parameterValues: Storage?
    private let weightCount: Int
    private var weightGradient: Storage?
    private var nodes: [Node] = []
    /// The gradient of the result whose adjoint is running.
    private var current: Storage?

    /// One recorded value. The gradient appears when an adjoint first adds to it.
    private struct Node {
        var count: Int
        var gradient: Storage?
        var adjoint: ((Tape, UnsafeMutablePointer<Float>) -> Void)?
        /// Leaves keep their gradient after the way back.
        var isLeaf: Bool
    }

    public init(weights: Weights = Weights(), recording: Bool = true, workers: Int = 1, arena: Arena = Arena()) {
        precondition(workers > 0, "a tape of \(workers) workers")
        self.recording = recording
        self.workers = workers
        self.arena = arena
        weightCount = weights.count
        if weights.count > 0 {
            let storage = arena.storage(weights.count)
            weights.values.withUnsafeBufferPointer {
                storage.pointer.update(from: $0.baseAddress!, count: weights.count)
            }
            parameterValues = storage
        } else {
            parameterValues = nil
        }
    }

    /// A parameter's value, of which `backward` gives the gradient.
    public func parameter(_ parameter: Parameter) -> Tensor {
        guard let parameterValues, parameter.range.upperBound <= weightCount else {
            preconditionFailure(
                "parameter \(parameter.shape) at \(parameter.offset) is not of these \(weightCount) weights")
        }
        let value = Storage(partOf: parameterValues, offset: parameter.offset, count: parameter.count)
        guard recording else { return Tensor(tape: self, storage: value, shape: parameter.shape, node: nil) }
        let all = weightGradient ?? arena.zeros(weightCount)
        weightGradient = all
        let gradient = Storage(partOf: all, offset: parameter.offset, count: parameter.count)
        nodes.append(Node(count: parameter.count, gradient: gradient, adjoint: nil, isLeaf: true))
        return Tensor(tape: self, storage: value, shape: parameter.shape, node: nodes.count - 1)
    }

    /// A value without gradient.
    public func constant(_ values: [Float], shape: [Int]) -> Tensor { input(values, shape: shape, tracked: false) }

    /// A single number without gradient, of shape [].
    public func constant(_ value: Float) -> Tensor { constant([value], shape: []) }

    /// A value whose gradient can be asked for with `gradient(of:)` after `backward`.
    public func variable(_ values: [Float], shape: [Int]) -> Tensor { input(values, shape: shape, tracked: recording) }

    /// Runs back from a loss of one value and empties the tape.
    /// - Returns: ∂loss/∂weights in the layout of `Weights.values`; parameters that the loss does not use have zeros.
    @discardableResult public func backward(from loss: Tensor) -> [Float] {
        precondition(recording, "a tape that records nothing has no way back")
        precondition(loss.count == 1, "the way back starts from one number, not from \(loss.shape)")
        precondition(loss.tape === self, "the loss lies on another tape")
        if let node = loss.node {
            gradient(node)![0] += 1
            for index in stride(from: node, through: 0, by: -1) {
                guard let gradient = nodes[index].gradient, let adjoint = nodes[index].adjoint else { continue }
                nodes[index].adjoint = nil
                nodes[index].gradient = nil
                current = gradient
                adjoint(self, gradient.pointer)
            }
            current = nil
        }
        for index in nodes.indices { nodes[index].adjoint = nil }
        return weightGradient.map { Array($0.buffer) } ?? Array(repeating: 0, count: weightCount)
    }

    /// ∂loss/∂variable, after `backward`; the shape is the variable's.
    public func gradient(of variable: Tensor) -> [Float] {
        precondition(variable.tape === self, "the variable lies on another tape")
        guard let node = variable.node, nodes[node].isLeaf else {
            preconditionFailure("gradients are kept for variables and parameters of a recording tape only")
        }
        return nodes[node].gradient.map { Array($0.buffer) } ?? Array(repeating: 0, count: variable.count)
    }

    private func input(_ values: [Float], shape: [Int], tracked: Bool) -> Tensor {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values for the shape \(shape)")
        let storage = arena.storage(values.count)
        values.withUnsafeBufferPointer {
            if let base = $0.baseAddress { storage.pointer.update(from: base, count: values.count) }
        }
        guard tracked else { return Tensor(tape: self, storage: storage, shape: shape, node: nil) }
        nodes.append(Node(count: values.count, gradient: nil, adjoint: nil, isLeaf: true))
        return Tensor(tape: self, storage: storage, shape: shape, node: nodes.count - 1)
    }
}

// What the operations use.
extension Tape {
    /// The result of an operation on `inputs`. `adjoint` gets ∂loss/∂result, which it may overwrite, and adds to
    /// `gradient(_:)` of each input's node; it holds storages and node numbers, never tensors, which would hold the tape.
    func record(
        _ storage: Storage, shape: [Int], inputs: [Tensor],
        adjoint: @autoclosure () -> (Tape, UnsafeMutablePointer<Float>) -> Void
    ) -> Tensor {
        for input in inputs { precondition(input.tape === self, "an operation combines tensors of one tape") }
        guard recording, inputs.contains(where: { $0.node != nil }) else {
            return Tensor(tape: self, storage: storage, shape: shape, node: nil)
        }
        nodes.append(Node(count: storage.count, gradient: nil, adjoint: adjoint(), isLeaf: false))
        return Tensor(tape: self, storage: storage, shape: shape, node: nodes.count - 1)
    }

    /// Where to add an input's gradient; nil where none is wanted.
    func gradient(_ node: Int?) -> UnsafeMutablePointer<Float>? {
        guard let node else { return nil }
        if let gradient = nodes[node].gradient { return gradient.pointer }
        let gradient = arena.zeros(nodes[node].count)
        nodes[node].gradient = gradient
        return gradient.pointer
    }

    /// Where an input's gradient goes for an adjoint that can also overwrite: with `adding` false the memory holds
    /// nothing yet and must be filled, unless `zeroed` asks for memory to add to; nil where no gradient is wanted.
    func target(
        _ node: Int?, zeroed: Bool = false
    ) -> (pointer: UnsafeMutablePointer<Float>, adding: Bool)? {
        guard let node else { return nil }
        if zeroed { return gradient(node).map { ($0, true) } }
        if let gradient = nodes[node].gradient { return (gradient.pointer, true) }
        let gradient = arena.storage(nodes[node].count)
        nodes[node].gradient = gradient
        return (gradient.pointer, false)
    }

    /// The result's gradient, as it stands now, is this input's too: its memory is handed on where nothing was added yet.
    /// The last thing that an adjoint does, and for one input only.
    func passOn(to node: Int?) {
        guard let node, let current else { return }
        precondition(nodes[node].count == current.count, "a gradient of another size is handed on")
        if let gradient = nodes[node].gradient {
            kernel_accumulate(gradient.pointer, 1, current.pointer, current.count)
        } else {
            nodes[node].gradient = current
        }
    }
}
