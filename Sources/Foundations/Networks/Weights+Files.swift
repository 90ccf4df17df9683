import Tensors

extension Weights {
    /// The parameters as tensors of a file, each name behind `prefix`.
    public func entries(prefix: String = "") -> [SafeTensors.Entry] {
        zip(names, parameters).map { SafeTensors.Entry(name: prefix + $0, shape: $1.shape, values: self[$1]) }
    }

    /// Takes the values of a file that has every parameter in its shape; other tensors of the file are let be.
    public mutating func load(_ tensors: SafeTensors, prefix: String = "", file: String? = nil) throws {
        let found = Dictionary(tensors.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var loaded = values
        for (name, parameter) in zip(names, parameters) {
            guard let entry = found[prefix + name] else {
                throw WeightsError(
                    code: "MISMATCH", file: file, element: prefix + name,
                    message: "expected a tensor of shape \(parameter.shape), found none",
                    remedy: "use weights of the same kind of network and the same settings")
            }
            guard entry.shape == parameter.shape else {
                throw WeightsError(
                    code: "MISMATCH", file: file, element: prefix + name,
                    message: "expected the shape \(parameter.shape), found \(entry.shape)",
                    remedy: "use weights of the same kind of network and the same settings")
            }
            loaded.replaceSubrange(parameter.range, with: entry.values)
        }
        values = loaded
    }
}

/// All that a training needs to go on as if it had never stopped: weights, optimiser, average, and the caller's texts.
public struct Checkpoint: Sendable, Equatable {
    public var weights: Weights
    public var optimiser: Optimiser
    public var average: MovingAverage?
    /// What the caller keeps beside: settings, place in the data.
    public var notes: [String: String]

    public init(weights: Weights, optimiser: Optimiser, average: MovingAverage? = nil, notes: [String: String] = [:]) {
        self.weights = weights
        self.optimiser = optimiser
        self.average = average
        self.notes = notes
    }

    public func write(to file: String) throws {
        var entries = weights.entries(prefix: "weights/")
        entries.append(.init(name: "first moment", shape: [weights.count], values: optimiser.firstMoment))
        entries.append(.init(name: "second moment", shape: [weights.count], values: optimiser.secondMoment))
        var metadata = notes
        metadata["optimiser step"] = String(optimiser.step)
        if let average {
            entries.append(.init(name: "average", shape: [weights.count], values: average.values))
            metadata["average step"] = String(average.step)
        }
        try SafeTensors(entries: entries, metadata: metadata).write(to: file)
    }

    /// Reads the state of the same network, optimiser and average from a file.
    public mutating func load(file: String) throws {
        let tensors = try SafeTensors(file: file)
        func vector(_ name: String) throws -> [Float] {
            guard let entry = tensors[name], entry.shape == [weights.count] else {
                throw WeightsError(
                    code: "MISMATCH", file: file, element: name,
                    message: "expected \(weights.count) values, found \(tensors[name].map { "\($0.shape)" } ?? "none")",
                    remedy: "resume from a checkpoint of the same training")
            }
            return entry.values
        }
        func step(_ name: String) throws -> Int {
            guard let step = tensors.metadata[name].flatMap({ Int($0) }), step >= 0 else {
                throw WeightsError(
                    code: "MISMATCH", file: file, element: name,
                    message: "expected a number of steps, found \(tensors.metadata[name] ?? "none")",
                    remedy: "resume from a checkpoint, not from weights alone")
            }
            return step
        }
        var result = self
        try result.weights.load(tensors, prefix: "weights/", file: file)
        result.optimiser.firstMoment = try vector("first moment")
        result.optimiser.secondMoment = try vector("second moment")
        result.optimiser.step = try step("optimiser step")
        if result.average != nil {
            result.average!.values = try vector("average")
            result.average!.step = try step("average step")
        }
        result.notes = tensors.metadata.filter { !["optimiser step", "average step"].contains($0.key) }
        self = result
    }
}
