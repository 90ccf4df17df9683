import Matrices
import Screens

/// One training part with the controls that a model sees, and the treatments by which it is judged with the controls of
/// the truth.
public struct PredictionTrial: Sendable {
    public var fold: Int
    public var controls: ControlUse
    public var training: PerturbationScreen
    public var test: PerturbationScreen

    public init(fold: Int = 1, controls: ControlUse, training: PerturbationScreen, test: PerturbationScreen) {
        precondition(training.genes == test.genes, "both parts have the same genes")
        self.fold = fold
        self.controls = controls
        self.training = training
        self.test = test
    }

    /// A fold of a split.
    public init(
        _ screen: PerturbationScreen, split: SplitTable, fold: Int, controls: ControlUse
    ) throws(ScreenError) {
        let cells = try split.cells(of: screen, fold: fold, controls: controls)
        self.init(
            fold: fold, controls: controls, training: screen.subset(cells: cells.training),
            test: screen.subset(cells: cells.test))
    }

    /// Two screens apart. Test cells without any controls are judged by those of the training.
    public init(training: PerturbationScreen, test: PerturbationScreen) {
        guard test.controlCells.isEmpty, !training.controlCells.isEmpty else {
            self.init(controls: .shared, training: training, test: test)
            return
        }
        let controls = training.subset(cells: training.controlCells)
        var joined = PerturbationScreen(
            genes: test.genes,
            expression: Matrix(
                rows: test.cellCount + controls.cellCount, columns: test.genes.count,
                values: test.expression.values + controls.expression.values),
            scale: test.scale, contexts: test.contexts + controls.contexts,
            contextOfCell: test.contextOfCell + controls.contextOfCell.map { $0 + test.contexts.count },
            features: test.features, knownTargets: test.knownTargets, combinations: test.combinations,
            notices: test.notices)
        joined.controlStrata = nil
        self.init(controls: .shared, training: training, test: joined)
    }
}

/// What a model says of one treatment.
public struct PredictedTreatment: Sendable {
    /// Of every gene, against the controls that the model has seen.
    public var shift: [Double]
    /// cells × genes; nil where a model predicts means only.
    public var cells: Matrix<Float>?
    /// The 90 % interval of every gene's shift; nil where a model gives none.
    public var interval: (lower: [Double], upper: [Double])?

    public init(
        shift: [Double], cells: Matrix<Float>? = nil, interval: (lower: [Double], upper: [Double])? = nil
    ) {
        self.shift = shift
        self.cells = cells
        self.interval = interval
    }

    /// From cells alone: their mean less that of the model's controls.
    public init(cells: Matrix<Float>, controlMean: [Double]) {
        self.init(shift: zip(cells.columnMeans(), controlMean).map { $0 - $1 }, cells: cells)
    }
}

/// A model's predictions of one trial.
public struct ModelAnswers: Sendable {
    public var name: String
    public var predictions: [Context: PredictedTreatment]

    public init(name: String, predictions: [Context: PredictedTreatment]) {
        self.name = name
        self.predictions = predictions
    }
}
