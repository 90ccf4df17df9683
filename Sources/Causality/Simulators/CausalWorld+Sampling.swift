import Foundation
import Matrices
import Probability

extension CausalWorld {
    /// Cells sampled ancestrally: first the observational ones, then cells with one intervened gene each, the targeted
    /// genes taking turns in rising order. The numbers of cells are those of the options unless given.
    public func sample(
        observational: Int? = nil, interventional: Int? = nil, stream: RandomStream
    ) -> WorldSample {
        let d = graph.nodeCount
        let observed = observational ?? options.observationalCells
        let rows = observed + (interventional ?? options.interventionalCells)
        var targetStream = stream.stream("targets")
        let count = options.targets[targetStream.index(below: options.targets.count)].targets(of: d)
        let targets = targetStream.choice(count, of: d).sorted()
        let values = options.interventionValues[targetStream.index(below: options.interventionValues.count)]

        var columns = Array(repeating: Float(0), count: d * rows)
        var noise = Array(repeating: Float(0), count: rows)
        var scale = noise
        let turns = Dictionary(uniqueKeysWithValues: targets.enumerated().map { ($1, $0) })
        var drawnOnce: [Int: Double] = [:]
        var inactive: [(place: Int, value: Float)] = []
        columns.withUnsafeMutableBufferPointer { columns in
            let base = columns.baseAddress!
            for gene in order {
                var own = stream.stream("gene").stream(gene)
                let column = base + gene * rows
                let parents = graph.parents[gene]
                mechanisms[gene].evaluate(parents: parents, columns: base, rows: rows, output: column)
                fill(&noise, from: &own)
                switch noiseScales[gene] {
                case .constant(let value):
                    for row in 0..<rows { column[row] += value * noise[row] }
                case .varying(let function):
                    function.evaluate(parents: parents, columns: base, rows: rows, output: &scale)
                    for row in 0..<rows { column[row] += Self.noiseScale(scale[row]) * noise[row] }
                }
                guard let turn = turns[gene] else { continue }
                func drawValue() -> Double {
                    let value = own.uniform(values.lowerBound, values.upperBound)
                    return own.bernoulli(0.5) ? value : -value
                }
                let cells = stride(from: observed + turn, to: rows, by: targets.count)
                switch options.interventions {
                case .hard:
                    for row in cells { column[row] = Float(drawValue()) }
                case .shift:
                    let shift = drawValue()
                    drawnOnce[gene] = shift
                    for row in cells { column[row] += Float(shift) }
                case .activity:
                    let activity = drawValue()
                    drawnOnce[gene] = activity
                    for row in cells {
                        inactive.append((gene * rows + row, column[row]))
                        column[row] = Float(activity)
                    }
                }
            }
            for (place, value) in inactive { base[place] = value }
        }
        var interventions = Matrix<Float>(rows: rows, columns: d)
        for row in observed..<rows { interventions[row, targets[(row - observed) % targets.count]] = 1 }
        return WorldSample(
            world: self, values: Self.transposed(columns, rows: d, columns: rows), interventions: interventions,
            targets: targets, drawnOnce: targets.compactMap { drawnOnce[$0] })
    }

    /// σ where σ² = log(1 + exp h).
    static func noiseScale(_ h: Float) -> Float { Float(log1p(exp(Double(h)))).squareRoot() }

    private func fill(_ values: inout [Float], from stream: inout RandomStream) {
        values.withUnsafeMutableBufferPointer { buffer in
            switch noise {
            case .gaussian: stream.fillNormal(buffer)
            case .laplace: stream.fillLaplace(buffer)
            case .cauchy: stream.fillCauchy(buffer)
            }
        }
    }

    /// In tiles, so that both sides stay in the cache.
    private static func transposed(_ values: [Float], rows: Int, columns: Int) -> Matrix<Float> {
        let result = [Float](unsafeUninitializedCapacity: values.count) { result, filled in
            for first in stride(from: 0, to: columns, by: 64) {
                for row in 0..<rows {
                    for column in first..<min(first + 64, columns) {
                        result[column * rows + row] = values[row * columns + column]
                    }
                }
            }
            filled = values.count
        }
        return Matrix(rows: columns, columns: rows, values: result)
    }
}
