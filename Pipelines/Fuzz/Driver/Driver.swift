import Formats
import Foundation
import HDF5
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
    "hdf5": { bytes in
        withFile(bytes) { path in
            _ = try? readAnnotated(path)
            if let file = try? HDF5File(reading: path), let root = try? file.root { readAll(of: root, depth: 4) }
        }
    },
    "zips": { bytes in
        withFile(bytes) { path in _ = try? readAnnotated(path) }
    },
    // What stands before the first 0 describes an array of the store, what stands behind it is the array's only chunk.
    "zarr": { bytes in
        let array = "\(store)/X/data"
        let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
        write(UnsafeRawBufferPointer(rebasing: bytes[..<end]), to: "\(array)/zarr.json")
        write(UnsafeRawBufferPointer(rebasing: bytes[end...].dropFirst()), to: "\(array)/c/0")
        _ = try? readAnnotated(store)
    },
]

/// Every value below a group, whatever it is for.
private func readAll(of group: HDF5Group, depth: Int) {
    for name in (try? group.names) ?? [] {
        switch try? group.node(name) {
        case .dataset(let dataset):
            _ = try? dataset.values.doubles()
            _ = try? dataset.values.strings()
        case .group(let group) where depth > 0: readAll(of: group, depth: depth - 1)
        default: break
        }
    }
}

/// A sound zarr store in a folder, parts of which are written anew.
private let store = ProcessInfo.processInfo.environment["FUZZ_STORE"] ?? ""

private func write(_ bytes: UnsafeRawBufferPointer, to path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(file >= 0 && pwrite(file, bytes.baseAddress, bytes.count, 0) == bytes.count, path)
    close(file)
}

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
