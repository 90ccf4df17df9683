import AnnotatedData
import Formats
import Foundation
import Preprocessing
import Screens

/// A screen as predictions are judged on it: every cell and gene that was read, on the scale of the configuration, never
/// centred on controls, which truth and prediction have each their own of.
struct JudgedScreen {
    var screen: PerturbationScreen
    /// SHA-256 of the file.
    var digest: String
    var notices: [Notice]

    /// Filters and the choice of genes are off unless the user's configuration asks for them.
    static var defaults: RunConfiguration {
        var defaults = RunConfiguration()
        defaults.preprocess.topGenes = nil
        defaults.preprocess.minCellsPerGene = 0
        defaults.preprocess.minGenesPerCell = 0
        defaults.preprocess.keepCounts = false
        return defaults
    }

    /// - Parameter requiresControls: False for a test file beside a training file.
    init(_ path: String, configuration: RunConfiguration, requiresControls: Bool = true) throws {
        digest = try Fingerprint.ofFile(path)
        var labels = configuration.labels
        if !requiresControls { labels.requireControls = false }
        let data = try reading(path) {
            let opened = try openAnnotated(path, options: configuration.read)
            let guides = try GuideLabelling(opened, options: configuration.guides)
            let source = try (guides?.source ?? opened).load()
            let used = try CellLabels(source.data.cells, options: labels)
            return source.data.selecting(cells: used.cells)
        }
        labels.where = [:]
        (screen, notices) = try reading(path) {
            let result = try preprocess(data, options: configuration.preprocess)
            return (try PerturbationScreen(result.data, scale: result.scaleAfter, options: labels), result.notices)
        }
        if let features = configuration.features {
            let (table, found) = try FeatureFile.read(features, options: configuration.featureColumns)
            notices += found
            screen = try reading(features) { try screen.withFeatures(table) }
        }
        notices += screen.notices
    }

    /// Who was perturbed by what, without any expression.
    static func design(_ path: String, configuration: RunConfiguration) throws -> (PerturbationScreen, AnnotatedMatrix)
    {
        try reading(path) {
            let source = try openAnnotated(path, options: configuration.read).load().data
            let used = try CellLabels(source.cells, options: configuration.labels)
            let data = source.selecting(cells: used.cells)
            var labels = configuration.labels
            labels.where = [:]
            // Contexts need no expression: one gene stands for all.
            let one = data.selecting(genes: Array(0..<min(1, data.genes.count)))
            return (try PerturbationScreen(one, scale: .counts, options: labels), data)
        }
    }
}
