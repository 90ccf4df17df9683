import AnnotatedData
import Matrices

/// Which cells share controls. Plates, batches and donors shift every cell on them alike; centred on the controls beside
/// it a cell shows what was done to it and not where.
public struct ControlMatching: Sendable, Equatable {
    /// One a cell: cells of equal numbers share controls.
    public let strata: [Int]
    /// One a cell.
    public let isControl: [Bool]

    public init(strata: [Int], isControl: [Bool]) {
        precondition(strata.count == isControl.count, "\(strata.count) strata for \(isControl.count) cells")
        self.strata = strata
        self.isControl = isControl
    }

    func selecting(_ cells: [Int]) -> ControlMatching {
        ControlMatching(strata: cells.map { strata[$0] }, isControl: cells.map { isControl[$0] })
    }

    /// Every cell less the mean of its stratum's controls, plus the mean of all training controls.
    ///
    /// Training cells are centred on training controls and the others on the other controls, so that no cell of one part
    /// enters the other but for the constant that is added to all. A control is centred on a mean that it is part of, which
    /// shrinks its deviation: a cell x that is none of the n controls has variance σ² (1 + 1/n) about their mean c, one of
    /// them σ² (1 − 1/n). Deviations of controls are therefore widened by √((n + 1) / (n − 1)), and controls spread as
    /// cells on which the perturbation does nothing. A single control lies on the mean and says nothing of the spread.
    ///
    /// - Parameters:
    ///   - matrix: Cells × genes, on a logarithmic scale.
    ///   - training: Places of the training cells.
    /// - Throws: `NO_CONTROLS` where no training cell is a control.
    func centred(
        _ matrix: Matrix<Float>, training: [Int], notices: inout [Notice]
    ) throws(PreprocessingError) -> Matrix<Float> {
        precondition(matrix.rows == strata.count, "\(matrix.rows) cells, \(strata.count) strata")
        var isTraining = [Bool](repeating: false, count: matrix.rows)
        for cell in training { isTraining[cell] = true }
        func mean(_ cells: [Int]) -> [Double] {
            matrix.columnSums(rows: cells).map { $0 / Double(cells.count) }
        }
        let trainingControls = training.filter { isControl[$0] }
        guard !trainingControls.isEmpty else {
            throw PreprocessingError(
                code: "NO_CONTROLS", element: "matchControlsBy",
                message: "expected control cells among the training cells, found none",
                remedy: "name the controls of the screen, or leave matchControlsBy out")
        }
        let base = mean(trainingControls)
        let otherControls = strata.indices.filter { isControl[$0] && !isTraining[$0] }
        let fallback = [true: base, false: otherControls.isEmpty ? base : mean(otherControls)]
        var result = matrix
        var single = 0
        var without = 0
        let groups = Dictionary(grouping: strata.indices) { Group(stratum: strata[$0], isTraining: isTraining[$0]) }
        for (group, cells) in groups {
            let controls = cells.filter { isControl[$0] }
            let isTreated = controls.count < cells.count
            if controls.isEmpty { without += 1 }
            if controls.count == 1, isTreated { single += 1 }
            let centre = controls.isEmpty ? fallback[group.isTraining] ?? base : mean(controls)
            let count = Double(controls.count)
            let widening = count > 1 ? ((count + 1) / (count - 1)).squareRoot() : 1
            for cell in cells {
                let factor = isControl[cell] ? widening : 1
                for gene in 0..<matrix.columns {
                    result[cell, gene] = Float(base[gene] + factor * (Double(matrix[cell, gene]) - centre[gene]))
                }
            }
        }
        if single > 0 {
            notices.append(
                Notice(
                    code: "SINGLE_CONTROL",
                    message:
                        "\(single) strata were centred on a single control each, with all its noise; these controls "
                        + "say nothing of the spread between controls."))
        }
        if without > 0 {
            notices.append(
                Notice(
                    code: "NO_MATCHED_CONTROL",
                    message: "\(without) strata have no control of their own and were centred on the mean of all."))
        }
        return result
    }

    /// The training cells of a stratum, or the others.
    private struct Group: Hashable {
        let stratum: Int
        let isTraining: Bool
    }
}
