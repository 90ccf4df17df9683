import ArgumentParser
import Runs

/// What the verbs on a model have in common.
struct ModelJobOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The folder that `fit` wrote.", valueName: "model"))
    var model: String

    @OptionGroup var seed: SeedOption
    @OptionGroup var force: ForceOption
    @OptionGroup var console: ConsoleOptions

    func job(outputs: [String]) throws -> ModelJob {
        console.prepare(hint: "run the same command again")
        for output in outputs { try OutputFile.claim(output, force: force.force) }
        return try ModelJob(model: model, seed: seed.seed, console: console.console)
    }
}

struct PredictVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict", abstract: "Predicted cells and shifts of perturbations, seen or not.",
        discussion: "Writes cells into OUT.h5ad and, beside it, shifts with 90 % intervals into OUT.shifts.tsv.")

    @Option(
        help: ArgumentHelp(
            """
            One row a prediction: perturbation, dose, dose_unit, covariates, features or smiles of new ones; rows that \
            share a group are given together (default: all of the training).
            """,
            valueName: "table"))
    var perturbations: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The predicted cells.", valueName: "out.h5ad"))
    var output: String

    @Option(help: ArgumentHelp("Cells drawn for each prediction.", valueName: "n"))
    var cells = 100

    @OptionGroup var options: ModelJobOptions

    func validate() throws {
        guard (1...1_000_000).contains(cells) else { throw ValidationError("--cells takes 1 to 1000000, not \(cells)") }
    }

    func run() throws {
        let outputs = [output, ModelJob.shiftFile(beside: output)]
        try options.job(outputs: outputs).predict(table: perturbations, cells: cells, to: output)
    }
}

struct ExplainVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why: per perturbation its targets and what goes through them, per gene its regulators.",
        discussion: """
            Each intervention is switched off in the model and the prediction made again: what a gene loses without its own \
            is direct, what it loses without those of others arrives from them, the rest stays unexplained. Targets are \
            attributed by the model: nobody has seen the perturbation bind them.

            Measured control cells are followed to what they would have been at the highest dose of each perturbation: each \
            keeps what makes it differ from others, the attributed interventions are applied to it, and mechanisms read off \
            the controls carry them on. Where no target is attributed, this is said instead.

            With --hidden, every effect between genes is asked for whether the cells can tell it from causes that nobody \
            measured: from untreated cells, from those of perturbations with known targets, or not at all.

            Writes explanations.json, shifts.tsv, counterfactuals.tsv, report.html and, with --hidden, identifiability.tsv into \
            a folder.
            """)

    @Option(
        help: ArgumentHelp(
            "A cause that nobody measured, such as batch or 'cell cycle=CDK1,MKI67', where it acts on some genes only.",
            valueName: "name[=genes]"))
    var hidden: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("Folder for the explanations.", valueName: "dir"))
    var output: String

    @OptionGroup var options: ModelJobOptions

    func run() throws { try options.job(outputs: [output]).explain(hidden: hidden, to: output) }
}
