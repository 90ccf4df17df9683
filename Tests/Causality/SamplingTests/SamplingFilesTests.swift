import Foundation
import Generators
import Identification
import Networks
import Probability
import Sampling
import Testing

struct SamplingFilesTests {
    let folder = FileManager.default.temporaryDirectory.appending(path: "network-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    func written() throws -> SamplingNetwork {
        let diagram = try diagram("w1-w2 w2-x x-y", "w1-x w1-y")
        let world = DiscreteWorld(diagram, levels: 2, seed: 3)
        var options = SamplingOptions()
        options.usesPillows = false
        options.resampledRows = 5000
        let network = try network(
            diagram, "P(y | do(x))", world.nodes(diagram), world.rows(1000, seed: 5), options)
        try network.write(to: folder.path, notes: ["query": "P(y | do(x))"])
        return network
    }

    /// Saved networks draw the same at values that nobody had asked for.
    @Test func aSavedNetworkDrawsTheSame() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let network = try written()
        let (read, notes) = try SamplingNetwork.read(from: folder.path)
        #expect(notes == ["query": "P(y | do(x))"])
        #expect(read.diagnostics == network.diagnostics)
        for value in [Float(0), 1] {
            let settings = NodeTable(rows: 1, columns: ["x": NodeColumn(labels(2), [value])])
            #expect(
                read.sample(at: settings, draws: 500, stream: RandomStream(seed: 6))
                    == network.sample(at: settings, draws: 500, stream: RandomStream(seed: 6)))
        }
    }

    /// Every value of the description is damaged in turn: an error or a network that still draws, never a crash.
    @Test func damageIsSeen() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try written()
        let file = folder.appending(path: "network.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        for (old, new) in [
            ("\"version\" : 1", "\"version\" : 2"), ("interventome/sampling-network", "another"),
            ("\"node\" : 3", "\"node\" : 9"), ("\"copy\" : 0", "\"copy\" : 1"), ("\"table\"", "\"mixture\""),
            ("\"w2\"", "\"w1\""), ("{", "["),
        ] {
            #expect(text.contains(old), "\(old)")
            try text.replacingOccurrences(of: old, with: new).write(to: file, atomically: true, encoding: .utf8)
            #expect(throws: (any Error).self, "\(old)") { _ = try SamplingNetwork.read(from: folder.path) }
        }
        try text.write(to: file, atomically: true, encoding: .utf8)
        let weights = folder.appending(path: "network.safetensors")
        try Data(contentsOf: weights).dropLast(4).write(to: weights)
        #expect(throws: WeightsError.self) { _ = try SamplingNetwork.read(from: folder.path) }
        try FileManager.default.removeItem(at: file)
        #expect(throws: SamplingError.self) { _ = try SamplingNetwork.read(from: folder.path) }
    }
}
