import AnnotatedData
import Graphs
import Matrices
import Probability
import Testing

@testable import Simulators

/// The preset `gim`: values without counting, targets of each drug's own, and a test out of the screen's distribution.
struct GenerativeInterventionScreenTests {
    private struct Treatment: Hashable {
        let name: String
        let dose: Double
    }

    /// Cells of each treatment, in the order of the file.
    private func treatments(_ cells: AnnotatedMatrix) throws -> [Treatment: [Int]] {
        guard case .categories(let codes, let levels, _) = try #require(cells.cells["perturbation"]),
            case .floats(let doses) = try #require(cells.cells["dose_value"])
        else { return [:] }
        return Dictionary(grouping: codes.indices) { Treatment(name: levels[Int(codes[$0])], dose: doses[$0]) }
    }

    private func preset(_ change: (inout DrugScreenOptions) -> Void = { _ in }) -> DrugScreenOptions {
        var options = DrugScreenOptions.preset(.gim)
        change(&options)
        return options
    }

    /// The design of the paper's experiment: 160 contexts of 50 cells and 800 controls; 200 contexts of known drugs at
    /// other doses, 80 of new drugs; none in both files.
    @Test func theDesignIsThatOfThePaper() throws {
        let options = preset { $0.testCellsPerCondition = 3 }
        try options.validate()
        let screen = SimulatedDrugScreen(options: options, stream: RandomStream(seed: 0))
        let test = try #require(screen.test)
        var trained = try treatments(screen.cells)
        #expect(trained.removeValue(forKey: Treatment(name: "control", dose: 0))?.count == 800)
        #expect(trained.count == 160 && trained.values.allSatisfy { $0.count == 50 })
        #expect(Set(trained.keys.map(\.dose)) == [0.5, 1, 1.5, 2])
        #expect(screen.cells.genes.count == 20)

        let tested = try treatments(test)
        #expect(Set(tested.keys).isDisjoint(with: trained.keys))
        #expect(tested.values.allSatisfy { $0.count == 3 })
        guard case .categories(let splits, let levels, _) = try #require(test.cells["split"]) else { return }
        #expect(levels == ["partial_ood", "full_ood"])
        let known = Set(trained.keys.map(\.name))
        var contexts = [0, 0]
        for (treatment, cells) in tested {
            let split = known.contains(treatment.name) ? 0 : 1
            contexts[split] += 1
            #expect(cells.allSatisfy { splits[$0] == split })
            #expect((split == 0 ? [0.25, 0.75, 1.25, 1.75, 2.25] : [0.5, 1, 1.5, 2]).contains(treatment.dose))
        }
        #expect(contexts == [200, 80])

        let truth = screen.truth
        #expect(truth.drugs.count == 60 && screen.features.perturbations == truth.drugs.map(\.name))
        #expect(Set(truth.heldOutDrugs ?? []) == Set(tested.keys.map(\.name)).subtracting(known))
        #expect(truth.drugs.allSatisfy { (1...3).contains($0.targets.count) && $0.drugClass == nil })
        // 60 sets of 1 to 3 of 20 genes: most are of one drug alone.
        #expect(Set(truth.drugs.map { $0.targets.map(\.gene) }).count > 40)
    }

    /// In a linear world values have mean (I − W)⁻ᵀ(b + m), with b the constants that standardisation leaves and m the
    /// Hill shifts: at the highest dose, 1e6, they are the maximal effects E. W is nilpotent, so that repeating
    /// x ← b + m + Wᵀx solves it. Limit: five standard errors of 2,000 cells, and a rounding of 1e-5.
    /// Power: an effect of 2 or more that is missing, or a mediated one of 0.2, lies 6 standard errors off (0.03).
    @Test(arguments: [GraphFamily.erdosRenyi, .scaleFreeTransposed])
    func meansAreTotalEffects(_ graph: GraphFamily) throws {
        let options = preset {
            $0.graph = graph
            ($0.drugs, $0.heldOutDrugs, $0.doses, $0.heldOutDoses) = (3, 2, [0.5, 1e6], [2])
            ($0.controlCells, $0.cellsPerCondition, $0.testCellsPerCondition) = (2000, 2000, 2000)
        }
        let screen = SimulatedDrugScreen(options: options, stream: RandomStream(seed: 1))
        let truth = screen.truth
        let genes = truth.causalGenes
        let mechanisms = try #require(truth.mechanisms)
        func expected(_ treatment: Treatment) -> [Double] {
            let drug = truth.drugs.first { $0.name == treatment.name }
            let own = genes.indices.map { gene in
                Double(mechanisms[gene].bias) + (drug?.shift(of: genes[gene], dose: treatment.dose) ?? 0)
            }
            var mean = own
            for _ in genes {
                var next = own
                for edge in truth.edges {
                    next[genes.firstIndex(of: edge.target)!] += edge.weight! * mean[genes.firstIndex(of: edge.source)!]
                }
                mean = next
            }
            return mean
        }
        var compared = 0
        for cells in [screen.cells, try #require(screen.test)] {
            let values = try #require(cells.x).dense
            for (treatment, rows) in try treatments(cells) {
                let moments = values.columnMoments(rows: rows)
                for (gene, mean) in expected(treatment).enumerated() {
                    let limit = 5 * (moments.variances[gene] / Double(rows.count)).squareRoot() + 1e-5
                    #expect(abs(moments.means[gene] - mean) < limit, "\(treatment), \(genes[gene])")
                    compared += 1
                }
            }
        }
        #expect(compared == (1 + 6 + 3 + 4) * 20)
        let saturated = truth.drugs[0].targets[0]
        // EC50 ≤ 2 and h ≥ 1 leave at most 2e-6 of the effect, which is at most 5.
        #expect(abs(truth.drugs[0].shift(of: saturated.gene, dose: 1e6) - saturated.maximumEffect) < 1e-5)
    }

    /// Without regulators a gene is N(0, σ²), with them it has mean 0 and variance 1 + σ², up to what 4,096 cells tell of
    /// the scale: 2.2 % (standard error of a variance, √(2/4096)) and 1.6 % of the mean, both times five, and as much
    /// again from 8,000 controls. tanh of normal values has lighter tails than they, so that the errors are smaller.
    @Test(arguments: ResponseFamily.allCases, [GraphFamily.erdosRenyi, .scaleFreeTransposed])
    func controlsAreStandardised(_ mechanism: ResponseFamily, _ graph: GraphFamily) throws {
        let options = preset {
            ($0.mechanism, $0.graph) = (mechanism, graph)
            ($0.drugs, $0.heldOutDrugs, $0.heldOutDoses, $0.controlCells) = (0, 0, [], 8000)
        }
        let screen = SimulatedDrugScreen(options: options, stream: RandomStream(seed: 2))
        #expect(screen.test == nil)
        let moments = try #require(screen.cells.x).dense.columnMoments()
        for (gene, name) in screen.truth.causalGenes.enumerated() {
            let isRegulated = screen.truth.edges.contains { $0.target == name }
            let noise = screen.truth.noiseScales[gene]
            #expect((0.5...1).contains(noise))
            let variance = noise * noise + (isRegulated ? 1 : 0)
            #expect(abs(moments.variances[gene] / variance - 1) < 5 * (0.022 + 0.016), "\(name)")
            #expect(abs(moments.means[gene]) < 5 * (0.016 + 0.011 * variance.squareRoot()), "\(name)")
        }
    }

    @Test func doseResponsesRise() {
        let options = preset {
            ($0.controlCells, $0.cellsPerCondition, $0.testCellsPerCondition) = (1, 0, 0)
        }
        let truth = SimulatedDrugScreen(options: options, stream: RandomStream(seed: 3)).truth
        let doses = (options.doses + options.heldOutDoses).sorted()
        for drug in truth.drugs {
            for target in drug.targets {
                let shifts = doses.map { drug.shift(of: target.gene, dose: $0) / target.maximumEffect }
                #expect(shifts.first! > 0 && shifts.last! < 1)
                #expect(zip(shifts, shifts.dropFirst()).allSatisfy { $0 < $1 })
                #expect((2...5).contains(abs(target.maximumEffect)))
            }
            #expect((0.3...2).contains(drug.halfMaximalDose) && (1...3).contains(drug.hillCoefficient))
        }
    }

    /// Each drug's descriptors, with their noise, are nearest to its own without noise.
    @Test func descriptorsTellTheDrug() {
        func features(noise: Double) -> Matrix<Float> {
            let options = preset {
                ($0.controlCells, $0.cellsPerCondition, $0.testCellsPerCondition) = (1, 0, 0)
                $0.featureNoise = noise
            }
            return SimulatedDrugScreen(options: options, stream: RandomStream(seed: 4)).features.values
        }
        let clean = features(noise: 0)
        let noisy = features(noise: DrugScreenOptions.preset(.gim).featureNoise)
        #expect(clean.rows == 60 && clean.columns == 32 && clean != noisy)
        for drug in 0..<60 {
            func distance(_ other: Int) -> Float {
                zip(noisy.row(drug), clean.row(other)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            }
            #expect((0..<60).min { distance($0) < distance($1) } == drug)
        }
    }

    /// The options combine: counted tests of drugs that share targets, and background genes among values.
    @Test func optionsCombine() throws {
        var counted = DrugScreenOptions()
        (counted.drugs, counted.heldOutDrugs, counted.classes, counted.controlCells) = (4, 2, 3, 10)
        (counted.cellsPerCondition, counted.testCellsPerCondition, counted.backgroundGenes) = (2, 3, 6)
        let screen = SimulatedDrugScreen(options: counted, stream: RandomStream(seed: 5))
        let test = try #require(screen.test)
        #expect(test.cells.count == 2 * 3 * 3)
        guard case .sparse(let counts) = test.x else {
            Issue.record("counts are sparse")
            return
        }
        #expect(counts.values.allSatisfy { $0 == $0.rounded() })
        #expect(screen.truth.drugs[4].drugClass == screen.truth.drugs[1].drugClass)
        // The screen itself does not depend on its test.
        counted.heldOutDrugs = 0
        #expect(SimulatedDrugScreen(options: counted, stream: RandomStream(seed: 5)).cells == screen.cells)

        let values = preset {
            ($0.drugs, $0.backgroundGenes, $0.controlCells) = (1, 5, 4000)
            $0.heldOutDrugs = 0
        }
        let mixed = SimulatedDrugScreen(options: values, stream: RandomStream(seed: 6))
        let moments = try #require(mixed.cells.x).dense.columnMoments()
        #expect(mixed.cells.genes.count == 25)
        // Scales of 0.5 to 1, five standard errors of a variance (√(2/4200) = 2.2 %) beyond.
        #expect(moments.variances[20...].allSatisfy { (0.25 * 0.89...1.11).contains($0) })
    }
}
