import AnnotatedData
import Preprocessing

/// The values that structure is learned from, where cells were prepared for a model that wants them normalised.
///
/// Counts of few genes are not normalised before structure is learned (`ExpressionScale.genesForTotals`), unless options
/// say how they are to be.
enum StructureValues {
    /// The prepared cells, or the same with their counts, and the scale of the values.
    /// - Parameters:
    ///   - genesRead: Genes measured, before any was dropped.
    ///   - isCentred: Whether cells were centred on the controls that they share.
    static func of(
        _ data: AnnotatedMatrix, scaleBefore: ExpressionScale, scale: ExpressionScale, genesRead: Int,
        options: PreprocessingOptions, isCentred: Bool
    ) -> (data: AnnotatedMatrix, scale: ExpressionScale) {
        guard
            areCounts(
                scaleBefore: scaleBefore, scale: scale, genesRead: genesRead, options: options, isCentred: isCentred),
            let counts = data.layers["counts"]
        else { return (data, scale) }
        var data = data
        data.x = counts
        return (data, .counts)
    }

    /// Whether structure is learned from counts instead of the prepared values.
    static func areCounts(
        scaleBefore: ExpressionScale, scale: ExpressionScale, genesRead: Int, options: PreprocessingOptions,
        isCentred: Bool
    ) -> Bool {
        let isLeftOpen =
            options.minGenesForTotals == nil && options.targetSum == nil && options.librarySizeColumn == nil
            && options.logarithmBase == nil
        return scaleBefore == .counts && scale == .log1p && genesRead < ExpressionScale.genesForTotals && isLeftOpen
            && !isCentred
    }
}
