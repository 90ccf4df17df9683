import ArgumentParser
import Runs

struct DemoVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "The main job on data that come with the tool.",
        discussion: """
            Simulates a drug screen with a planted network, targets and dose response, runs the whole pipeline on it with \
            two drugs held out, and says what was found again; then runs it on the single-cell screen of Sachs et al. \
            2005 and compares the network with the consensus. A demo that was interrupted goes on where it stopped.
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("Folder for data, results and reports.", valueName: "dir"))
    var output: String

    @OptionGroup var dry: DryRunOption
    @OptionGroup var seed: SeedOption
    @OptionGroup var options: ConsoleOptions

    func run() throws {
        options.prepare(hint: "run the same command again to go on")
        let demo = Demo(output: output, seed: seed.seed, console: options.console)
        if dry.dryRun {
            print(demo.plan)
            return
        }
        let outcome = try demo.run()
        if options.json {
            print(JSONText.of(["reports": outcome.reports], ["plantedTruthFound": outcome.isPlantedTruthFound]))
        } else {
            print(outcome.lines.joined(separator: "\n"))
            for report in outcome.reports { print("Report: \(report)") }
        }
    }
}
