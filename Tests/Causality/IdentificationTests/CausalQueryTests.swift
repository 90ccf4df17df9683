import Testing

@testable import Identification

struct CausalQueryTests {
    @Test func allParts() throws {
        let query = try CausalQuery(parsing: " P( y1 ,y2 | do(x1=1.5, x2), z=low , do ) ")
        #expect(query.outcomes == ["y1", "y2"])
        #expect(query.treatments == ["x1", "x2"])
        #expect(query.conditions == ["z", "do"])
        #expect(query.values == ["x1": "1.5", "z": "low"])
        #expect(query.text == "P(y1, y2 | do(x1=1.5, x2), z=low, do)")
    }

    @Test func namesOfGenes() throws {
        let query = try CausalQuery(parsing: #"P(HLA-A | do(MT-CO1), "IL6 (total)", 'a "b"', β-catenin.1)"#)
        #expect(query.outcomes == ["HLA-A"])
        #expect(query.conditions == ["IL6 (total)", "a \"b\"", "β-catenin.1"])
        #expect(try CausalQuery(parsing: query.text) == query)
    }

    @Test func namesAlone() throws {
        #expect(try CausalQuery.names(parsing: "A, 'B,C' ,D") == ["A", "B,C", "D"])
        #expect(throws: IdentificationError.self) { try CausalQuery.names(parsing: "A,") }
    }
}
