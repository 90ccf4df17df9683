import AnnotatedData

/// The file of a matrix and the names on both its sides, for errors that say where something is.
struct MatrixAxes: Sendable {
    let file: String
    let cells: [String]
    let genes: [String]
    /// Where the genes are in the file, for errors.
    var genesElement = "/var"

    func mismatch(_ element: String, _ shape: [Int]) -> FormatError {
        .unsound(
            "SHAPE_MISMATCH", file, element,
            "\(shape[0]) × \(shape[1]) values for \(cells.count) cells (/obs) × \(genes.count) genes (\(genesElement))")
    }

    /// The main matrix must be of finite numbers; elsewhere others are noted.
    func notFinite(
        _ value: Float, _ element: String, cell: Int, gene: Int, isMain: Bool
    ) throws(FormatError) -> Notice {
        let message = "the value of cell '\(cells[cell])' and gene '\(genes[gene])' is \(value)"
        guard isMain else { return Notice(code: "NONFINITE", message: "\(element): \(message)") }
        throw .unsound(
            "NONFINITE", file, element, "finite numbers expected; \(message)",
            remedy: "remove or fill these values, or put another layer into X")
    }
}
