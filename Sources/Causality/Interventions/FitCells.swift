import AnnotatedData
import Foundation
import Matrices
import Screens

/// The cells of a fit by its contexts, wherever they are kept: centred on their controls and scaled when they are read.
struct FitCells: Sendable {
    /// One cell of the source.
    struct Place: Sendable, Hashable {
        let context: Int
        let cell: Int
    }

    let genes: [String]
    /// Controls first, those of equal covariates in one context where covariates are used, else all in one; then the
    /// treated ones.
    let contexts: [Context]
    let controlCount: Int
    /// Of each context, in the order of the source.
    let places: [[Place]]
    let scaling: GeneScaling
    /// Control means by covariates.
    let strata: [ControlStratum]
    /// Whether cells are centred on the controls of their stratum instead of on all controls.
    var isCentredByStratum: Bool { !centres.isEmpty }
    private let source: any ContextCells
    /// Of each cell of each context of the source its stratum; empty where there are none.
    private let stratumOfCell: [[Int]]
    /// Control means of strata, by stratum.
    private let centres: [Int: [Double]]

    init(
        _ screen: PerturbationScreen, source: any ContextCells, options: FitOptions, notices: inout [Notice]
    ) throws {
        precondition(
            source.contextCount == screen.contexts.count,
            "\(source.contextCount) contexts of cells for \(screen.contexts.count) of the screen")
        let usesCovariates = options.covariates != .ignored
        let isControl = screen.contexts.map { $0.isControl || $0.dose == 0 }
        let zeroDoses = screen.contexts.count { !$0.isControl && $0.dose == 0 }
        if zeroDoses > 0 {
            notices.append(
                Notice(code: "DOSE_ZERO", message: "\(zeroDoses) treatments at dose 0 are taken as controls"))
        }
        let all = (0..<source.contextCount).map { k in
            (0..<source.cellCount(of: k)).map { Place(context: k, cell: $0) }
        }
        var covariatesOfControls: [[String: String]] = []
        var controls: [[Place]] = []
        for k in all.indices where isControl[k] && !all[k].isEmpty {
            let covariates = usesCovariates ? screen.contexts[k].covariates : [:]
            if let place = covariatesOfControls.firstIndex(of: covariates) {
                controls[place] += all[k]
            } else {
                covariatesOfControls.append(covariates)
                controls.append(all[k])
            }
        }
        let control = controls.flatMap(\.self)
        guard control.count >= 2 else {
            throw InterventionError(
                code: "NO_CONTROL", element: "contexts",
                message: "at least 2 control cells expected, found \(control.count)",
                remedy: "say which label is the control")
        }
        let treated = all.indices.filter { !isControl[$0] && !all[$0].isEmpty }
        guard !treated.isEmpty else {
            throw InterventionError(
                code: "NO_TREATMENT", element: "contexts", message: "treated cells expected, found controls only",
                remedy: "say which column names the perturbation and which label is the control")
        }
        genes = screen.genes
        self.source = source
        contexts =
            covariatesOfControls.map { Context(perturbation: "control", isControl: true, covariates: $0) }
            + treated.map { screen.contexts[$0] }
        controlCount = controls.count
        places = controls + treated.map { all[$0] }
        let stratumOfCell = usesCovariates ? Self.strataOfCells(screen) : []
        self.stratumOfCell = stratumOfCell
        let values = try Self.read(control, from: source, genes: screen.genes)
        let centres =
            stratumOfCell.isEmpty
            ? [:] : Self.means(values, by: control.map { stratumOfCell[$0.context][$0.cell] })
        self.centres = centres
        let meansOfControls = Self.means(values, by: controls.indices.flatMap { k in controls[k].map { _ in k } })
        strata = covariatesOfControls.enumerated().map {
            ControlStratum(covariates: $0.element, means: meansOfControls[$0.offset] ?? [])
        }
        scaling = try GeneScaling(
            control: values,
            centres: stratumOfCell.isEmpty
                ? nil : (control.map { centres[stratumOfCell[$0.context][$0.cell]] ?? [] }, centres.count),
            all: { try Self.read(all.flatMap(\.self), from: source, genes: screen.genes) })
        if !scaling.constantGenes.isEmpty {
            notices.append(
                Notice(
                    code: "CONSTANT_GENES",
                    message:
                        "\(scaling.constantGenes.count) genes do not vary among the controls; they are scaled by all cells"
                ))
        }
        let lacking =
            stratumOfCell.isEmpty
            ? 0 : places[controlCount...].joined().count { centres[stratumOfCell[$0.context][$0.cell]] == nil }
        if lacking > 0 {
            notices.append(
                Notice(
                    code: "STRATA_WITHOUT_CONTROLS",
                    message: "\(lacking) cells are of strata without controls: they are compared with all controls"))
        }
    }

    /// Cells × genes, row-major: less their controls' mean, in control standard deviations.
    func read(_ places: [Place]) throws -> [Double] {
        let raw = try Self.read(places, from: source, genes: genes)
        let d = genes.count
        var result = [Double](repeating: 0, count: raw.values.count)
        for (row, place) in places.enumerated() {
            let centre =
                stratumOfCell.isEmpty
                ? scaling.means : centres[stratumOfCell[place.context][place.cell]] ?? scaling.means
            for j in 0..<d {
                result[row * d + j] = (Double(raw.values[row * d + j]) - centre[j]) / scaling.deviations[j]
            }
        }
        return result
    }

    private static func read(_ places: [Place], from source: any ContextCells, genes: [String]) throws -> Matrix<Float>
    {
        var values: [Float] = []
        values.reserveCapacity(places.count * genes.count)
        var first = 0
        while first < places.count {
            var last = first
            while last < places.count, places[last].context == places[first].context { last += 1 }
            let context = places[first].context
            let block = try source.cells(of: context, at: places[first..<last].map(\.cell))
            if let bad = block.values.firstIndex(where: { !$0.isFinite }) {
                throw InterventionError(
                    code: "NONFINITE",
                    element: "cell \(places[first + bad / genes.count].cell) of context \(context), "
                        + "gene \(genes[bad % genes.count])",
                    message: "finite values expected, found \(block.values[bad])",
                    remedy: "check the matrix and its preprocessing")
            }
            values += block.values
            first = last
        }
        return Matrix(rows: places.count, columns: genes.count, values: values)
    }

    private static func strataOfCells(_ screen: PerturbationScreen) -> [[Int]] {
        guard let strata = screen.controlStrata, Set(strata).count > 1 else { return [] }
        var result = [[Int]](repeating: [], count: screen.contexts.count)
        for (cell, context) in screen.contextOfCell.enumerated() { result[context].append(strata[cell]) }
        return result
    }

    /// Column means of the rows of each group.
    private static func means(_ values: Matrix<Float>, by groups: [Int]) -> [Int: [Double]] {
        let d = values.columns
        var sums: [Int: [Double]] = [:]
        var counts: [Int: Double] = [:]
        for (row, group) in groups.enumerated() {
            counts[group, default: 0] += 1
            for j in 0..<d {
                sums[group, default: [Double](repeating: 0, count: d)][j] += Double(values.values[row * d + j])
            }
        }
        return sums.reduce(into: [:]) { result, group in
            result[group.key] = group.value.map { $0 / (counts[group.key] ?? 1) }
        }
    }
}
