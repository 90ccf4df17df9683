import Matrices
import Screens

/// A generator on disk: what is said in words and single numbers, and arrays. What is restored predicts the same bytes.
extension CellGenerator {
    public struct Description: Codable, Sendable {
        let genes: Int
        let contexts: [Context]
        let combinations: [String: [String]]
        let strata: [Stratum]
        let sharesOfContext: [[StratumShare]]
        let keptOfContext: [Int]
        let stratumOfTreated: [Int]
        let floors: ValueFloors
        let choice: CellChoice?
    }

    public var description: Description {
        Description(
            genes: genes, contexts: contexts, combinations: combinations, strata: strata,
            sharesOfContext: sharesOfContext, keptOfContext: keptOfContext, stratumOfTreated: stratumOfTreated,
            floors: floors, choice: choice)
    }

    /// By name; rows × genes.
    public var arrays: [String: Matrix<Float>] {
        [
            "control_cells": controls, "treated_cells": treated, "control_means": controlMeans, "mean_shifts": shifts,
        ]
    }

    /// - Throws: `PredictedCellsError` (`COUNT`, `NONFINITE`) for arrays that are not those of the description.
    public init(restoring description: Description, arrays: [String: Matrix<Float>]) throws(PredictedCellsError) {
        let rows = [
            "control_cells": description.strata.reduce(0) { $0 + $1.kept },
            "treated_cells": description.keptOfContext.reduce(0, +), "control_means": description.strata.count,
            "mean_shifts": description.contexts.count,
        ]
        let remedy = "give the description and the arrays that were saved together, or fit again"
        for (name, count) in rows.sorted(by: { $0.key < $1.key }) {
            guard let array = arrays[name], array.rows == count, array.columns == description.genes else {
                let found = arrays[name].map { "\($0.rows) × \($0.columns)" } ?? "none"
                throw PredictedCellsError(
                    code: "COUNT", element: name,
                    message: "an array of \(count) × \(description.genes) expected, found \(found)", remedy: remedy)
            }
            guard array.values.allSatisfy(\.isFinite) else {
                throw PredictedCellsError(
                    code: "NONFINITE", element: name, message: "finite numbers expected, found others", remedy: remedy)
            }
        }
        let strata = description.strata
        let contexts = description.contexts.count
        let places = description.sharesOfContext.flatMap(\.self).map(\.stratum)
        guard !strata.isEmpty, strata.allSatisfy({ $0.kept > 0 && $0.cells > 0 }),
            description.keptOfContext.count == contexts, description.keptOfContext.allSatisfy({ $0 > 0 }),
            description.sharesOfContext.count == contexts, places.allSatisfy(strata.indices.contains),
            description.sharesOfContext.joined().allSatisfy({ $0.cells > 0 }),
            description.stratumOfTreated.count == rows["treated_cells"],
            description.stratumOfTreated.allSatisfy((0...strata.count).contains),
            description.floors.isComplete(groups: 2 * strata.count + 1, genes: description.genes)
        else {
            throw PredictedCellsError(
                code: "COUNT", element: "description",
                message: "cells of \(contexts) contexts and \(strata.count) strata expected, found others",
                remedy: remedy)
        }
        self.init(description, arrays)
    }
}
