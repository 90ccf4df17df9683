import Generators
import Identification
import Probability
import Sampling
import Testing

/// Every bad input has an error of its own that names it.
struct EffectChecksTests {
    func derivation(_ query: String = "P(y | do(x))", latent: [String] = []) throws -> Derivation {
        let diagram = try diagram("z-x z-y x-y y-w", latent: latent)
        return try diagram.identify(CausalQuery(parsing: query)).derivation
    }

    func table(_ columns: [String: [Float]]) -> NodeTable {
        let rows = columns.values.first!.count
        return NodeTable(rows: rows, columns: columns.mapValues { NodeColumn(.scalar, $0) })
    }

    let ramp = (0..<40).map { Float($0 % 7) }

    func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SamplingError).map { "\($0.code) \($0.element ?? "")" }
        }
    }

    @Test func columnsAreChecked() throws {
        let derivation = try derivation()
        let whole = ["x": ramp, "y": ramp, "z": ramp]
        // w is no cause of y: it needs no column.
        #expect(code { try derivation.check(table(whole)) } == nil)
        #expect(code { try derivation.check(table(whole.filter { $0.key != "z" })) } == "MISSING_COLUMN z")
        var constant = whole
        constant["x"] = Array(repeating: 2, count: 40)
        #expect(code { try derivation.check(table(constant)) } == "CONSTANT x")
        #expect(
            code { try derivation.check(table(whole.mapValues { Array($0.prefix(5)) })) } == "TOO_FEW_ROWS the data")
    }

    @Test func aLatentNodeHasNoColumn() throws {
        let diagram = try diagram("u-x u-y x-s s-y", latent: ["u"])
        let derivation = try diagram.identify(CausalQuery(parsing: "P(y | do(x))")).derivation
        #expect(
            code { try derivation.check(table(["x": ramp, "y": ramp, "s": ramp, "u": ramp])) } == "LATENT u")
    }

    func backDoor(_ kind: NodeKind) throws -> SamplingNetwork {
        let diagram = try diagram("z-x z-y x-y")
        var stream = RandomStream(seed: 1)
        let values = { (stream: inout RandomStream) in stream.uniforms(400).map { ($0 * 4).rounded(.down) } }
        let columns = Dictionary(
            uniqueKeysWithValues: diagram.names.map { ($0, NodeColumn(kind, values(&stream))) })
        var options = SamplingOptions()
        options.generators.form = .linearGaussian
        return try network(
            diagram, "P(y | do(x))", diagram.names.map { Node($0, kind) }, NodeTable(rows: 400, columns: columns),
            options)
    }

    @Test func settingsAreChecked() throws {
        let numbers = try backDoor(.scalar)
        func check(_ network: SamplingNetwork, _ column: NodeColumn?, extrapolating: Bool = false) -> String? {
            code {
                try network.check(
                    NodeTable(rows: 1, columns: column.map { ["x": $0] } ?? [:]), allowsExtrapolation: extrapolating)
            }
        }
        #expect(check(numbers, NodeColumn(.scalar, [2])) == nil)
        #expect(check(numbers, nil) == "NO_VALUE x")
        #expect(check(numbers, NodeColumn(.scalar, [.nan])) == "NOT_FINITE x")
        #expect(check(numbers, NodeColumn(.scalar, [7])) == "OUTSIDE_SUPPORT x")
        #expect(check(numbers, NodeColumn(.scalar, [7]), extrapolating: true) == nil)
        let categories = try backDoor(labels(4))
        #expect(check(categories, NodeColumn(labels(4), [3])) == nil)
        #expect(check(categories, NodeColumn(labels(4), [4])) == "CODES_RANGE x")
    }

    /// x follows z but for one row in 500: nothing tells what y does at other pairs.
    @Test func treatmentsThatHardlyVaryAreRefused() throws {
        let diagram = try diagram("z-x z-y x-y")
        let rows = 3000
        var stream = RandomStream(seed: 4)
        let z = stream.uniforms(rows).map { $0 < 0.5 ? Float(0) : 1 }
        let flips = stream.uniforms(rows)
        func effective(_ share: Float) throws -> SamplingNetwork {
            let x = z.indices.map { flips[$0] < share ? 1 - z[$0] : z[$0] }
            let columns = ["z": z, "x": x, "y": x].mapValues { NodeColumn(labels(2), $0) }
            return try network(
                diagram, "P(y | do(x))", diagram.names.map { Node($0, labels(2)) },
                NodeTable(rows: rows, columns: columns))
        }
        let bound = SamplingOptions().smallestEffectiveRows
        let poor = try effective(0.002)
        #expect(code { try poor.checkOverlap(smallest: bound) } == "FEW_EFFECTIVE_ROWS x")
        let fair = try effective(0.2)
        #expect(code { try fair.checkOverlap(smallest: bound) } == nil)
        // Weights ½/p(x | z) are .625 with probability .8 and 2.5 with .2: (E w)²/E w² = 1/1.5625 of the rows.
        let overlap = try #require(fair.diagnostics.leastOverlap)
        // The weights are looked at on 2,000 rows with tables of 3,000: some per cent.
        #expect(abs(overlap.effectiveRows / Double(rows) - 0.64) < 0.06)
    }
}
