import ArgumentParser
import Runs

struct RunVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "The whole pipeline: read, preprocess, structure, fit, predict, explain, report.",
        discussion: """
            Stages that are done and unchanged are skipped, so a run that was interrupted goes on where it stopped, and \
            one whose configuration changed repeats only what the change touches.
            """)

    @Argument(help: ArgumentHelp("The configuration (YAML).", valueName: "config.yaml"))
    var configurationFile: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Folder for the results.", valueName: "dir"))
    var output: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides one key, such as fit.responses.draws=32.", valueName: "key=value"))
    var settings: [String] = []

    @Flag(help: "Go on with an earlier run; an error where there is none.")
    var resume = false

    @OptionGroup var dry: DryRunOption

    @Flag(help: "Print the default configuration and stop.")
    var defaults = false

    @OptionGroup var seed: SeedOverride
    @OptionGroup var force: ForceOption
    @OptionGroup var options: ConsoleOptions

    func validate() throws {
        if !defaults, configurationFile == nil { throw ValidationError("expected a configuration file") }
        if !defaults, output == nil { throw ValidationError("expected --output <dir>") }
        if resume, force.force { throw ValidationError("--resume and --force exclude each other") }
    }

    func run() throws {
        if defaults {
            print(try RunConfiguration.defaultsAsYAML(), terminator: "")
            return
        }
        guard let configurationFile, let output else { return }
        options.prepare(hint: "run the same command again to go on")
        let configuration = try RunConfiguration.load(
            file: configurationFile, settings: settings + seed.settings)
        if resume, !Pipeline.canResume(output) {
            throw Failure(
                code: "NOT_FOUND", file: output, message: "expected a run to go on with, found none",
                remedy: "leave --resume out to begin one", exit: .inputMissing)
        }
        do {
            try run(configuration, output)
        } catch let failure as Failure {
            throw failure.located(inConfiguration: configurationFile)
        }
    }

    private func run(_ configuration: RunConfiguration, _ output: String) throws {
        let pipeline = try Pipeline(
            configuration, output: output, console: options.console, forgetting: force.force && !dry.dryRun)
        if dry.dryRun {
            print(try pipeline.plan().joined(separator: "\n"))
            return
        }
        let report = try pipeline.run()
        print(options.json ? JSONText.of(["report": report]) : "Report: \(report)")
    }
}
