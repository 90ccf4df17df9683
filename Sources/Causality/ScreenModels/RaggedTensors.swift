import FeatureModels
import Interventions
import Matrices
import Networks

/// Lists of numbers of different lengths as two tensors: how many there are of each, and all one after the other.
enum RaggedTensors {
    static func entries(_ name: String, _ lists: [[Float]]) -> [SafeTensors.Entry] {
        let values = lists.flatMap { $0 }
        return [
            .init(name: "\(name)/counts", shape: [lists.count], values: lists.map { Float($0.count) }),
            .init(name: "\(name)/values", shape: [values.count], values: values),
        ]
    }
}

/// The tensors of a model's file, each asked for by name and shape.
struct ModelTensors {
    let file: String
    private let entries: [String: SafeTensors.Entry]

    init(_ tensors: SafeTensors, file: String) {
        self.file = file
        entries = Dictionary(tensors.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func failure(_ element: String?, _ message: String) -> InterventionError {
        InterventionError(
            code: "MODEL_FILE", file: file, element: element, message: message,
            remedy: "give the folder of a fitted model, or fit it again")
    }

    /// - Parameter shape: nil stands for any.
    func values(_ name: String, _ shape: [Int]? = nil) throws -> [Float] {
        guard let entry = entries[name], shape == nil || entry.shape == shape else {
            throw failure(
                name,
                "a tensor \(shape.map { "of shape \($0)" } ?? name) expected, found "
                    + (entries[name].map { "\($0.shape)" } ?? "none"))
        }
        guard entry.values.allSatisfy(\.isFinite) else {
            throw failure(name, "finite numbers expected, found others")
        }
        return entry.values
    }

    func lists(_ name: String, count: Int) throws -> [[Float]] {
        let counts = try values("\(name)/counts", [count])
        let all = try values("\(name)/values")
        guard counts.allSatisfy({ $0 >= 0 && $0 <= Float(all.count) && $0 == $0.rounded() }),
            counts.reduce(0.0, { $0 + Double($1) }) == Double(all.count)
        else { throw failure(name, "counts with the sum \(all.count) expected, found others") }
        var start = 0
        return counts.map { count in
            defer { start += Int(count) }
            return Array(all[start..<start + Int(count)])
        }
    }

    /// Lists of places below a bound.
    func places(_ name: String, count: Int, below bound: Int) throws -> [[Int]] {
        try lists(name, count: count).map { list in
            try list.map { value in
                guard value >= 0, value < Float(bound), value == value.rounded() else {
                    throw failure(name, "whole numbers below \(bound) expected, found \(value)")
                }
                return Int(value)
            }
        }
    }

    /// The matrices of one part of the model, by name.
    func matrices(of part: String) -> [String: Matrix<Float>] {
        let own = arrays(of: part).filter { $0.shape.count == 2 }
        return Dictionary(
            own.map { ($0.name, Matrix(rows: $0.shape[0], columns: $0.shape[1], values: $0.values)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The arrays of one part of the model.
    func arrays(of part: String) -> [FeatureArray] {
        entries.values.filter { $0.name.hasPrefix("\(part)/") }.sorted { $0.name < $1.name }.map {
            FeatureArray(name: String($0.name.dropFirst(part.count + 1)), shape: $0.shape, values: $0.values)
        }
    }
}
