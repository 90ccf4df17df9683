/// A value of `uns`: what can be kept without knowing what it means.
public indirect enum AnnotationValue: Sendable, Equatable {
    /// None of Python: a key without a value.
    case null
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    /// A list of texts.
    case strings([String])
    /// Texts of another rank than one.
    case texts([String], shape: [Int])
    case numbers(NumberArray)
    /// A column without a table: categories, or values some of which may be missing.
    case column(ColumnValues, storage: ColumnStorage = .init())
    /// Records with named fields of one length, such as the tables of `rank_genes_groups`.
    case records([AnnotationColumn])
    case table(AnnotationTable)
    case sparse(CompressedNumbers)
    case dictionary([String: AnnotationValue])

    public static func floats(_ values: [Double], shape: [Int]) -> AnnotationValue {
        .numbers(NumberArray(.doubles(values), shape: shape))
    }

    public static func integers(_ values: [Int64], shape: [Int]) -> AnnotationValue {
        .numbers(NumberArray(.integers(values), shape: shape))
    }

    public static func booleans(_ values: [Bool], shape: [Int]) -> AnnotationValue {
        .numbers(NumberArray(.booleans(values), shape: shape))
    }
}
