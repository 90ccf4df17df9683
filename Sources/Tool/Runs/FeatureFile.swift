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

    /// The screen with its features; perturbations without any are left out, which its notices say.
    static func match(_ screen: PerturbationScreen, with features: FeatureTable) throws -> PerturbationScreen {
        let matched = try screen.withFeatures(features)
        let left = Set(matched.perturbationsWithoutFeatures)
        return matched.subset(perturbations: Set(matched.perturbations).subtracting(left))
    }

    /// The part of a screen whose perturbations are in `matched`, with its features and notices.
    static func described(_ part: PerturbationScreen, by matched: PerturbationScreen) -> PerturbationScreen {
        var result = part.subset(perturbations: Set(matched.perturbations))
        result.features = matched.features
        result.notices = matched.notices
        return result
    }
}
