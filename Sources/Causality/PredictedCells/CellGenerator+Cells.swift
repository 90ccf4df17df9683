import Concurrency
import Foundation
import Matrices
import Probability
import Screens

extension CellGenerator {
    /// Cells of a treatment, cells × genes.
    ///
    /// Means of genes are those asked for (those below a gene's floor become the floor), whatever the count; base cells are
    /// used once each before one is used again, and what is used again is mixed with others, so that no two cells are the
    /// same.
    /// - Parameters:
    ///   - shift: Of every gene, against `controlMean(for: context)`.
    ///   - templates: nil takes `templates(for:shift:leaving:)`.
    ///   - stratum: As the screen numbers it: whose controls are the base; nil finds them by the context.
    ///   - source: One of `CellMaking.ownSources`; nil takes the best of them on held-out treatments, or `transported`.
    /// - Throws: `PredictedCellsError` (`COUNT`, `NONFINITE`, `TEMPLATE`, `NO_CONTROLS`).
    public func cells(
        _ count: Int, for context: Context, shift: [Double], templates: [CellTemplate]? = nil, stratum: Int? = nil,
        source: CellMaking? = nil, stream: RandomStream,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws(PredictedCellsError) -> Matrix<Float> {
        try check(count, shift, templates)
        let shares: [StratumShare]
        if let stratum { shares = try self.shares(ofStratum: stratum) } else { shares = self.shares(of: context) }
        let templates = templates ?? self.templates(for: context, shift: shift)
        let source = source ?? choice?.ownSource ?? .transported
        precondition(CellMaking.ownSources.contains(source), "\(source) needs a causal model")
        let request = Request(
            count: count, mean: zip(controlMean(shares), shift).map { $0 + $1 }, shift: shift, shares: shares,
            templates: templates.filter { $0.weight > 0 }, source: source)
        return cells(request, stream: stream, workers: workers)
    }

    /// Cells on which nothing was done, of the mean that shifts are taken against: what a causal model may intervene on.
    /// - Parameters: as of `cells(_:for:shift:…)`.
    public func baseCells(
        _ count: Int, for context: Context, stratum: Int? = nil, stream: RandomStream,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws(PredictedCellsError) -> Matrix<Float> {
        try cells(
            count, for: context, shift: [Double](repeating: 0, count: genes), templates: [], stratum: stratum,
            source: .transported, stream: stream, workers: workers)
    }

    struct Request {
        let count: Int
        let mean: [Double]
        let shift: [Double]
        let shares: [StratumShare]
        let templates: [CellTemplate]
        let source: CellMaking
    }

    func cells(_ request: Request, stream: RandomStream, workers: Int) -> Matrix<Float> {
        guard request.count > 0 else { return Matrix(rows: 0, columns: genes) }
        let mostBase = Limits().controlsOfStratum
        let allRows = controlRows(request.shares)
        var own = stream.stream("base")
        let rows =
            allRows.count > mostBase
            ? own.choice(mostBase, of: allRows.count).sorted().map { allRows[$0] } : allRows
        let order = CellOrder(request.count, of: rows.count, stream: stream.stream("cells"))
        if request.source == .shifted { return moved(order, rows, by: request.shift) }
        // On the floors of treated cells beside the base cell.
        let groups = order.drawn.map { strata.count + stratumOfControl[rows[$0]] }
        let transports = transports(request, rows, groups, workers: workers)
        let stream = stream.stream("genes")
        let columns = concurrentMap(genes, workers: workers) { gene in
            var own = stream.stream(gene)
            let offset = own.uniform()
            let values = transports[gene].values(request.count, offset: offset)
            let places = order.ranked(by: aboveFloorOfControl(rows, gene), stream: own.stream("ties"))
            var column = [Float](repeating: 0, count: values.count)
            for (rank, place) in places.enumerated() {
                column[place] = values[rank] + floors.value(groups[place], gene)
            }
            return column
        }
        var result = Matrix<Float>(rows: request.count, columns: genes)
        result.values.withUnsafeMutableBufferPointer { result in
            for (gene, column) in columns.enumerated() {
                for (cell, value) in column.enumerated() { result[cell * columns.count + gene] = value }
            }
        }
        return result
    }

    /// Values of a gene less the floor of each cell's group.
    private func aboveFloorOfControl(_ rows: [Int], _ gene: Int) -> [Float] {
        rows.map { controls[$0, gene] - floors.value(stratumOfControl[$0], gene) }
    }

    private func aboveFloorOfTreated(_ rows: some Sequence<Int>, _ gene: Int) -> [Float] {
        rows.map { treated[$0, gene] - floors.value(strata.count + stratumOfTreated[$0], gene) }
    }

    private func moved(_ order: CellOrder, _ rows: [Int], by shift: [Double]) -> Matrix<Float> {
        var result = controls.selectingRows(order.drawn.map { rows[$0] })
        for cell in 0..<result.rows {
            for gene in 0..<genes { result[cell, gene] += Float(shift[gene]) }
        }
        return result
    }

    /// - Parameters:
    ///   - rows: Base cells.
    ///   - groups: Of each predicted cell, the group whose floors it has.
    private func transports(
        _ request: Request, _ rows: [Int], _ groups: [Int], workers: Int
    ) -> [GeneTransport] {
        let strata = request.templates.map { template in shares(at: template.context).map(\.stratum) }
        let distinct = Set(strata).sorted { $0.lexicographicallyPrecedes($1) }
        let controlRows = distinct.map { places in
            self.controlRows(places.map { StratumShare(stratum: $0, cells: 1) })
        }
        let controlOfTemplate = strata.map { distinct.firstIndex(of: $0) ?? 0 }
        let bases = concurrentMap(genes, workers: workers) { gene in
            GeneValues(aboveFloorOfControl(rows, gene), isFloored: floors.isFloored[gene])
        }
        let law = DetectionLaw(bases)
        let treatedRows = request.templates.map { self.treatedRows($0.context) }
        let counts = Dictionary(groups.map { ($0, 1.0) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
        return concurrentMap(genes, workers: workers) { gene in
            let isFloored = floors.isFloored[gene]
            let own = controlRows.map { GeneValues(aboveFloorOfControl($0, gene), isFloored: isFloored) }
            let templates = request.templates.indices.map { place in
                GeneTransport.Template(
                    treated: GeneValues(aboveFloorOfTreated(treatedRows[place], gene), isFloored: isFloored),
                    control: own[controlOfTemplate[place]], weight: request.templates[place].weight)
            }
            let floor = counts.reduce(0) { $0 + $1.value * Double(floors.value($1.key, gene)) }
            return GeneTransport(
                base: bases[gene], isFloored: isFloored, templates: templates, law: law,
                mean: request.mean[gene] - floor / Double(request.count))
        }
    }

    func check(
        _ count: Int, _ shift: [Double], _ templates: [CellTemplate]?
    ) throws(PredictedCellsError) {
        guard count >= 0, shift.count == genes else {
            throw PredictedCellsError(
                code: "COUNT", element: "count or shift",
                message: "no negative count and \(genes) shifts expected, found \(count) and \(shift.count)",
                remedy: "give one shift for every gene of the training screen")
        }
        guard shift.allSatisfy(\.isFinite) else {
            throw PredictedCellsError(
                code: "NONFINITE", element: "shift", message: "finite shifts expected, found others",
                remedy: "predict finite means")
        }
        for template in templates ?? []
        where !contexts.indices.contains(template.context) || !template.weight.isFinite || template.weight < 0 {
            throw PredictedCellsError(
                code: "TEMPLATE", element: "templates",
                message: "places in \(contexts.count) contexts and weights of 0 or more expected, found context "
                    + "\(template.context) of weight \(template.weight)",
                remedy: "take places in the generator's contexts")
        }
    }
}
