import Foundation
import Interventions
import Probability
import Testing

@testable import ScreenModels

/// A model on disk.
struct ScreenModelFilesTests {
    private static let planted = ChainScreen(
        measured: 6, unseen: 1, doses: [nil], cells: 30, controls: 100, pairs: [(0, 1)], strata: ["a", "b"])

    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        var screen = Self.planted.screen
        screen.knownTargets = [ChainScreen.name(0): ["g0"]]
        var options = ScreenModelTests.options
        options.intervention = .hard
        try ScreenModel.fit(screen, options: options).save(to: folder)
        try body(folder)
    }

    @Test func whatIsReadBackAnswersTheSame() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        var model = try ScreenModel.fit(Self.planted.screen, options: ScreenModelTests.options)
        model.provenance = ["a": "b"]
        try model.save(to: folder)
        let copy = try PerturbationModels.load(from: folder)
        #expect(copy is ScreenModel && copy.provenance == ["a": "b"])
        let features = Self.planted.screen.features!.values.row(6).map(Double.init)
        for query in [
            PerturbationQuery(perturbation: ChainScreen.name(0)),
            PerturbationQuery(perturbation: "drug0+drug1", covariates: ["line": "b"]),
            PerturbationQuery(perturbation: "drug6", features: features),
        ] {
            #expect(try copy.predict(query) == model.predict(query))
            #expect(try copy.attribution(query) == model.attribution(query))
            #expect(try copy.sampleCells(query, count: 20) == model.sampleCells(query, count: 20, seed: 0))
        }
        #expect(copy.edgeTable == model.edgeTable && copy.targetTable == model.targetTable)
    }

    @Test func replacedMechanismsSurviveToo() throws {
        try inFolder { folder in
            let model = try ScreenModel.load(from: folder)
            let found = try model.predict(.init(perturbation: ChainScreen.name(0)))
            #expect(found.targetProbability[0] == 1)
            #expect(found.interventionScale[0] != 1)
        }
    }

    /// Bytes of either file changed or cut at random: an error with words, or a model that answers.
    @Test func damagedFilesNeverTrap() throws {
        try inFolder { folder in
            var random = RandomStream(seed: 5)
            for name in ["model.json", "model.safetensors"] {
                let file = folder.appendingPathComponent(name)
                let whole = try Data(contentsOf: file)
                for trial in 0..<40 {
                    var damaged = whole
                    if trial % 4 == 0 {
                        damaged = damaged.prefix(random.index(below: whole.count))
                    } else {
                        for _ in 0..<8 { damaged[random.index(below: whole.count)] = UInt8(random.index(below: 256)) }
                    }
                    try damaged.write(to: file)
                    do {
                        _ = try ScreenModel.load(from: folder).predict(.init(perturbation: ChainScreen.name(0)))
                    } catch let error as InterventionError {
                        #expect(!error.message.isEmpty && !error.remedy.isEmpty)
                    }
                }
                try whole.write(to: file)
            }
        }
    }

    @Test func anOlderSchemaIsNamed() throws {
        try inFolder { folder in
            let file = folder.appendingPathComponent("model.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.replacingOccurrences(of: "\"schema\" : \(ScreenModel.schema)", with: "\"schema\" : 99")
                .write(to: file, atomically: true, encoding: .utf8)
            #expect {
                _ = try ScreenModel.load(from: folder)
            } throws: {
                ($0 as? InterventionError)?.message.contains("found 99") == true
            }
        }
    }
}
