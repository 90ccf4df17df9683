import Matrices
import Screens

/// The cells of a screen, context by context, from memory or from disk: a fit that works in minibatches asks for the few
/// that it needs.
public protocol ContextCells: Sendable {
    var contextCount: Int { get }
    func cellCount(of context: Int) -> Int
    /// Those cells of a context, in the order asked for; cells × genes, in the scale of the screen.
    func cells(of context: Int, at places: [Int]) throws -> Matrix<Float>
}

/// The cells of a screen in memory: context k and its cells in the order in which the screen has them.
public struct InMemoryCells: ContextCells {
    private let expression: Matrix<Float>
    private let cellsOfContext: [[Int]]

    public init(_ screen: PerturbationScreen) {
        expression = screen.expression
        cellsOfContext = screen.cellsOfContext
    }

    public var contextCount: Int { cellsOfContext.count }

    public func cellCount(of context: Int) -> Int { cellsOfContext[context].count }

    public func cells(of context: Int, at places: [Int]) -> Matrix<Float> {
        expression.selectingRows(places.map { cellsOfContext[context][$0] })
    }
}
