import Foundation
import Testing

@testable import Reports

@Suite struct PageStructureTests {
    private static let page = FixtureReport.report.html()

    @Test func everyPageIsSound() {
        #expect(PageStructure(page: PageReader(Self.page)).violations == [])
        let bare = MechanismReport(title: "t", sections: [ReportSection(title: "a", blocks: [])]).html()
        #expect(PageStructure(page: PageReader(bare)).violations == [])
    }

    /// Each planted defect is found: the check can fail.
    @Test(
        arguments: [
            (" lang=\"en\"", "", "no language"), ("<h2 id=\"summary\"", "<h4 id=\"summary\"", "not well formed"),
            ("<main id=\"main\"", "<main id=\"contents\"", "two elements contents"),
            ("href=\"#summary\"", "href=\"#nowhere\"", "points to nowhere"),
            ("<caption>Read, dropped and kept</caption>", "", "without a caption"),
            (" scope=\"col\"", "", "of neither row nor column"), (" role=\"img\"", "", "without a title"),
            ("width=device-width", "user-scalable=no", "can't be enlarged"),
            ("<footer>", "<div>loose</div><footer>", "outside of the landmarks"),
            (" tabindex=\"0\"", " tabindex=\"3\"", "tabindex of 3"),
            ("<dt>cells</dt>", "<dt>cells</dt></div><dt>x</dt><div>", "a dl of"),
            ("<th scope=\"row\">read</th>", "", "cells under"), ("<summary>", "<p>x</p><summary>", "without a summary"),
            ("<main ", "<button>x</button><main ", "does nothing without the script"),
            (">What was read</h2>", "></h2>", "an empty h2"), ("<h4 ", "<h6>x</h6><h4 ", "h6 after"),
        ] as [(String, String, String)])
    func plantedDefectsAreFound(old: String, new: String, sentence: String) throws {
        let range = try #require(Self.page.range(of: old), "the page has no '\(old)'")
        let broken = Self.page.replacingCharacters(in: range, with: new)
        let found = PageStructure(page: PageReader(broken)).violations
        #expect(found.contains { $0.contains(sentence) }, "\(found)")
    }

    /// The script stands alone: the page holds one, after everything else, and no handler in an attribute.
    @Test func thePageWorksWithoutItsScript() {
        let reader = PageReader(Self.page)
        #expect(reader.named("script").count == 1)
        #expect(reader.elements.last?.name == "script" && reader.elements.last?.attributes == [:])
        #expect(reader.elements.allSatisfy { $0.attributes.keys.allSatisfy { !$0.hasPrefix("on") } })
        #expect(ReportScript.text.utf8.count < 8_000)
    }

    @Test func scriptAndSheetNeedNoEscaping() {
        for text in [ReportScript.text, ReportStyle.sheet] { #expect(!text.contains("<") && !text.contains("&")) }
    }

    /// The policy names the script by its digest, and allows nothing to be loaded or sent.
    @Test func thePolicyAllowsThisScriptAlone() throws {
        let policy = try #require(
            PageReader(Self.page).named("meta").first { $0.attributes["http-equiv"] == "Content-Security-Policy" }?
                .attributes["content"])
        let parts = policy.components(separatedBy: "; ")
        #expect(
            parts == [
                "default-src 'none'", "style-src 'unsafe-inline'", "script-src '\(ReportScript.digest)'",
                "base-uri 'none'",
                "form-action 'none'",
            ])
        let digest = Process()
        let (input, output) = (Pipe(), Pipe())
        digest.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        digest.arguments = ["sha256sum"]
        digest.standardInput = input
        digest.standardOutput = output
        try digest.run()
        try input.fileHandleForWriting.write(contentsOf: Data(ReportScript.text.utf8))
        try input.fileHandleForWriting.close()
        let text = String(decoding: try #require(try output.fileHandleForReading.readToEnd()), as: UTF8.self)
        let bytes = stride(from: 0, to: 64, by: 2).map { start -> UInt8 in
            UInt8(text.dropFirst(start).prefix(2), radix: 16) ?? 0
        }
        #expect(ReportScript.digest == "sha256-" + Data(bytes).base64EncodedString())
    }
}
