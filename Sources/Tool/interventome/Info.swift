import ArgumentParser
import Runs

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Version, build, threads, libraries in use; what to cite.")

    @OptionGroup var options: ConsoleOptions

    @Flag(help: "Print the BibTeX entries of the methods in use.")
    var bibtex = false

    func run() throws {
        if bibtex {
            print(Citation.all.map(\.bibtex).joined(separator: "\n\n"))
        } else if options.json {
            print(Build.current(threads: options.threads).json)
        } else {
            print(Build.current(threads: options.threads).text)
        }
    }
}
