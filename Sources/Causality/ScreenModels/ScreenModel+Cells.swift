import Foundation
import Interventions
import Matrices
import PredictedCells
import Probability
import Responses
import Screens

extension ScreenModel {
    /// Cells of a perturbation, in the scale of the screen, in the way that came nearest to measured cells of the training
    /// (`CellChoice`): control cells carried over to the predicted mean, control cells under the interventions, or cells
    /// drawn along the graphs.
    public func sampleCells(
        _ query: PerturbationQuery, count: Int, seed: UInt64 = 0
    ) throws -> Matrix<Float> {
        try sampleCells(query, predicted: predict(query), count: count, seed: seed)
    }

    public func sampleCells(
        _ query: PerturbationQuery, predicted: PredictedPerturbation, count: Int, seed: UInt64
    ) throws -> Matrix<Float> {
        let stream = RandomStream(seed: seed).stream("cells").stream(query.perturbation).stream("\(query.dose ?? -1)")
        return try cells(
            query, predicted, source: generator?.choice?.source ?? .ancestral, count: count, stream: stream)
    }

    func cells(
        _ query: PerturbationQuery, _ predicted: PredictedPerturbation, source: CellMaking, count: Int,
        stream: RandomStream
    ) throws -> Matrix<Float> {
        let errors = controlErrors(of: query)
        // Shifts are taken against the true means of controls, cells are made of measured ones.
        let shift = zip(predicted.shift, errors).map { $0 - $1 }
        if let generator, CellMaking.ownSources.contains(source) {
            return try generator.cells(
                count, for: query.context, shift: shift, source: source, stream: stream, workers: 1)
        }
        if let generator, source == .counterfactual {
            let base = try generator.baseCells(count, for: query.context, stream: stream)
            return counterfactual(base, shift: shift)
        }
        let drawn = try interventions(query)
        let cells = sample(drawn, count: count, stream: stream)
        // What the causal model does not say of the mean is laid over its cells.
        guard count > 0, paths != nil else { return cells }
        let isCausal = calibration.factor(kind(of: query)).weights == .init()
        let causal = isCausal ? [] : DrawnShifts(shifts(of: drawn)).means
        var moved = cells
        for gene in genes.indices {
            let missing = Float(
                isCausal ? -errors[gene] : shift[gene] - causal[gene] * scaling.deviations[gene])
            for cell in 0..<count { moved[cell, gene] += missing }
        }
        return moved
    }

    /// How far the mean of the measured controls of a treatment is expected to lie from the true one, genes.
    private func controlErrors(of query: PerturbationQuery) -> [Double] {
        guard let generator, let paths else { return genes.map { _ in 0 } }
        let errors = paths.controlErrors(calibration.factor(kind(of: query)).weights)
        return generator.controlMean(of: errors, for: query.context)
    }

    /// Control cells under the interventions that move their means as asked, a share of them on each graph: mechanisms
    /// decide how spread and copula change.
    private func counterfactual(_ base: Matrix<Float>, shift: [Double]) -> Matrix<Float> {
        let d = genes.count
        var result = base
        for (graph, mechanisms) in mechanisms.enumerated() {
            let rows = Array(stride(from: graph, to: base.rows, by: self.mechanisms.count))
            guard !rows.isEmpty else { continue }
            var own = base.selectingRows(rows)
            for place in own.values.indices {
                let gene = place % d
                own.values[place] = Float((Double(own.values[place]) - scaling.means[gene]) / scaling.deviations[gene])
            }
            let changed = mechanisms.counterfactual(
                of: own, meanShifts: genes.indices.map { Float(shift[$0] / scaling.deviations[$0]) })
            for (place, row) in rows.enumerated() {
                for gene in 0..<d {
                    result[row, gene] = Float(
                        scaling.means[gene] + scaling.deviations[gene] * Double(changed[place, gene]))
                }
            }
        }
        return result
    }

    private func sample(_ drawn: [DrawnIntervention], count: Int, stream: RandomStream) -> Matrix<Float> {
        let d = genes.count
        var result = Matrix<Float>(rows: count, columns: d)
        // Every draw makes equally many cells, but for those left over.
        for (place, one) in drawn.enumerated() {
            let range = place * count / drawn.count..<(place + 1) * count / drawn.count
            guard !range.isEmpty else { continue }
            let cells = mechanisms[one.graph].sample(
                range.count, shifts: one.shifts, replacements: one.replacements, stream: stream.stream(place),
                workers: 1)
            for (row, cell) in range.enumerated() {
                for gene in 0..<d {
                    result[cell, gene] = Float(
                        scaling.means[gene] + scaling.deviations[gene] * Double(cells[row, gene]))
                }
            }
        }
        return result
    }
}

extension ScreenModel {
    /// Compares ways of making cells on measured treatments and keeps the best.
    mutating func chooseCells(_ screen: any ScreenCells, workers: Int) throws {
        let stream = RandomStream(seed: seed).stream("cell generator")
        let training = try screen as? PerturbationScreen ?? Self.some(of: screen, stream.stream("kept"))
        var generator = try CellGenerator(training: training, stream: stream)
        self.generator = generator
        let step = max(1, generator.contexts.count / Self.cellTrials)
        let chosen = Array(stride(from: 0, to: generator.contexts.count, by: step))
        let predicted = try predict(chosen.map { PerturbationQuery(generator.contexts[$0]) })
        let trials = try chosen.indices.map { place in
            let query = PerturbationQuery(generator.contexts[chosen[place]])
            return CellTrial(
                context: chosen[place],
                shift: zip(predicted[place].shift, controlErrors(of: query)).map { $0 - $1 },
                cells: Dictionary(
                    uniqueKeysWithValues: try [CellMaking.counterfactual, .ancestral].map { source in
                        (
                            source,
                            try cells(
                                query, predicted[place], source: source, count: Self.trialCells,
                                stream: stream.stream(place))
                        )
                    }))
        }
        try generator.choose(by: trials, stream: stream, workers: workers)
        self.generator = generator
    }

    private static let (cellTrials, trialCells) = (30, 300)

    /// Enough cells of a screen on disk to make others of: all that the generator would keep.
    private static func some(of screen: any ScreenCells, _ stream: RandomStream) throws -> PerturbationScreen {
        let limits = CellGenerator.Limits()
        let chosen = screen.cellsOfContext.enumerated().flatMap { place, cells -> [Int] in
            let limit = screen.contexts[place].isControl ? limits.controlsOfStratum : limits.cellsOfTreatment
            guard cells.count > limit else { return cells }
            var own = stream.stream(place)
            return own.choice(limit, of: cells.count).map { cells[$0] }
        }
        return try screen.held(cells: chosen.sorted())
    }
}
