import AnnotatedData
import Formats
import Screens

/// A table of perturbation features on disk: numbers, SMILES or fingerprints, one row a perturbation.
enum FeatureFile {
    static func read(
        _ path: String, options: FeatureOptions
    ) throws -> (features: FeatureTable, notices: [Notice]) {
        try reading(path) {
            let table = try readTable(path, namesColumn: options.perturbationColumn)
            // The column named, or else the first one, has become the names of the rows.
            var options = options
            options.perturbationColumn = nil
            return try FeatureTable.reading(table, options: options)
        }
    }
}
