import Foundation
import Matrices
import Networks

extension TrainingSupport {
    /// Before the names of its tensors in a weights file.
    static let prefix = "support."
    /// Where the file keeps what tensors cannot hold.
    static let metadataKey = "support"

    private struct Description: Codable {
        var features: [String]
        var places: [Int]
    }

    var metadata: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Texts and numbers can always be encoded.
        return String(
            decoding: try! encoder.encode(Description(features: features, places: places)), as: UTF8.self)
    }

    /// Of a symmetric matrix the lower triangle is kept, by rows.
    var entries: [SafeTensors.Entry] {
        let triangle = places.indices.flatMap { row in (0...row).map { Float(precision[row, $0]) } }
        func entry(_ name: String, _ shape: [Int], _ values: [Float]) -> SafeTensors.Entry {
            SafeTensors.Entry(name: Self.prefix + name, shape: shape, values: values)
        }
        return [
            entry("centres", [centres.rows, centres.columns], centres.values.map { Float($0) }),
            entry("distances", [distances.count], distances.map { Float($0) }),
            entry("precision", [triangle.count], triangle),
            entry("scales", [scales.count], scales.map { Float($0) }),
        ]
    }

    /// nil where the file has none, as those of weights from before there was any.
    init?(_ tensors: SafeTensors, file: String?) throws {
        guard let text = tensors.metadata[Self.metadataKey] else { return nil }
        func malformed(_ element: String, _ message: String) -> WeightsError {
            WeightsError(
                code: "MALFORMED", file: file, element: element, message: message,
                remedy: "the file is damaged; fetch or train the weights again")
        }
        func values(_ name: String, _ count: Int) throws -> [Double] {
            let name = Self.prefix + name
            let found = tensors[name]?.values ?? []
            guard found.count == count, found.allSatisfy(\.isFinite) else {
                throw malformed(name, "expected \(count) finite values, found \(found.count) values")
            }
            return found.map(Double.init)
        }
        guard let description = try? JSONDecoder().decode(Description.self, from: Data(text.utf8)) else {
            throw malformed(Self.metadataKey, "expected names of features and places in a summary, found other text")
        }
        (features, places) = (description.features, description.places)
        guard places.allSatisfy((0..<PanelSummary.count(features: features.count)).contains) else {
            throw malformed(
                Self.metadataKey, "expected places in a summary of \(features.count) features, found others")
        }
        let count = places.count
        let domains = tensors[Self.prefix + "centres"]?.shape.first ?? 0
        guard domains > 0 else { throw malformed(Self.prefix + "centres", "expected a centre, found none") }
        centres = Matrix(rows: domains, columns: count, values: try values("centres", domains * count))
        scales = try values("scales", count)
        distances = try values("distances", tensors[Self.prefix + "distances"]?.values.count ?? 0)
        let triangle = try values("precision", count * (count + 1) / 2)
        var precision = Matrix<Double>(rows: count, columns: count)
        for row in 0..<count {
            for column in 0...row {
                precision[row, column] = triangle[row * (row + 1) / 2 + column]
                precision[column, row] = precision[row, column]
            }
        }
        self.precision = precision
    }
}

extension SafeTensors {
    /// Puts it beside the weights, for `StructurePredictor` to find.
    public mutating func add(_ support: TrainingSupport) {
        entries += support.entries
        metadata[TrainingSupport.metadataKey] = support.metadata
    }

    /// Without what describes the training, the weights alone.
    var withoutSupport: SafeTensors {
        var result = self
        result.entries.removeAll { $0.name.hasPrefix(TrainingSupport.prefix) }
        return result
    }
}
