import AnnotatedData

/// A matrix of a file that can be read whole.
protocol LoadableBlocks: MatrixBlocks {
    /// The whole matrix, with what was noticed.
    func load() throws(FormatError) -> (matrix: CellMatrix, notices: [Notice])
}

extension MatrixBlocks {
    /// The whole matrix put together from its blocks, with what was noticed.
    func gathered() throws(FormatError) -> (matrix: CellMatrix, notices: [Notice]) {
        var notices: [Notice] = []
        let matrix = try FormatError.only {
            try CellMatrix(gathering: self) { notices += $0 }
        }
        return (matrix, notices)
    }
}
