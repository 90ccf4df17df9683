import ArgumentParser
import Runs

struct SplitVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Which treatments of a screen a model must not see, as a file that `run` and `evaluate` take.",
        discussion: """
            By perturbation (at random, or by the chemical scaffold of Bemis and Murcko), by dose, by a covariate such as \
            the cell line, or by combination. Each treatment is tested in one fold at most; the file says in which, one \
            row a treatment, and how controls are halved for the variant disjoint.
            """)

    @Option(help: ArgumentHelp("perturbation, scaffold, dose, covariate or combination.", valueName: "kind"))
    var by: SplitJob.Plan.Kind = .perturbation

    @Option(
        help: ArgumentHelp(
            "Parts into which perturbations or scaffolds are divided; 0 leaves each out on its own.", valueName: "n"))
    var folds = 5

    @Option(help: ArgumentHelp("Doses that are tested: interior, edge or all.", valueName: "doses"))
    var doses: SplitJob.Plan.Doses = .all

    @Option(
        help: ArgumentHelp(
            "Combinations that are tested: those whose single perturbations were all measured (known), all with their "
                + "single perturbations left out of the training (unknown), or any.", valueName: "singles"))
    var singles: SplitJob.Plan.Singles = .any

    @Option(help: ArgumentHelp("The covariate whose values are left out.", valueName: "column"))
    var covariate: String?

    @Option(help: ArgumentHelp("How often controls are halved.", valueName: "n"))
    var controlDivisions = 5

    @Option(help: ArgumentHelp("A table with SMILES, for scaffolds.", valueName: "table"))
    var features: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The split.", valueName: "split.tsv"))
    var output: String

    @OptionGroup var options: ScreenJobOptions

    func run() throws {
        try options.prepare(output: output)
        var plan = SplitJob.Plan()
        plan.by = by
        plan.folds = folds
        plan.doses = doses
        plan.singles = singles
        plan.covariate = covariate
        plan.controlDivisions = controlDivisions
        plan.seed = options.configuration.seed.seed ?? 0
        let job = try SplitJob(
            input: options.input, configuration: options.configuration.file,
            settings: options.configuration.overrides,
            features: features, console: options.console.console)
        let summary = try job.split(plan, to: output)
        if options.console.json { print(summary.json) }
    }
}

extension SplitJob.Plan.Kind: ExpressibleByArgument {}
extension SplitJob.Plan.Doses: ExpressibleByArgument {}
extension SplitJob.Plan.Singles: ExpressibleByArgument {}
