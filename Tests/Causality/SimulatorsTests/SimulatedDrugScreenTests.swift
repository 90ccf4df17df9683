import AnnotatedData
import Foundation
import Graphs
import Matrices
import Probability
import Testing

@testable import Simulators

struct SimulatedDrugScreenTests {
    private func small() -> DrugScreenOptions {
        var options = DrugScreenOptions()
        options.causalGenes = 8
        options.backgroundGenes = 20
        options.drugs = 6
        options.classes = 3
        options.controlCells = 60
        options.cellsPerCondition = 10
        options.librarySize = 800
        return options
    }

    /// With one target a drug, linear mechanisms and an acyclic graph, the mean log expression of gene j moves by E Hill(c)
    /// times the sum over paths from the target of the products of their weights. Expression is read back from counts as
    /// ln(count / size), at depths where Poisson noise adds under 0.01. Limit: five standard errors of the difference of means.
    /// Power: the smallest shift at the top dose is 0.75 · 0.8 / (1 + 0.3) = 0.46; with 100 against 400 cells of standard
    /// deviation near 0.4 the standard error is 0.045, so a missing effect would lie ten standard errors off.
    @Test func plantedEffectsAreInTheCounts() throws {
        var options = small()
        options.drugs = 3
        options.targetsPerClass = 1...1
        options.controlCells = 400
        options.cellsPerCondition = 100
        options.librarySize = 200_000
        options.librarySizeSpread = 0
        options.dispersion = 0
        let screen = SimulatedDrugScreen(options: options, stream: RandomStream(seed: 1))
        let truth = screen.truth
        let counts = try #require(screen.cells.x).dense
        let places = Dictionary(uniqueKeysWithValues: truth.causalGenes.enumerated().map { ($1, $0) })
        let graph = DirectedGraph(
            nodeCount: 8, edges: truth.edges.map { Edge(places[$0.source]!, places[$0.target]!) })
        #expect(graph.isAcyclic)
        #expect(graph.edgeCount > 4)
        func weight(_ a: Int, _ b: Int) -> Double {
            truth.edges.first { places[$0.source] == a && places[$0.target] == b }!.weight!
        }
        func moments(_ rows: Range<Int>, _ gene: Int) -> (mean: Double, variance: Double) {
            let values = rows.map { log(Double(counts[$0, gene])) }
            let mean = values.reduce(0, +) / Double(values.count)
            return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
        }
        for (number, drug) in truth.drugs.enumerated() {
            let target = places[drug.targets[0].gene]!
            for (step, dose) in truth.doses.enumerated() {
                let start = 400 + (number * 3 + step) * 100
                for gene in 0..<8 {
                    var total = gene == target ? 1.0 : 0
                    for path in graph.paths(from: target, to: gene) {
                        total += zip(path, path.dropFirst()).reduce(1.0) { $0 * weight($1.0, $1.1) }
                    }
                    let expected = total * drug.shift(of: drug.targets[0].gene, dose: dose)
                    let treated = moments(start..<start + 100, gene)
                    let control = moments(0..<400, gene)
                    let standardError = (treated.variance / 100 + control.variance / 400).squareRoot()
                    #expect(
                        abs(treated.mean - control.mean - expected) < 5 * standardError + 0.01,
                        "\(drug.name) at \(dose), gene \(gene): \(treated.mean - control.mean), planted \(expected)")
                }
            }
        }
    }

    @Test func doseFollowsHill() {
        let drug = ScreenTruth.Drug(
            name: "a", drugClass: "c", targets: [.init(gene: "g1", maximumEffect: -2)], halfMaximalDose: 0.5,
            hillCoefficient: 2)
        #expect(drug.shift(of: "g1", dose: 0.5) == -1)
        #expect(drug.shift(of: "g1", dose: 0) == 0)
        #expect(drug.shift(of: "g2", dose: 5) == 0)
        // 1.5² / (0.5² + 1.5²) = 0.9.
        #expect(abs(drug.shift(of: "g1", dose: 1.5) + 1.8) < 1e-12)
    }

    @Test func truthIsConserved() throws {
        let screen = SimulatedDrugScreen(options: small(), stream: RandomStream(seed: 2))
        let truth = screen.truth
        #expect(try JSONDecoder().decode(ScreenTruth.self, from: JSONEncoder().encode(truth)) == truth)
        #expect(screen.cells.genes.names == truth.causalGenes + truth.backgroundGenes)
        #expect(screen.features.perturbations == truth.drugs.map(\.name))
        #expect(Set(truth.drugs.map(\.drugClass)).count == 3)
        for drug in truth.drugs {
            let mate = truth.drugs.first { $0.drugClass == drug.drugClass }!
            #expect(drug.targets.map(\.gene) == mate.targets.map(\.gene))
            #expect(zip(drug.targets, mate.targets).allSatisfy { $0.maximumEffect * $1.maximumEffect > 0 })
        }
    }

    @Test func cellsAreAnnotated() throws {
        let screen = SimulatedDrugScreen(options: small(), stream: RandomStream(seed: 2))
        #expect(screen.cells.cells.count == 60 + 6 * 3 * 10)
        guard case .categories(let codes, let levels, _) = try #require(screen.cells.cells["perturbation"]),
            case .floats(let doses) = try #require(screen.cells.cells["dose_value"]),
            case .sparse(let counts) = try #require(screen.cells.x)
        else {
            Issue.record("perturbation, dose_value and sparse counts are expected")
            return
        }
        #expect(levels[0] == "control")
        for cell in codes.indices { #expect((codes[cell] == 0) == (doses[cell] == 0)) }
        #expect(counts.values.allSatisfy { $0 > 0 && $0 == $0.rounded() })
        // Log-normal with spread 0.3 about 800, raised by the spread of expression: the median lies between 500 and 1,500.
        let totals = (0..<counts.rows).map { row in
            counts.values[counts.rowStarts[row]..<counts.rowStarts[row + 1]].reduce(0, +)
        }
        #expect((500...1500).contains(totals.sorted()[totals.count / 2]))
    }

    /// Descriptors of a class lie nearer to each other than to those of other classes: a held-out drug can be placed.
    @Test func descriptorsTellTheClass() {
        var options = DrugScreenOptions()
        options.controlCells = 1
        options.cellsPerCondition = 0
        let screen = SimulatedDrugScreen(options: options, stream: RandomStream(seed: 3))
        let drugs = screen.truth.drugs
        let correct = drugs.indices.count { number in
            let nearest = drugs.indices.filter { $0 != number }.min { a, b in
                func distance(_ other: Int) -> Float {
                    zip(screen.features.values.row(number), screen.features.values.row(other))
                        .reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                }
                return distance(a) < distance(b)
            }!
            return drugs[nearest].drugClass == drugs[number].drugClass
        }
        // Of 30 drugs in 8 classes about 3 would be right by chance; 15 or more then have probability below 1e-7.
        #expect(correct >= 15)
    }

    @Test(arguments: ResponseFamily.allCases) func sameSeedSameBytes(_ mechanism: ResponseFamily) {
        var options = small()
        options.mechanism = mechanism
        let a = SimulatedDrugScreen(options: options, stream: RandomStream(seed: 4))
        #expect(a == SimulatedDrugScreen(options: options, stream: RandomStream(seed: 4)))
        #expect(a.cells != SimulatedDrugScreen(options: options, stream: RandomStream(seed: 5)).cells)
        #expect(a.truth.edges.allSatisfy { ($0.weight != nil) == (mechanism == .linear) })
    }

    @Test func optionsSurviveJSON() throws {
        var options = small()
        options.doses = [1, 2]
        let data = try JSONEncoder().encode(options)
        #expect(try JSONDecoder().decode(DrugScreenOptions.self, from: data) == options)
        let world = CausalWorldOptions()
        #expect(try JSONDecoder().decode(CausalWorldOptions.self, from: JSONEncoder().encode(world)) == world)
    }
}
