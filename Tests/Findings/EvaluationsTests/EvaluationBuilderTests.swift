import Matrices
import Probability
import Screens
import Shifts
import Testing

@testable import Evaluations

@Suite struct EvaluationBuilderTests {
    /// Drugs with features, few controls, and an effect on the first `moved` genes that follows the feature.
    private static func screen(
        drugs: Int, genes: Int = 60, controls: Int = 8, cells: Int = 6, effect: Double, seed: UInt64 = 1
    ) -> PerturbationScreen {
        var random = RandomStream(seed: seed)
        var values: [Float] = []
        var contexts = [Context(perturbation: "control", isControl: true)]
        var contextOfCell = [Int](repeating: 0, count: controls)
        let direction = (0..<genes).map { _ in random.normal() }
        for _ in 0..<controls * genes { values.append(Float(random.normal())) }
        var features: [Float] = []
        for drug in 0..<drugs {
            contexts.append(Context(perturbation: "drug\(drug)"))
            let feature = random.normal()
            features.append(Float(feature))
            for _ in 0..<cells {
                contextOfCell.append(drug + 1)
                for gene in 0..<genes { values.append(Float(random.normal() + effect * feature * direction[gene])) }
            }
        }
        return PerturbationScreen(
            genes: (0..<genes).map { "g\($0)" },
            expression: Matrix(rows: contextOfCell.count, columns: genes, values: values), scale: .log1p,
            contexts: contexts, contextOfCell: contextOfCell,
            features: FeatureTable(
                perturbations: (0..<drugs).map { "drug\($0)" }, features: ["f"],
                values: Matrix(rows: drugs, columns: 1, values: features)))
    }

    private static func split(_ screen: PerturbationScreen, divisions: Int = 2) throws -> SplitTable {
        var plan = SplitPlan()
        plan.controlDivisions = divisions
        plan.folds = 3
        return try plan.table(of: screen)
    }

    private static func evaluation(_ screen: PerturbationScreen) throws -> PredictionEvaluation {
        let split = try split(screen)
        var builder = EvaluationBuilder(comparing: screen.expression, seed: 0)
        for fold in 1...split.folds {
            for use in [.shared] + split.disjointUses {
                builder.add(
                    try PredictionTrial(screen, split: split, fold: fold, controls: use), comparesCells: use == .shared)
            }
        }
        return builder.evaluation()
    }

    @Test("Without any effect the shared controls alone look like skill, disjoint ones do not")
    func sharedNoise() throws {
        let found = try Self.evaluation(Self.screen(drugs: 12, genes: 200, effect: 0))
        #expect(found.notes.allSatisfy { !$0.contains("few cells") })
        let mean = "mean of training perturbations"
        // The error of 8 controls against that of 6 cells: a correlation of about √(1/8 / (1/8 + 1/6)) = 0.65.
        #expect(try #require(found.mean(.pearson, of: mean, variant: "shared")) > 0.4)
        // Halves of the same 8 controls err in opposite directions about their mean, which is not the truth: the divisions
        // share cells, so that the mean over them is 0 but for the noise of 12 drugs and 200 genes.
        #expect(abs(try #require(found.mean(.pearson, of: mean, variant: "disjoint"))) < 0.15)
        #expect(found.mean(.pearson, of: "no change", variant: "shared") == 0)
        #expect(found.mean(.discrimination, of: "no change", variant: "shared") == 0.5)
        #expect(found.mean(.pooledDetermination, of: "no change", variant: "disjoint") == 0)
        #expect(try #require(found.ceilings["disjoint"]?.halvesCorrelation) < 0.15)
    }

    @Test("Features that tell the effect beat the mean, and the verdict says so")
    func features() throws {
        let found = try Self.evaluation(Self.screen(drugs: 15, controls: 40, effect: 1))
        #expect(found.models == ["mean of training perturbations"] && found.heldOut.count == 15)
        for metric in [PredictionMetric.pearson, .rootMeanSquareError, .discrimination, .pooledDetermination] {
            let comparison = found.comparisons.first {
                $0.metric == metric && $0.variant == "disjoint" && $0.baseline == "ridge on features"
            }
            #expect(comparison?.verdict == .loses, "\(metric)")
        }
        // Controls that are moved to where the cells are have their distribution, too.
        let energy = found.comparisons.first {
            $0.metric == .energyDistance && $0.variant == "shared" && $0.baseline == "ridge on features"
        }
        #expect(energy?.verdict == .loses)
        #expect(found.scores.allSatisfy { $0.value.isFinite })
    }

    @Test("The same at any order of work: an evaluation repeats to the last bit")
    func repeats() throws {
        let screen = Self.screen(drugs: 6, genes: 20, effect: 1)
        #expect(try Self.evaluation(screen) == Self.evaluation(screen))
    }

    @Test("A model is judged beside baselines of the very same trials")
    func models() throws {
        let screen = Self.screen(drugs: 10, controls: 40, effect: 1)
        let split = try Self.split(screen)
        var builder = EvaluationBuilder(comparing: screen.expression, seed: 0)
        var predicted: Set<String> = []
        for fold in 1...split.folds {
            let trial = try PredictionTrial(screen, split: split, fold: fold, controls: .disjoint(0))
            let truth = trial.test.meanShifts()
            let answers = ModelAnswers(
                name: "oracle",
                predictions: Dictionary(
                    uniqueKeysWithValues: truth.map { found in
                        let cells = trial.test.cellsOfContext[found.context]
                        return (
                            trial.test.contexts[found.context],
                            PredictedTreatment(
                                shift: found.shift, cells: trial.test.expression.selectingRows(cells))
                        )
                    }))
            predicted.formUnion(answers.predictions.keys.map(\.perturbation))
            builder.add(trial, models: [answers])
            // A division that the model was not asked of does not count.
            builder.add(try PredictionTrial(screen, split: split, fold: fold, controls: .disjoint(1)))
        }
        let found = builder.evaluation()
        #expect(found.models == ["oracle"] && predicted.count == 10)
        #expect(found.mean(.pearson, of: "oracle", variant: "disjoint").map { abs($0 - 1) < 1e-12 } == true)
        #expect(found.mean(.rootMeanSquareError, of: "oracle", variant: "disjoint") == 0)
        #expect(found.mean(.pooledDetermination, of: "oracle", variant: "disjoint") == 1)
        #expect(found.mean(.varianceRatio, of: "oracle", variant: "disjoint") == 1)
        #expect(found.comparisons.filter { $0.metric == .rootMeanSquareError }.allSatisfy { $0.verdict == .beats })
        #expect(found.notes.first?.contains("1 division;") == true)
        // Each drug has six cells, half of the forty controls is moved.
        #expect(found.notes.last?.contains("models gave 6 cells, baselines moved 20;") == true)
        #expect(found.scores.filter { $0.predictor == "no change" && $0.metric == .cosine }.count == 10)
    }

    @Test("Nothing of the test part enters an answer: other test values, the same answers")
    func leak() throws {
        let screen = Self.screen(drugs: 12, effect: 1)
        let split = try Self.split(screen)
        var other = screen
        let use = ControlUse.disjoint(2)
        let cells = try split.cells(of: screen, fold: 1, controls: use)
        for cell in Set(cells.test).subtracting(cells.training) {
            for gene in screen.genes.indices { other.expression[cell, gene] = 100 - other.expression[cell, gene] }
        }
        let answers = try [screen, other].map { screen in
            TrialAnswers(
                try PredictionTrial(screen, split: split, fold: 1, controls: use), models: [], frame: nil,
                random: RandomStream(seed: 0)
            ).treatments
        }
        #expect(answers[0].map(\.answers) == answers[1].map(\.answers))
        #expect(answers[0].map(\.truth) != answers[1].map(\.truth))
        // And training values do enter.
        for cell in cells.training { other.expression[cell, 0] += Float(cell) }
        let moved = TrialAnswers(
            try PredictionTrial(other, split: split, fold: 1, controls: use), models: [], frame: nil,
            random: RandomStream(seed: 0))
        #expect(moved.treatments.map(\.answers) != answers[0].map(\.answers))
    }

    @Test("A test file without controls is judged by those of the training")
    func apart() {
        let screen = Self.screen(drugs: 4, effect: 1)
        let training = screen.subset(perturbations: ["drug0", "drug1"])
        let test = screen.subset(perturbations: ["drug2", "drug3"], withControls: false)
        let trial = PredictionTrial(training: training, test: test)
        #expect(trial.controls == .shared && trial.test.controlCells.count == 8)
        #expect(trial.test.perturbations == ["drug2", "drug3"])
        let direct = screen.subset(perturbations: ["drug2", "drug3"]).meanShifts().map(\.shift)
        #expect(trial.test.meanShifts().map(\.shift) == direct)
    }
}
