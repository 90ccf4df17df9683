import AnnotatedData
import Matrices
import Probability
import Shifts

/// The measured cells of a treatment, beside which predicted ones are judged, and the controls of both sides.
struct MeasuredCells: Sendable {
    /// cells × genes
    let treated: Matrix<Float>
    /// Those that the truth is taken against.
    let trueControls: Matrix<Float>
    /// Those that predictors have seen.
    let seenControls: Matrix<Float>
    private let scale: FoldChangeScale
    private let random: RandomStream
    private let compared: Compared?

    /// What is known of the measured cells before any prediction is seen.
    private struct Compared: Sendable {
        var frame: CellFrame
        var treated: CellPopulation
        var seenControls: CellPopulation
        /// Genes that the measured cells tell apart from the controls of the truth.
        var genes: DifferentialGenes
        /// Energy distance of the measured cells from these controls.
        var strength: Double
    }

    /// Cells that are compared, drawn at random beyond: distances and tests cost their product.
    private static let limit = 300

    /// - Parameter frame: nil compares no cells, nor do fewer than two cells or controls.
    init(
        treated: Matrix<Float>, trueControls: Matrix<Float>, seenControls: Matrix<Float>, scale: ExpressionScale,
        frame: CellFrame?, random: RandomStream
    ) {
        self.treated = treated
        self.trueControls = trueControls
        self.seenControls = seenControls
        self.scale = scale == .log1p ? .log1p : .log2
        self.random = random
        guard let frame, treated.rows >= 2, trueControls.rows >= 2, seenControls.rows >= 2 else {
            compared = nil
            return
        }
        let cells = CellPopulation(treated, frame: frame, limit: Self.limit, random: random.stream("measured"))
        let controls = CellPopulation(
            trueControls, frame: frame, limit: Self.limit, random: random.stream("controls of the truth"))
        compared = Compared(
            frame: frame, treated: cells,
            seenControls: CellPopulation(
                seenControls, frame: frame, limit: Self.limit, random: random.stream("controls")),
            genes: Self.genes(treated, trueControls, self.scale, random),
            strength: cells.energyDistance(from: controls))
    }

    var comparesCells: Bool { compared != nil }

    /// Adds what cells tell to an answer.
    func judge(_ cells: Matrix<Float>, _ answer: inout TrialAnswers.Answer) {
        guard let compared, cells.rows >= 2 else { return }
        judge(
            CellPopulation(cells, frame: compared.frame, limit: Self.limit, random: random.stream("predicted")), cells,
            compared, &answer)
    }

    /// The same of the controls that predictors have seen, moved by a shift: distances among them stay.
    func judgeControls(movedBy shift: [Double], _ answer: inout TrialAnswers.Answer) {
        guard let compared else { return }
        judge(
            compared.seenControls.translated(by: shift), movedControls(by: shift, cutAtZero: false), compared, &answer)
    }

    private func judge(
        _ population: CellPopulation, _ cells: Matrix<Float>, _ compared: Compared,
        _ answer: inout TrialAnswers.Answer
    ) {
        // More predicted cells than were measured would tell apart what no such experiment could.
        let own = CellPopulation.sample(cells, atMost: treated.rows, random.stream("predicted"))
        let genes = Self.genes(own, seenControls, scale, random)
        answer.cells = population.scores(against: compared.treated)
            .merging(genes.scores(against: compared.genes)) { first, _ in first }
        answer.pairs = [
            .strength: UnitScore(
                value: population.energyDistance(from: compared.seenControls), beside: compared.strength),
            .geneCounts: UnitScore(value: Double(genes.count), beside: Double(compared.genes.count)),
        ]
    }

    private static func genes(
        _ cells: Matrix<Float>, _ controls: Matrix<Float>, _ scale: FoldChangeScale, _ random: RandomStream
    ) -> DifferentialGenes {
        DifferentialGenes(
            cells: CellPopulation.sample(cells, atMost: limit, random.stream("tested")),
            controls: CellPopulation.sample(controls, atMost: limit, random.stream("tested controls")), scale: scale)
    }

    func movedControls(by shift: [Double], cutAtZero: Bool) -> Matrix<Float> {
        var cells = seenControls
        for row in 0..<cells.rows {
            for gene in shift.indices {
                let moved = Double(cells[row, gene]) + shift[gene]
                cells[row, gene] = Float(cutAtZero ? max(0, moved) : moved)
            }
        }
        return cells
    }

    /// Half of the measured cells as a prediction of the other half: what no prediction is expected to surpass, with twice
    /// the noise of all cells. nil for fewer than four cells or controls.
    func halves(random: RandomStream) -> TrialAnswers.Answer? {
        guard treated.rows >= 4, seenControls.rows >= 2, trueControls.rows >= 2 else { return nil }
        var random = random
        let order = random.permutation(treated.rows)
        let half = treated.rows / 2
        let predicted = treated.selectingRows(Array(order.prefix(half)))
        let truth = treated.selectingRows(Array(order.dropFirst(half)))
        let (control, trueControl) = (seenControls.columnMeans(), trueControls.columnMeans())
        var answer = TrialAnswers.Answer(
            shift: zip(predicted.columnMeans(), control).map { $0 - $1 }, control: control,
            truth: zip(truth.columnMeans(), trueControl).map { $0 - $1 }, trueControl: trueControl)
        if let compared, truth.rows >= 2, predicted.rows >= 2 {
            let other = MeasuredCells(half: truth, of: self, compared, random: random.stream("truth"))
            other.judge(predicted, &answer)
        }
        return answer
    }

    private init(half: Matrix<Float>, of whole: MeasuredCells, _ compared: Compared, random: RandomStream) {
        treated = half
        trueControls = whole.trueControls
        seenControls = whole.seenControls
        scale = whole.scale
        self.random = random
        var own = compared
        own.treated = CellPopulation(half, frame: compared.frame, limit: Self.limit, random: random.stream("measured"))
        own.genes = Self.genes(half, trueControls, scale, random)
        self.compared = own
    }
}
