import Foundation
import Tensors

/// All that a training needs to go on as if it had never stopped: weights, optimiser, average, and the caller's texts.
///
/// The place in a schedule and in streams of random numbers is the optimiser's step: a caller that derives its streams
/// from the step (`stream(step)`) draws after a resumption what it would have drawn without.
public struct Checkpoint: Sendable, Equatable {
    public var weights: Weights
    public var optimiser: Optimiser
    public var average: MovingAverage?
    /// What the caller keeps beside: settings, place in the data.
    public var notes: [String: String]

    public init(
        weights: Weights, optimiser: Optimiser, average: MovingAverage? = nil, notes: [String: String] = [:]
    ) {
        self.weights = weights
        self.optimiser = optimiser
        self.average = average
        self.notes = notes
    }

    /// What the metadata say of the file; `schema` counts the forms that checkpoints have had.
    private static let form = ["kind": "checkpoint", "schema": "1"]

    public func write(to file: String) throws {
        var entries = weights.entries(prefix: "weights/")
        entries.append(.init(name: "first moment", shape: [weights.count], values: optimiser.firstMoment))
        entries.append(.init(name: "second moment", shape: [weights.count], values: optimiser.secondMoment))
        if let average {
            entries.append(.init(name: "average", shape: [weights.count], values: average.values))
        }
        let notes = Dictionary(uniqueKeysWithValues: self.notes.map { ("note/" + $0, $1) })
        try SafeTensors(
            entries: entries, metadata: try settings().merging(steps) { _, new in new }.merging(notes) { _, new in new }
        ).write(to: file)
    }

    /// Reads the state of the same network, optimiser and average from a file.
    public mutating func load(file: String) throws {
        let tensors = try SafeTensors(file: file)
        func mismatch(_ element: String, _ message: String) -> WeightsError {
            WeightsError(
                code: "MISMATCH", file: file, element: element, message: message,
                remedy: "resume from a checkpoint of the same training by this version, or train anew")
        }
        for (key, expected) in try settings().sorted(by: { $0.key < $1.key }) {
            let found = tensors.metadata[key]
            guard found == expected else { throw mismatch(key, "expected \(expected), found \(found ?? "none")") }
        }
        func vector(_ name: String) throws -> [Float] {
            guard let entry = tensors[name], entry.shape == [weights.count] else {
                throw mismatch(
                    name,
                    "expected \(weights.count) values, found \(tensors[name].map { "the shape \($0.shape)" } ?? "none")"
                )
            }
            try entry.requireFinite(file: file)
            return entry.values
        }
        func step(_ name: String) throws -> Int {
            guard let step = tensors.metadata[name].flatMap({ Int($0) }), 0..<Int.max ~= step else {
                throw mismatch(name, "expected a number of steps, found \(tensors.metadata[name] ?? "none")")
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
        result.notes = [:]
        for (key, value) in tensors.metadata where key.hasPrefix("note/") {
            result.notes[String(key.dropFirst("note/".count))] = value
        }
        self = result
    }

    /// What has to be the same in a training that resumes.
    private func settings() throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var settings = Self.form
        settings["optimiser"] = String(decoding: try encoder.encode(optimiser.options), as: UTF8.self)
        settings["average decay"] = average.map { String($0.decay) } ?? "none"
        return settings
    }

    private var steps: [String: String] {
        var steps = ["optimiser step": String(optimiser.step)]
        steps["average step"] = average.map { String($0.step) }
        return steps
    }
}
