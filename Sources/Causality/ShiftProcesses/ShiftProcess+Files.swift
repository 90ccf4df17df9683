import FeatureModels
import Foundation
import Matrices
import Screens

/// A process on disk: what is said in words and single numbers, and arrays. What is restored predicts the same bytes.
extension ShiftProcess {
    public struct Description: Codable, Sendable {
        let contexts: [Context]
        let cells: [Double]
        let controls: [[ShiftTable.ControlShare]]
        let controlCells: [Double]
        let combinations: [String: [String]]
        /// Rows and columns of the features; empty where there are none.
        let perturbations: [String]
        let features: [String]
        /// Covariates of the mean controls.
        let strata: [[String: String]]
        let kernel: Kernel
        let logPosterior: Double
        let isConverged: Bool
    }

    /// Terms, columns and parameters.
    public struct Kernel: Codable, Sendable {
        let values: ShiftKernel

        init(_ values: ShiftKernel) { self.values = values }
        public init(from decoder: any Decoder) throws { values = try ShiftKernel(from: decoder) }
        public func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
    }

    private var strata: [[String: String]] {
        table.profiles.keys.sorted { Self.text($0) < Self.text($1) }
    }

    private static func text(_ covariates: [String: String]) -> String {
        covariates.sorted { $0.key < $1.key }.map { "\($0)\u{0}\($1)" }.joined(separator: "\u{0}")
    }

    public var description: Description {
        Description(
            contexts: table.contexts, cells: table.cells, controls: table.controls, controlCells: table.controlCells,
            combinations: table.combinations, perturbations: table.features?.perturbations ?? [],
            features: table.features?.features ?? [], strata: strata, kernel: Kernel(kernel),
            logPosterior: logPosterior, isConverged: isConverged)
    }

    public var arrays: [FeatureArray] {
        let genes = table.genes
        func array(_ name: String, _ rows: Int, _ columns: Int, _ values: [Float]) -> FeatureArray {
            FeatureArray(name: name, shape: [rows, columns], values: values)
        }
        return [
            array("shifts", table.contexts.count, genes, table.shifts.values.map { Float($0) }),
            array("variances", 1, genes, table.variances.map { Float($0) }),
            array("log_scales", 1, genes, logScales.map { Float($0) }),
            array(
                "features", table.features?.values.rows ?? 0, table.features?.values.columns ?? 0,
                table.features?.values.values ?? []),
            array(
                "mean_controls", table.profiles.count, genes,
                strata.flatMap { table.profiles[$0] ?? [] }.map { Float($0) }),
        ]
    }

    /// - Throws: `ShiftProcessError` (`COUNT`, and those of a table) for arrays that are not those of the description.
    public init(_ description: Description, arrays: [FeatureArray], workers: Int? = nil) throws(ShiftProcessError) {
        func demand(_ condition: Bool, _ name: String) throws(ShiftProcessError) {
            guard condition else {
                throw ShiftProcessError(
                    code: "COUNT", element: name,
                    message: "an array \(name) of the description's shape expected, found none",
                    remedy: "give all arrays that the process was saved with")
            }
        }
        func matrix(_ name: String, rows: Int, columns: Int?) throws(ShiftProcessError) -> Matrix<Float> {
            let found = arrays.first { $0.name == name }
            guard let found, found.shape.count == 2 else {
                try demand(false, name)
                return Matrix(rows: 0, columns: 0)
            }
            try demand(found.shape[0] == rows && (columns ?? found.shape[1]) == found.shape[1], name)
            return Matrix(rows: rows, columns: found.shape[1], values: found.values)
        }
        let shifts = try matrix("shifts", rows: description.contexts.count, columns: nil).double
        let genes = shifts.columns
        let variances = try matrix("variances", rows: 1, columns: genes).double.values
        let scales = try matrix("log_scales", rows: 1, columns: genes).double.values
        try demand(scales.allSatisfy { abs($0) < 100 }, "log_scales")
        let values = try matrix(
            "features", rows: description.perturbations.count, columns: description.features.count)
        let controls = try matrix("mean_controls", rows: description.strata.count, columns: genes).double
        let kernel = description.kernel.values
        try demand(
            kernel.parameters.count == kernel.terms.count + kernel.columns.count
                && kernel.parameters.allSatisfy { abs($0) < 100 }, "kernel")
        var profiles: [[String: String]: [Double]] = [:]
        for (row, stratum) in description.strata.enumerated() { profiles[stratum] = Array(controls.row(row)) }
        let table = try ShiftTable(
            contexts: description.contexts, shifts: shifts, variances: variances, cells: description.cells,
            controls: description.controls, controlCells: description.controlCells,
            combinations: description.combinations,
            features: description.features.isEmpty
                ? nil
                : FeatureTable(
                    perturbations: description.perturbations, features: description.features, values: values),
            profiles: profiles)
        try self.init(
            table, kernel: kernel, logScales: scales, logPosterior: description.logPosterior,
            isConverged: description.isConverged, workers: workers)
    }
}
