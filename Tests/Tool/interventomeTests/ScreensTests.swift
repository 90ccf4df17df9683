import Foundation
import Testing

/// The screens of `Pipelines/Screens`, from end to end with the real binary, where their data are there: in a folder
/// `shared/data` beside the package, or where the environment variable INTERVENTOME_DATA says.
struct ScreensTests {
    static let data: URL? = {
        if let path = ProcessInfo.processInfo.environment["INTERVENTOME_DATA"] { return URL(fileURLWithPath: path) }
        let data = Binary.package.deletingLastPathComponent().appendingPathComponent("shared/data")
        return FileManager.default.fileExists(atPath: data.path) ? data : nil
    }()

    private static let screens = Binary.package.appendingPathComponent("Pipelines/Screens/runs")

    /// Every configuration there is, so that a new one is not forgotten.
    private static let names =
        (try? FileManager.default.contentsOfDirectory(atPath: screens.path))?.filter { $0.hasSuffix(".yaml") }.sorted()
        ?? []

    private static let artifacts = [
        "configuration.json", "edges.tsv", "evaluation.json", "evaluation.summary.tsv", "evaluation.tsv",
        "explanations.json", "model/model.json", "model/model.safetensors", "predictions.h5ad",
        "predictions.shifts.tsv", "quality.json", "read.json", "report.html", "report.json", "run.log", "screen.h5ad",
        "structure.json",
    ]

    /// One short fit instead of three long ones: what is tested here is that every stage takes what real files bring.
    private static let quick = [
        "fit.responses.draws=4", "fit.responses.restarts=1", "predict.cells=20",
    ]

    @Test(.enabled(if: data != nil), arguments: names)
    func screenRunsToItsReport(_ name: String) throws {
        let data = try #require(Self.data)
        let folder = try TemporaryFolder()
        let configuration = Self.screens.appendingPathComponent(name)
        var settings = Self.quick
        // Paths of the configurations are those of a package with the data beside it.
        for line in try String(contentsOf: configuration, encoding: .utf8).split(separator: "\n") {
            guard let path = line.split(separator: " ").last, let range = path.range(of: "shared/data/") else {
                continue
            }
            let key = line.prefix { $0 != ":" }
            settings.append("\(key)=\(data.appendingPathComponent(String(path[range.upperBound...])).path)")
        }
        #expect(settings.count > Self.quick.count)
        let result = try Binary.run(
            ["run", configuration.path, "-o", folder.path("run")] + settings.flatMap { ["--set", $0] })
        #expect(result.status == 0, "\(result.error)")
        for artifact in Self.artifacts {
            let path = folder.path("run/" + artifact)
            #expect(FileManager.default.contents(atPath: path)?.isEmpty == false, "\(artifact)")
        }
        try checkPage(String(contentsOfFile: folder.path("run/report.html"), encoding: .utf8))
        try checkEvaluation(Data(contentsOf: URL(fileURLWithPath: folder.path("run/evaluation.json"))))
    }

    /// Every element that is opened is closed, in order, and nothing is loaded from elsewhere.
    private func checkPage(_ page: String) throws {
        #expect(page.hasPrefix("<!doctype html>") || page.hasPrefix("<!DOCTYPE html>"))
        #expect(!page.contains("src=\"http") && !page.contains("<link"))
        let withoutScript = page.replacing(/<script[^>]*>[^<]*<\/script>/, with: "")
        #expect(!withoutScript.contains("<script"))
        for word in [">nan<", "\"nan\"", "NaN"] { #expect(!withoutScript.contains(word)) }
        let void: Set<String> = ["meta", "br", "hr", "img", "input", "col", "wbr"]
        var open: [String] = []
        var rest = page[...]
        while let start = rest.firstIndex(of: "<") {
            rest = rest[start...]
            let end = try #require(rest.firstIndex(of: ">"), "a tag without end: \(rest.prefix(60))")
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }.lowercased()
            if tag.hasPrefix("!") || tag.hasSuffix("/") || void.contains(name) { continue }
            if tag.hasPrefix("/") {
                #expect(open.popLast() == name, "</\(name)>")
                continue
            }
            open.append(name)
            if name == "script" || name == "style" {
                let close = try #require(rest.range(of: "</\(name)>"))
                rest = rest[close.lowerBound...]
            }
        }
        #expect(open.isEmpty, "\(open)")
    }

    /// The model and every baseline have scores, and all of them are numbers.
    private func checkEvaluation(_ data: Data) throws {
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let scores = try #require(object["scores"] as? [[String: Any]])
        let predictors = Set(scores.compactMap { $0["predictor"] as? String })
        #expect(predictors.isSuperset(of: ["model", "no change", "mean of training perturbations"]), "\(predictors)")
        #expect(scores.allSatisfy { ($0["value"] as? Double)?.isFinite == true })
    }
}
