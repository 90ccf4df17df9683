import ArgumentParser
import Runs

struct SampleVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Draws from an effect that follows from the data in spite of unmeasured causes (ID-GEN).",
        discussion: """
            Trains one conditional model for every factor of the effect's formula (tables for labels, linear-Gaussian \
            models, mixture densities or flows for numbers, whichever predicts rows kept back best) and draws from their \
            network. With every answer come its checks: effective rows, values that should not matter and whether they \
            do, held-out likelihoods; --json prints them all. Exit code 1 where the effect is not identifiable.

            Example:  interventome sample --graph G.json --query 'P(y | do(x=1.5))' --data rows.csv -n 10000 -o draws.csv
            """)

    @Option(
        help: ArgumentHelp(
            "JSON {\"nodes\", \"directed\", \"bidirected\", \"latent\"}, a table of edges (tabs), GraphML or DOT.",
            valueName: "file"))
    var graph: String?

    @Option(
        help: ArgumentHelp(
            "P(y1, y2 | do(x=1.5), z=0); values may come from --at instead.", valueName: "query"))
    var query: String

    @Option(
        help: ArgumentHelp(
            "csv or tsv whose columns are nodes, or an h5ad whose genes and obs columns are.", valueName: "file"))
    var data: String?

    @Option(help: ArgumentHelp("Nodes of the graph that are not measured.", valueName: "u1,u2"))
    var latent: [String] = []

    @Option(
        name: .customLong("at"),
        help: ArgumentHelp("Settings of treatments and conditions, one a row, csv or tsv.", valueName: "table"))
    var settings: String?

    @Option(name: [.customShort("n"), .customLong("draws")], help: "Draws of each setting.")
    var draws = 1000

    @Option(name: .shortAndLong, help: ArgumentHelp("The draws, by the ending csv, tsv or h5ad.", valueName: "out"))
    var output: String

    @Option(help: ArgumentHelp("Keep the trained network in this folder.", valueName: "folder"))
    var save: String?

    @Option(
        help: ArgumentHelp(
            "Draw from a network that --save kept, at any values, without training.", valueName: "folder"))
    var model: String?

    @Option(
        name: .customLong("kind"),
        help: ArgumentHelp("What a node's values are: scalar, category or counts.", valueName: "node=kind"))
    var kinds: [String] = []

    @Option(
        name: .customLong("module"),
        help: ArgumentHelp("Columns that are one node, a vector.", valueName: "node=a,b,c"))
    var modules: [String] = []

    @Option(
        help: ArgumentHelp(
            "One kind of model for all nodes that allow it: \(SamplingJob.generators.joined(separator: ", ")).",
            valueName: "kind"))
    var generator: String?

    @Flag(help: "All predecessors as inputs and nothing inlined, as in the paper.")
    var literal = false

    @Flag(help: "Allow values outside the range of the data.")
    var extrapolate = false

    @Option(help: ArgumentHelp("Refuse an answer that rests on fewer effective rows.", valueName: "n"))
    var effectiveRows = 50.0

    @OptionGroup var seed: SeedOption
    @OptionGroup var force: ForceOption
    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if model != nil {
            guard graph == nil, data == nil, latent.isEmpty, save == nil, kinds.isEmpty, modules.isEmpty,
                generator == nil, !literal
            else { throw ValidationError("--model brings graph, data and models of its own") }
        } else {
            guard graph != nil else { throw ValidationError("--graph is missing") }
            guard data != nil else { throw ValidationError("--data is missing") }
        }
        guard (1...100_000_000).contains(draws) else { throw ValidationError("-n takes 1 to 100000000, not \(draws)") }
        if let generator, !SamplingJob.generators.contains(generator) {
            throw ValidationError(
                "--generator takes \(SamplingJob.generators.joined(separator: ", ")), not \(generator)")
        }
        guard effectiveRows >= 0 else { throw ValidationError("--effective-rows takes 0 and more") }
    }

    func run() throws {
        console.prepare(hint: "run the same command again")
        try SamplingJob.checkOutput(output)
        try OutputFile.claim(output, force: force.force)
        if let save { try OutputFile.claim(save, force: force.force) }
        let job = try SamplingJob(request, console: console.console)
        let trained: SamplingJob.Trained?
        if let model {
            trained = try job.load(model)
        } else {
            trained = try job.train(graph: graph!, latent: latent, data: data!) { findings in
                print(console.json ? findings.json : findings.text(isVerbose: console.verbose))
            }
        }
        guard let trained else { throw NegativeAnswer() }
        if let save { try job.save(trained, to: save) }
        let summary = try job.sample(trained, to: output)
        if console.json { print(summary.json) }
    }

    private var request: SamplingJob.Request {
        var request = SamplingJob.Request(query: query)
        request.draws = draws
        request.settings = settings
        request.seed = seed.seed
        request.kinds = kinds
        request.modules = modules
        request.generator = generator
        request.isLiteral = literal
        request.allowsExtrapolation = extrapolate
        request.smallestEffectiveRows = effectiveRows
        return request
    }
}
