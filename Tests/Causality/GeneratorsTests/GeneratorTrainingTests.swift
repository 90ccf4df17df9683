import Generators
import Probability
import Testing

struct GeneratorTrainingTests {
    func form(
        _ outcome: NodeKind, _ input: NodeKind?, asked: GeneratorForm? = nil, largestTable: Int = 100
    ) throws -> GeneratorForm {
        var options = quickOptions(asked, steps: 5)
        options.largestTable = largestTable
        let rows = 60
        func column(_ kind: NodeKind, _ name: String) -> NodeColumn {
            let values = uniforms(rows * kind.width, name)
            return NodeColumn(kind, kind.levels != nil ? values.map { ($0 * 2).rounded(.down) } : values)
        }
        var columns = ["y": column(outcome, "y")]
        if let input { columns["x"] = column(input, "x") }
        return type(
            of: try options.trained(
                outcome: Node("y", outcome), inputs: input.map { [Node("x", $0)] } ?? [],
                table: NodeTable(columns), stream: RandomStream(seed: 1))
        ).form
    }

    @Test func formsFollowTheKindsOfTheNodes() throws {
        #expect(try form(.scalar, nil) == .resampling)
        #expect(try form(labels(2), nil) == .resampling)
        #expect(try form(labels(2), labels(2)) == .table)
        #expect(try form(labels(2), labels(2), largestTable: 3) == .mixture)
        #expect(try form(labels(2), .scalar) == .mixture)
        #expect(try form(.counts, .scalar) == .mixture)
        #expect(try form(.vector(width: 2), .scalar) == .flow)
    }

    @Test func aFormThatDoesNotFitGivesWay() throws {
        #expect(try form(.scalar, .scalar, asked: .linearGaussian) == .linearGaussian)
        #expect(try form(labels(2), labels(2), asked: .linearGaussian) == .table)
        #expect(try form(labels(2), labels(2), asked: .mixture) == .mixture)
        #expect(try form(.counts, .scalar, asked: .flow) == .mixture)
        #expect(try form(.vector(width: 2), .scalar, asked: .diffusion) == .diffusion)
        #expect(try form(.vector(width: 2), .scalar, asked: .mixture) == .flow)
    }

    @Test(arguments: [
        ("TOO_FEW_ROWS", NodeColumn(.scalar, [1])), ("NOT_FINITE", NodeColumn(.scalar, [1, .nan])),
        ("CODES_RANGE", NodeColumn(labels(2), [0, 2])), ("CODES_RANGE", NodeColumn(labels(2), [0, 0.5])),
    ]) func badRowsAreNamed(_ code: String, _ column: NodeColumn) {
        #expect {
            _ = try GeneratorOptions().trained(
                outcome: Node("y", column.kind), inputs: [], table: NodeTable(["y": column]),
                stream: RandomStream(seed: 1))
        } throws: {
            let error = $0 as? GeneratorError
            return error?.code == code && error?.element == "y"
        }
    }

    @Test func resamplingReachesAllRowsAndNoOther() throws {
        let values = (0..<50).map { Float($0) * 1.5 }
        let generator = ResamplingGenerator(outcome: Node("y", .scalar), values: NodeColumn(.scalar, values))
        let drawn = generator.draw(given: NodeTable(rows: 5000), stream: RandomStream(seed: 1), workers: nil).values
        // A row is missed by 5,000 draws with probability e⁻¹⁰⁰.
        #expect(Set(drawn) == Set(values))
        // The standard error is 1.5 · 50/√12/√5000 = .31.
        #expect(abs(mean(drawn) - 1.5 * 24.5) < 1.3)
    }
}
