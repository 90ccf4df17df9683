import Graphs
import Testing

@Suite struct EdgeBeliefsNetworksTests {
    @Test("Edges of a network raise the odds of their beliefs, the strongest most; others stay")
    func raising() throws {
        let network = RegulatoryNetwork([
            .init(regulator: "a", target: "b", effect: .activates, strength: 4),
            .init(regulator: "b", target: "c", effect: .represses, strength: 2),
            .init(regulator: "c", target: "a", effect: .undetermined),
            .init(regulator: "z", target: "a", effect: .activates, strength: 100),
        ])
        let plain = EdgeBeliefs(genes: ["a", "b", "c"], everyEdge: 0.2)
        let raised = plain.raised(by: network, oddsFactor: 16)
        // Odds of 1/4: times 16 is 4, times 16^(1/2) is 1. Strengths of edges to other genes do not count.
        #expect(abs(raised[0, 1] - 0.8) < 1e-6)
        #expect(abs(raised[1, 2] - 0.5) < 1e-6)
        #expect(abs(raised[2, 0] - 0.8) < 1e-6)
        #expect(raised[1, 0] == plain[1, 0] && raised[0, 0] == 0)
        #expect(plain.raised(by: network, oddsFactor: 1) == plain)
    }

    @Test("Certain edges stay certain")
    func extremes() {
        let network = RegulatoryNetwork([.init(regulator: "a", target: "b", effect: .activates)])
        for probability in [0.0, 1.0] {
            let beliefs = EdgeBeliefs(genes: ["a", "b"], everyEdge: probability)
            #expect(beliefs.raised(by: network, oddsFactor: 10)[0, 1] == Float(probability))
        }
    }
}
