import Formats
import Foundation
import Screens

/// What is fuzzed, by the name that the environment variable FUZZ_PARSER gives. A further parser is one more line here, and
/// one more folder of seeds in `run`.
///
/// A parser must read its input or throw its room's error; anything else (a trap, memory that is not its own, a hang, too
/// much memory) ends the process, and libFuzzer keeps the input.
let parsers: [String: @Sendable (UnsafeRawBufferPointer) -> Void] = [
    "matrices": { bytes in
        withFile(bytes) { path in
            _ = try? readAnnotated(path)
            _ = try? readAnnotated(path, options: ReadingOptions(orientation: .cellsByGenes))
        }
    },
    "tables": { bytes in
        withFile(bytes) { path in
            _ = try? readTable(path)
            _ = try? readAnnotated(path, options: ReadingOptions(orientation: .genesByCells))
        }
    },
    "doses": { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let read = try? DoseText(text) else { return }
        for dose in read.doses {
            precondition(dose.value.isFinite && dose.value >= 0, "\(text) gave \(dose.value)")
            precondition(dose.commonValue.isFinite && dose.commonValue >= 0, "\(text) gave \(dose.commonValue)")
            let again = try? DoseText("\(dose.value) \(dose.unit?.symbol ?? "")")
            precondition(again?.doses.first?.value == dose.value, "\(text) was not read again")
        }
    },
]

/// A file in memory without a name, since readers take paths.
private let file: Int32 = {
    let path = "/dev/shm/interventome-fuzz-\(getpid())"
    let file = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
    unlink(path)
    return file
}()

private func withFile(_ bytes: UnsafeRawBufferPointer, _ body: (String) -> Void) {
    precondition(ftruncate(file, 0) == 0 && pwrite(file, bytes.baseAddress, bytes.count, 0) == bytes.count)
    body("/proc/self/fd/\(file)")
}

private let parser: @Sendable (UnsafeRawBufferPointer) -> Void = {
    let name = ProcessInfo.processInfo.environment["FUZZ_PARSER"] ?? ""
    guard let parser = parsers[name] else {
        fatalError("FUZZ_PARSER must be one of \(parsers.keys.sorted().joined(separator: ", "))")
    }
    return parser
}()

/// libFuzzer's loop, which calls the function given with one input after the other.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

@main
struct Fuzz {
    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            runDriver(&count, &arguments) { start, count in
                parser(UnsafeRawBufferPointer(start: start, count: count))
                return 0
            })
    }
}
