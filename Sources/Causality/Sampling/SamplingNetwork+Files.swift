import Foundation
import Generators
import Networks

/// A sampling network as a folder: `network.json`, which says how it is wired and what its training found, and
/// `network.safetensors`, which holds what its models learnt.
extension SamplingNetwork {
    private static let schema = "interventome/sampling-network"
    private static let version = 1
    private static let description = "network.json"
    private static let weights = "network.safetensors"

    private struct Description: Codable {
        struct Model: Codable {
            let place: Place
            let inputs: [Place]
            let record: GeneratorRecord
        }

        let schema: String
        let version: Int
        /// The caller's: the query, the columns.
        let notes: [String: String]
        let nodes: [Node]
        let models: [Model]
        let outcomes: [Int]
        let treatments: [Int]
        let conditions: [Int]
        let free: [Int]
        let ranges: [String: [Range]]
        let diagnostics: SamplingDiagnostics
    }

    /// Names of the files in a folder.
    public static var files: [String] { [description, weights] }

    /// Writes both files into a folder that exists.
    /// - Parameter notes: Texts to be kept beside.
    public func write(to folder: String, notes: [String: String] = [:]) throws {
        let freeNodes = nodes.indices.filter { free.columns[nodes[$0].name] != nil }
        let description = Description(
            schema: Self.schema, version: Self.version, notes: notes, nodes: nodes,
            models: models.map { .init(place: $0.place, inputs: $0.inputs, record: GeneratorRecord($0.generator)) },
            outcomes: outcomes, treatments: treatments, conditions: conditions, free: freeNodes, ranges: ranges,
            diagnostics: diagnostics)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var entries = freeNodes.map { number in
            let column = free[nodes[number].name]
            return SafeTensors.Entry(
                name: "free.\(number)", shape: [column.rows, column.kind.width], values: column.values)
        }
        for (place, model) in models.enumerated() {
            entries += model.generator.tensors.map {
                .init(name: "model.\(place)." + $0.name, shape: $0.shape, values: $0.values)
            }
        }
        try SafeTensors(entries: entries).write(to: folder + "/" + Self.weights)
        do {
            try encoder.encode(description).write(
                to: URL(fileURLWithPath: folder + "/" + Self.description), options: .atomic)
        } catch {
            throw WeightsError(
                code: "CANNOT_WRITE", file: folder + "/" + Self.description,
                message: "the network could not be written: \(error.localizedDescription)",
                remedy: "choose a folder that you may write to, on a disk with room")
        }
    }

    /// Reads what `write` wrote.
    /// - Throws: `SamplingError`, `GeneratorError` or `WeightsError` where the folder is not whole.
    public static func read(from folder: String) throws -> (network: SamplingNetwork, notes: [String: String]) {
        let file = folder + "/" + description
        func mismatch(_ message: String, code: String = "MISMATCH") -> SamplingError {
            SamplingError(
                code: code, element: file, message: message,
                remedy: "give a folder that this version wrote, whole and unchanged, or train anew")
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw mismatch("expected a saved network, found no such file", code: "UNREADABLE")
        }
        let found: Description
        do {
            found = try JSONDecoder().decode(Description.self, from: data)
        } catch {
            throw mismatch("expected the description of a network, found other text")
        }
        guard found.schema == schema, found.version == version else {
            throw mismatch("expected \(schema) of version \(version), found \(found.schema) of \(found.version)")
        }
        let tensors = try SafeTensors(file: folder + "/" + weights)
        let numbers = found.nodes.indices
        let places = found.models.flatMap { [$0.place] + $0.inputs }
        let listed = found.outcomes + found.treatments + found.conditions + found.free + places.map(\.node)
        guard listed.allSatisfy(numbers.contains), Set(found.nodes.map(\.name)).count == numbers.count else {
            throw mismatch("expected numbers of \(numbers.count) nodes with names that differ, found others")
        }
        var models: [Model] = []
        for (place, model) in found.models.enumerated() {
            guard model.record.outcome == found.nodes[model.place.node],
                model.record.inputs == model.inputs.map({ found.nodes[$0.node] })
            else { throw mismatch("expected each model's nodes to be those of its place, found others") }
            models.append(
                .init(
                    place: model.place, inputs: model.inputs,
                    generator: try model.record.generator(tensors, prefix: "model.\(place).")))
        }
        var free: [String: NodeColumn] = [:]
        for number in found.free {
            let node = found.nodes[number]
            let stored = StoredTensors(tensors, owner: node.name)
            let values = try stored.values("free.\(number)", shape: [-1, node.kind.width])
            guard !values.isEmpty, node.kind.levels.map({ Self.areLabels(values, $0) }) ?? true else {
                throw mismatch("expected values of \(node.name), found others")
            }
            free[node.name] = NodeColumn(node.kind, values)
        }
        let rows = Set(free.values.map(\.rows))
        let set = (found.treatments + found.conditions).map { found.nodes[$0] }
        guard set.allSatisfy({ (found.ranges[$0.name]?.count ?? $0.kind.width) == $0.kind.width }) else {
            throw mismatch("expected the range of each number that is set, found others")
        }
        guard rows.count <= 1, isWired(models, found) else {
            throw mismatch("expected models in an order in which their inputs come first, found another")
        }
        let network = SamplingNetwork(
            nodes: found.nodes, models: models, outcomes: found.outcomes, treatments: found.treatments,
            conditions: found.conditions, free: NodeTable(rows: rows.first ?? 0, columns: free), ranges: found.ranges,
            diagnostics: found.diagnostics)
        return (network, found.notes)
    }

    private static func areLabels(_ values: [Float], _ levels: Int) -> Bool {
        values.allSatisfy { (0..<Float(levels)).contains($0) && $0 == $0.rounded() }
    }

    /// Whether every input is given, set or free before it is needed, and every outcome is drawn.
    private static func isWired(_ models: [Model], _ description: Description) -> Bool {
        var known = Set(
            (description.treatments + description.conditions + description.free).map { Place(node: $0, copy: 0) })
        for model in models {
            guard model.inputs.allSatisfy(known.contains), known.insert(model.place).inserted else { return false }
        }
        return description.outcomes.allSatisfy { known.contains(Place(node: $0, copy: 0)) }
    }
}
