import Foundation
import Graphs
import Testing

@testable import Runs

#if canImport(FoundationXML)
    import FoundationXML
#endif

struct GraphFilesTests {
    /// a → b → c with c → a as well, which closes the cycle and is the least probable; d alone.
    private let beliefs = EdgeBeliefs(
        genes: ["a", "b & <b>", "c\t\"c\"", "d"],
        probabilities: [0, 0.9, 0.2, 0, 0.1, 0, 0.75, 0, 0.625, 0.5, 0, 0, 0, 0, 0, 0])

    private var decoding: AcyclicDecoding { AcyclicDecoding(beliefs) }

    /// Elements of a name with their attributes and text, as Foundation's parser of XML reads them.
    private final class Elements: NSObject, XMLParserDelegate {
        var found: [(name: String, attributes: [String: String], text: String)] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) { found.append((name, attributes, "")) }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            if !found.isEmpty { found[found.count - 1].text += text }
        }
    }

    @Test func graphMLHoldsEveryGeneAndTheEdgesAboveTheThreshold() throws {
        for (threshold, count) in [(0.5, 4), (0.51, 3), (0.8, 1), (1, 0), (0, 12)] {
            let (text, edgeCount) = GraphFiles.graphML(beliefs, decoding: decoding, threshold: threshold)
            #expect(edgeCount == count)
            let elements = Elements()
            let parser = XMLParser(data: Data(text.utf8))
            parser.delegate = elements
            #expect(parser.parse())
            #expect(elements.found.filter { $0.name == "node" }.compactMap { $0.attributes["id"] } == beliefs.genes)
            let edges = elements.found.filter { $0.name == "edge" }
            #expect(edges.count == count)
            let ranked = beliefs.ranked.prefix(count)
            #expect(edges.map { $0.attributes["source"] } == ranked.map { beliefs.genes[$0.source] })
            #expect(edges.map { $0.attributes["target"] } == ranked.map { beliefs.genes[$0.target] })
            func data(_ key: String) -> [String] {
                elements.found.filter { $0.name == "data" && $0.attributes["key"] == key }.map {
                    $0.text.trimmingCharacters(in: .whitespacesAndNewlines)
                }
            }
            #expect(data("probability").map { Float($0) } == ranked.map { $0.probability })
            #expect(data("acyclic") == ranked.map { "\(decoding.graph[$0.source, $0.target])" })
        }
    }

    @Test func sifHoldsTheDecodingAndGenesAlone() {
        #expect(
            GraphFiles.sif(decoding.graph, genes: beliefs.genes)
                == "a\tcauses\tb & <b>\nb & <b>\tcauses\tc \"c\"\nd\n")
    }

    @Test func decisionsSayWhatWasDroppedAndWhy() {
        #expect(
            GraphFiles.decisions(decoding, beliefs: beliefs)
                == """
                source\ttarget\tprobability\tdecision\tcycle
                a\tb & <b>\t0.9\tkept\t
                b & <b>\t"c\t""c\"""\t0.75\tkept\t
                "c\t""c\"""\ta\t0.625\tdropped\t"c\t""c"" -> a -> b & <b> -> c\t""c\"""

                """)
    }

    @Test func samplesAreNumberedAndTheSameWhateverIsReported() throws {
        func table(_ count: Int, seed: UInt64 = 0) throws -> String {
            String(decoding: try SampledGraphs(of: beliefs, count: count, seed: seed) { _ in }.table, as: UTF8.self)
        }
        for count in [1, 7, 8, 30] {
            let lines = try table(count).split(separator: "\n")
            #expect(lines[0] == "sample\tsource\ttarget")
            let numbers = lines.dropFirst().compactMap { Int($0.prefix { $0 != "\t" }) }
            #expect(numbers == numbers.sorted() && Set(numbers) == Set(1...count))
        }
        #expect(try table(30) == table(30))
        #expect(try table(30) != table(30, seed: 1))
        // Nothing but graphs without edges.
        let none = EdgeBeliefs(genes: ["a", "b"], probabilities: [0, 0, 0, 0])
        let empty = try SampledGraphs(of: none, count: 2, seed: 0) { _ in }
        #expect(String(decoding: empty.table, as: UTF8.self) == "sample\tsource\ttarget\n1\t\t\n2\t\t\n")
    }

    @Test func theSummaryNamesTheCycles() throws {
        let summary = AcyclicSummary(decoding, genes: beliefs.genes)
        #expect(summary.edges == 2 && summary.dropped.map(\.probability) == [0.625] && summary.isMostProbable)
        #expect(summary.dropped[0].cycle == ["c\t\"c\"", "a", "b & <b>", "c\t\"c\""])
        #expect(summary.notices.map(\.code) == ["CYCLES_BROKEN"])
        let chain = EdgeBeliefs(genes: ["a", "b"], probabilities: [0, 0.9, 0, 0])
        #expect(AcyclicSummary(AcyclicDecoding(chain), genes: chain.genes).notices.isEmpty)
    }
}
