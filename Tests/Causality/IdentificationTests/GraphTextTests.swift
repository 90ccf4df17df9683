import Probability
import Testing

@testable import Identification

/// One graph, A → B → C with A ↔ C and a latent U of B and C, in every form.
struct GraphTextTests {
    private func expectSame(_ text: String, location: SourceLocation = #_sourceLocation) throws {
        let diagram = try CausalDiagram(GraphText.read(text))
        let expected = try Diagrams.of("A -> B, B -> C, A <-> C, U -> B, U -> C", latent: ["U"])
        #expect(Set(diagram.names) == Set(expected.names), sourceLocation: location)
        for name in expected.names {
            let (node, other) = (diagram.number(of: name)!, expected.number(of: name)!)
            #expect(
                diagram.names(of: diagram.parents[node]) == expected.names(of: expected.parents[other]),
                sourceLocation: location)
            #expect(
                diagram.names(of: diagram.siblings[node]) == expected.names(of: expected.siblings[other]),
                sourceLocation: location)
        }
        #expect(diagram.latents == ["U"], sourceLocation: location)
    }

    @Test func json() throws {
        try expectSame(
            #"""
            {"nodes": ["A", "B", "C"], "directed": [["A", "B"], ["B", "C"], ["U", "B"], ["U", "C"]],
             "bidirected": [["C", "A"]], "latent": ["U"]}
            """#)
    }

    @Test func dot() throws {
        try expectSame(
            """
            digraph "a graph" {
              rankdir=LR; node [shape=circle]
              // comments of every kind
              A -> B -> C; /* two
              lines */ "A" -> C [dir=both, label="a \\"quoted\\" one"]
              U [latent=yes]
              U -> {B C} # the end
            }
            """)
        try expectSame(
            """
            dag {
            bb="0,0,1,1"
            A [exposure,pos="0.1,0.2"]
            C [outcome]
            U [latent]
            A -> B
            B -> C
            A <-> C
            B <- U
            U -> C
            }
            """)
    }

    @Test func graphML() throws {
        try expectSame(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
              <!-- as igraph writes it: <node> -->
              <key id="v_name" for="node" attr.name="name" attr.type="string"/>
              <key id="o" for="node" attr.name="observed" attr.type="boolean"/>
              <key id="k" for="edge" attr.name="kind" attr.type="string"/>
              <graph id="G" edgedefault="directed">
                <node id="n0"><data key="v_name">A</data></node>
                <node id="n1"><data key="v_name">&#66;</data></node>
                <node id="n2"><data key="v_name">C</data></node>
                <node id="n3"><data key="v_name">U</data><data key="o">false</data></node>
                <edge source="n0" target="n1"/><edge source="n1" target="n2"/>
                <edge source="n0" target="n2"><data key="k">bidirected</data></edge>
                <edge source="n3" target="n1"></edge>
                <edge source='n3' target='n2'/>
              </graph>
            </graphml>
            """)
    }

    @Test func tables() throws {
        let header = "source\ttarget\tkind\nA\tB\t\nB\tC\tdirected\nA\tC\tbidirected\nU\tB\t->\n"
        var description = try GraphText.read(header + "\"U\"\tC\t->\n")
        description.latent = ["U"]
        #expect(description.nodes == ["A", "B", "C", "U"])
        #expect(description.bidirected == [.init("A", "C")] && description.directed.count == 4)
        let bare = try GraphText.read("X\tY\nLone\nX\tZ\n")
        #expect(bare.nodes == ["Lone", "X", "Y", "Z"] && bare.directed.count == 2)
    }

    /// Tables that `structure` writes.
    @Test func tablesWithProbabilities() throws {
        let likely = try GraphText.read("source\ttarget\tprobability\nA\tB\t0.9\nB\tA\t0.2\nA\tC\t0.5\n")
        #expect(likely.directed == [.init("A", "B"), .init("A", "C")] && likely.leftOut == 1)
        let kept = try GraphText.read(
            "source\ttarget\tprobability\tdecision\tcycle\nA\tB\t0.9\tkept\t\nB\tA\t0.6\tdropped\tB -> A -> B\n")
        #expect(kept.directed == [.init("A", "B")] && kept.leftOut == 1)
    }

    /// Damaged texts are read or refused; nothing else may happen.
    @Test func textsDamagedAtRandom() {
        let texts = [
            #"{"nodes": ["A", "B"], "directed": [["A", "B"]], "latent": ["U"]}"#,
            "digraph g { rankdir=LR; A -> {B; C} [dir=both, x=\"1\"]; subgraph s { D <-> E } /* c */ U [latent] }",
            "<graphml><key id='k' attr.name='kind'/><graph><node id='A'/><edge source='A' target='B'>"
                + "<data key='k'>bidirected</data></edge></graph></graphml>",
            "source\ttarget\tkind\nA\tB\tdirected\n",
        ]
        var stream = RandomStream(seed: 13).stream("damage")
        let alphabet = Array("{}[]<>/-;=\"'\t\n&#, aA0")
        var refused = 0
        for round in 0..<2000 {
            var characters = Array(texts[round % texts.count])
            for _ in 0..<(1 + stream.index(below: 4)) {
                let place = stream.index(below: characters.count)
                switch stream.index(below: 3) {
                case 0: characters.remove(at: place)
                case 1: characters.insert(alphabet[stream.index(below: alphabet.count)], at: place)
                default: characters[place] = alphabet[stream.index(below: alphabet.count)]
                }
            }
            do { _ = try CausalDiagram(GraphText.read(String(characters))) } catch { refused += 1 }
        }
        #expect(refused > 500)
        #expect(throws: IdentificationError.self) {
            try GraphText.read("digraph " + String(repeating: "{", count: 200_000))
        }
    }

    @Test(
        arguments: [
            ("", "EMPTY_GRAPH", nil), (" \n ", "EMPTY_GRAPH", nil),
            (#"{"nodes": ["A", 1]}"#, "BAD_GRAPH", "/nodes/1"),
            (#"{"nodes": ["A"], "directed": [["A", "B", "C"]]}"#, "BAD_GRAPH", "/directed/0/2"),
            (#"{"directed": []}"#, "BAD_GRAPH", nil),
            (#"{"nodes": "#, "BAD_GRAPH", nil),
            ("digraph {\nA -> B\nB -- C\n}", "BAD_GRAPH", "line 4"),
            ("digraph {\nA -> \"B\n}", "BAD_GRAPH", "line 2"),
            ("digraph { A -> }", "BAD_GRAPH", "line 1"),
            ("digraph { A -> B", "BAD_GRAPH", "line 1"),
            ("<html><body>", "BAD_GRAPH", nil),
            (
                "<graphml><graph edgedefault=\"undirected\">\n<edge source=\"A\" target=\"B\"/></graph></graphml>",
                "BAD_GRAPH", "line 2"
            ),
            ("<graphml><graph>\n\n<node/></graph></graphml>", "BAD_GRAPH", "line 3"),
            ("A,B\n", "BAD_GRAPH", "line 1"), ("A\tB\tperhaps\n", "BAD_GRAPH", "line 1"),
            ("A\t\n", "BAD_GRAPH", "line 1"),
            ("source\ttarget\tprobability\nA\tB\thigh\n", "BAD_GRAPH", "line 2"),
        ] as [(String, String, String?)])
    func damage(_ text: String, _ code: String, _ element: String?) {
        let error = #expect(throws: IdentificationError.self) { try GraphText.read(text) }
        #expect(error?.code == code)
        #expect(error?.element == element)
    }
}
