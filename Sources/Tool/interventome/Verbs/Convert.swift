import ArgumentParser
import Runs

struct ConvertVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Any readable file to h5ad, 10x HDF5, a 10x folder, csv or tsv.",
        discussion: """
            The ending of the output tells its format: .h5ad, .h5 (10x HDF5), .csv or .tsv (also .gz), none (a 10x \
            folder). Files larger than memory pass through in blocks.
            """)

    enum Compression: String, ExpressibleByArgument, CaseIterable {
        case gzip, none
    }

    @OptionGroup var input: FileOptions

    @Argument(help: ArgumentHelp("The file or folder to write.", valueName: "out"))
    var output: String

    @Option(help: ArgumentHelp("The layer, or raw, that becomes the main matrix.", valueName: "name"))
    var layer: String?

    @Option(help: "How an h5ad file is packed.")
    var compression = Compression.gzip

    @OptionGroup var force: ForceOption
    @OptionGroup var console: ConsoleOptions

    func run() throws {
        console.prepare(hint: "run the same command again")
        _ = try ConversionJob.Target(path: output)
        try OutputFile.claim(output, force: force.force)
        let job = ConversionJob(input: input.file, configuration: try input.loaded(), console: console.console)
        let summary = try job.run(to: output, layer: layer, isCompressed: compression == .gzip)
        if console.json { print(summary.json) }
    }
}
