import Foundation
import Matrices
import Networks

// In a weights file: what is numbers as tensors `support.…`, of each group under its number; the rest in the metadata.

extension TrainingSupport {
    static let prefix = "support."
    static let metadataKey = "support"

    private struct Description: Codable {
        struct Group: Codable {
            var pattern: [Bool]
            var places: [Int]
        }

        var features: [String]
        var settings: [Int]
        var groups: [Group]
    }

    var metadata: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let description = Description(
            features: features, settings: settings,
            groups: groups.map { Description.Group(pattern: $0.pattern, places: $0.places) })
        // Texts and numbers can always be encoded.
        return String(decoding: try! encoder.encode(description), as: UTF8.self)
    }

    var entries: [SafeTensors.Entry] {
        groups.enumerated().flatMap { number, group in
            func entry(_ name: String, _ shape: [Int], _ values: [Double]) -> SafeTensors.Entry {
                SafeTensors.Entry(
                    name: "\(Self.prefix)\(number).\(name)", shape: shape, values: values.map { Float($0) })
            }
            func entry(_ name: String, _ matrix: Matrix<Double>) -> SafeTensors.Entry {
                entry(name, [matrix.rows, matrix.columns], matrix.values)
            }
            // Of a symmetric matrix the lower triangle, by rows.
            let triangle = group.places.indices.flatMap { row in (0...row).map { group.precision[row, $0] } }
            return [
                entry("settings", group.settings), entry("location", group.location), entry("scale", group.scale),
                entry("precision", [triangle.count], triangle), entry("level", group.level),
                entry("distances", [group.distances.count], group.distances),
            ]
        }
    }

    /// nil where the file has none, as weights from before there was any.
    init?(_ tensors: SafeTensors, file: String? = nil) throws {
        guard let text = tensors.metadata[Self.metadataKey] else { return nil }
        func malformed(_ element: String, _ message: String) -> WeightsError {
            WeightsError(
                code: "MALFORMED", file: file, element: element, message: message,
                remedy: "the file is damaged; fetch or train the weights again")
        }
        func values(_ name: String, count: Int? = nil) throws -> [Double] {
            guard let found = tensors[name]?.values else { throw malformed(name, "expected such a tensor, found none") }
            guard found.count == count ?? found.count, found.allSatisfy(\.isFinite) else {
                throw malformed(name, "expected \(count ?? found.count) finite values, found others")
            }
            return found.map(Double.init)
        }
        func matrix(_ name: String, _ rows: Int, _ columns: Int) throws -> Matrix<Double> {
            Matrix(rows: rows, columns: columns, values: try values(name, count: rows * columns))
        }
        guard let description = try? JSONDecoder().decode(Description.self, from: Data(text.utf8)),
            description.settings.allSatisfy(description.features.indices.contains),
            areDistinct(description.features), areDistinct(description.settings),
            description.groups.allSatisfy({
                $0.pattern.count == description.settings.count && areDistinct($0.places)
            })
        else { throw malformed(Self.metadataKey, "expected features, settings and groups of them, found other text") }
        let size = PanelSummary.count(features: description.features.count)
        let s = description.settings.count + 1
        let groups = try description.groups.enumerated().map { number, group in
            guard group.places.allSatisfy((0..<size).contains) else {
                throw malformed(Self.metadataKey, "expected places below \(size), found others")
            }
            let (prefix, k) = ("\(Self.prefix)\(number).", group.places.count)
            return try SupportGroup(
                pattern: group.pattern, places: group.places, settings: matrix(prefix + "settings", 4, s),
                location: matrix(prefix + "location", SupportGroup.termCount(settings: s), k),
                scale: matrix(prefix + "scale", 1 + s, k),
                precision: Self.symmetric(values(prefix + "precision", count: k * (k + 1) / 2), k),
                level: matrix(prefix + "level", 1 + s, 1), distances: values(prefix + "distances"))
        }
        self.init(features: description.features, settings: description.settings, groups: groups)
    }

    private static func symmetric(_ triangle: [Double], _ size: Int) -> Matrix<Double> {
        var result = Matrix<Double>(rows: size, columns: size)
        for row in 0..<size {
            for column in 0...row {
                result[row, column] = triangle[row * (row + 1) / 2 + column]
                result[column, row] = result[row, column]
            }
        }
        return result
    }
}

/// What repeats itself could ask for more memory than the file fills.
private func areDistinct<Element: Hashable>(_ elements: [Element]) -> Bool { Set(elements).count == elements.count }

extension SafeTensors {
    /// Puts it beside the weights, where `StructurePredictor` finds it; not where its worlds were too few to compare with.
    public mutating func add(_ support: TrainingSupport) {
        guard !support.groups.isEmpty else { return }
        entries += support.entries
        metadata[TrainingSupport.metadataKey] = support.metadata
    }

    /// The weights of the network alone.
    var withoutSupport: SafeTensors {
        var result = self
        result.entries.removeAll { $0.name.hasPrefix(TrainingSupport.prefix) }
        return result
    }
}
