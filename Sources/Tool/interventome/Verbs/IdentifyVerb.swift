import ArgumentParser
import Runs

struct IdentifyVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identify",
        abstract: "Whether an effect follows from the data in spite of unmeasured causes: the formula, or why not.",
        discussion: """
            The graph says who acts on whom, and which nodes share causes that are not measured (bidirected edges, or \
            latent nodes). The answer is complete: what is refused can't be computed from the data, however many there \
            are; then it says which shared causes stand in the way and what single measurement or experiment would help. \
            Exit code 1 where the effect is not identifiable.

            Example:  interventome identify --graph G.json --query 'P(y | do(x), z)'
            """)

    @Option(
        help: ArgumentHelp(
            "JSON {\"nodes\", \"directed\", \"bidirected\", \"latent\", \"selected\"}, a table of edges (tabs), GraphML or DOT.",
            valueName: "file"))
    var graph: String?

    @Option(
        help: ArgumentHelp(
            "P(y1, y2 | do(x1, x2), z); names with special characters in quotes.", valueName: "query"))
    var query: String?

    @Option(
        name: .customLong("experiment"),
        help: ArgumentHelp(
            "Nodes that were set together in an experiment that was measured, beside observation; one option for each.",
            valueName: "a,b"))
    var experiments: [String] = []

    @Option(help: ArgumentHelp("Nodes of the graph that are not measured.", valueName: "u1,u2"))
    var latent: [String] = []

    @Option(
        help: ArgumentHelp(
            "Nodes by which cells were chosen, such as survival: effects are those on the cells that were chosen; a "
                + "refusal is then no proof.",
            valueName: "s"))
    var selected: [String] = []

    @Option(
        help: ArgumentHelp(
            "Many queries, {\"queries\": [{\"id\", \"graph\", \"query\"}]}: a line of JSON for each.",
            valueName: "file"))
    var batch: String?

    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if batch != nil {
            guard graph == nil, query == nil, experiments.isEmpty, latent.isEmpty, selected.isEmpty else {
                throw ValidationError("--batch brings graphs and queries of its own")
            }
        } else {
            guard graph != nil else { throw ValidationError("--graph is missing") }
            guard query != nil else { throw ValidationError("--query is missing") }
        }
    }

    func run() throws {
        console.prepare(hint: "run the same command again")
        if let batch {
            try IdentificationBatch(file: batch).run { print($0) }
        } else if let graph, let query {
            let findings = try IdentificationJob(graph: graph, latent: latent, selected: selected)
                .answer(query, experiments: experiments)
            for note in findings.notes { console.console.note(note) }
            print(console.json ? findings.json : findings.text(isVerbose: console.verbose))
            if !findings.isIdentifiable { throw NegativeAnswer() }
        }
    }
}
