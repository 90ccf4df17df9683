import Concurrency
import Probability

/// Work on many rows is cut into chunks of this many, each with a stream of its own.
private let chunkHeight = 8192

/// Values of `rows` rows, chunk by chunk, side by side on several threads.
/// - Parameter body: What to draw for those rows.
func drawnInChunks(
    rows: Int, inputs: NodeTable, stream: RandomStream, workers: Int?,
    _ body: @Sendable (NodeTable, RandomStream) -> [Float]
) -> [Float] {
    precondition(inputs.rows == rows, "\(inputs.rows) rows of inputs for \(rows) draws")
    let chunks = concurrentMap((rows + chunkHeight - 1) / chunkHeight, workers: workers) { chunk in
        let range = chunk * chunkHeight..<min(rows, (chunk + 1) * chunkHeight)
        return body(rows <= chunkHeight ? inputs : inputs.selecting(range), stream.stream(chunk))
    }
    return chunks.count == 1 ? chunks[0] : Array(chunks.joined())
}

/// A number for each row, chunk by chunk.
func evaluatedInChunks(
    _ outcome: NodeColumn, _ inputs: NodeTable, _ body: @Sendable (NodeColumn, NodeTable) -> [Double]
) -> [Double] {
    let rows = outcome.rows
    let chunks = concurrentMap((rows + chunkHeight - 1) / chunkHeight) { chunk in
        let range = chunk * chunkHeight..<min(rows, (chunk + 1) * chunkHeight)
        return body(outcome.selecting(range), inputs.selecting(range))
    }
    return Array(chunks.joined())
}
