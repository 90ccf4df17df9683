import AnnotatedData

extension CellLabels {
    /// Places of the rows whose values are among those allowed in every column named.
    /// - Parameters:
    ///   - filters: Column → values allowed.
    ///   - option: What named them, for errors.
    /// - Throws: `MISSING_ELEMENT` for a column or a value that is not there.
    public static func rows(
        of table: AnnotationTable, passing filters: [String: [String]], option: String
    ) throws(ScreenError) -> [Int] {
        var notices: [Notice] = []
        return try ColumnSearch(cells: table).rows(passing: filters, option: option, notices: &notices)
    }
}
