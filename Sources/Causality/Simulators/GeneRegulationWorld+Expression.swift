import CKernels
import Foundation
import Graphs
import Matrices
import Probability

/// Expression near the steady state, without technical noise.
extension GeneRegulationWorld {
    /// Time between two steps.
    static let step: Float = 0.01
    /// A cell is one of this many steps, for each cell of a type.
    static let stepsPerCell = 15
    /// Steps that genes run longer for each level above those that regulate none.
    static let stepsPerLevel = 10
    /// Values side by side at most, as far as whole populations allow: a gene's course then stays in cache.
    private static let lanesAtOnce = 256

    /// The genes from the highest level down.
    private var downwards: [Int] { graph.parents.indices.sorted { (levels[$1], $0) < (levels[$0], $1) } }

    private func courseLength(of gene: Int, cellsPerType: Int) -> Int {
        Self.stepsPerCell * cellsPerType + Self.stepsPerLevel * levels[gene]
    }

    /// Values of courses that are kept at once at most, for each lane.
    private func mostKept(cellsPerType: Int) -> Int {
        var waiting = graph.children.map(\.count)
        var (kept, most) = (0, 0)
        for gene in downwards {
            let length = courseLength(of: gene, cellsPerType: cellsPerType)
            // The gene's own: production, two kinds of noise, course.
            most = max(most, kept + 4 * length)
            for parent in graph.parents[gene] {
                waiting[parent] -= 1
                if waiting[parent] == 0 { kept -= courseLength(of: parent, cellsPerType: cellsPerType) }
            }
            if waiting[gene] > 0 { kept += length }
        }
        return most
    }

    /// Throws `OPTION` where the courses of one population would take more memory than a simulation may: long paths
    /// between many genes make them long, which is known of a drawn network only.
    public func validate() throws(SimulationError) {
        let targets = options.targets.map { min($0.targets(of: graph.nodeCount), options.interventionalCells) }
        let parts = [
            (options.observationalCells, cellTypes), (options.interventionalCells, cellTypes * (targets.min() ?? 1)),
        ]
        for (cells, parts) in parts where cells > 0 {
            let values = Double(mostKept(cellsPerType: (cells + parts - 1) / parts) * cellTypes)
            guard values > 2 * SimulationError.mostValues else { continue }
            throw SimulationError(
                code: "OPTION", element: "genes",
                message: "steps of expression of at most \(Int(2 * SimulationError.mostValues)) values expected, "
                    + "found \(Int(values)) along the paths of this network",
                remedy: "take fewer genes, edges, cells or cell types")
        }
    }

    /// Populations of `cellsPerType` cells of each type in turn, cells × genes: one for each target, whose production is
    /// cut in it; nil for the wild type.
    ///
    /// Genes run from the highest level down, each from the steady state expected of its regulators' means. Cells are the
    /// values at random steps, the same for all genes as counted from the end; step t of a regulator drives step t of its
    /// targets as counted from the start.
    func expression(targets: [Int?], cellsPerType: Int, stream: RandomStream) -> [Matrix<Float>] {
        let lanes = min(Self.lanesAtOnce, Int(SimulationError.mostValues) / mostKept(cellsPerType: cellsPerType))
        let together = max(1, lanes / cellTypes)
        return stride(from: 0, to: targets.count, by: together).flatMap { start in
            Populations(
                world: self, targets: Array(targets[start..<min(start + together, targets.count)]),
                cellsPerType: cellsPerType, stream: stream.stream(start)
            ).simulated()
        }
    }

    /// Populations that are simulated side by side: lane = population × cell types + cell type.
    private struct Populations {
        let world: GeneRegulationWorld
        let targets: [Int?]
        let cellsPerType: Int
        let stream: RandomStream

        var types: Int { world.cellTypes }
        var lanes: Int { targets.count * types }

        func simulated() -> [Matrix<Float>] {
            let d = world.graph.nodeCount
            var cells = targets.map { _ in Matrix<Float>(rows: types * cellsPerType, columns: d) }
            let window = GeneRegulationWorld.stepsPerCell * cellsPerType
            var draws = stream.stream("steps")
            // Counted from the end, of which 1 is the last.
            let steps = targets.map { _ in (0..<cellsPerType).map { _ in 1 + draws.index(below: window) } }
            // H of every regulator, at all its steps and at its means, as long as targets wait for it.
            var responses: [[Float]] = Array(repeating: [], count: d)
            var meanResponses = responses
            var waiting = world.graph.children.map(\.count)
            for gene in world.downwards {
                let length = world.courseLength(of: gene, cellsPerType: cellsPerType)
                let course = course(of: gene, steps: length - 1, responses, meanResponses)
                var means = [Float](repeating: 0, count: lanes)
                for (population, steps) in steps.enumerated() {
                    for type in 0..<types {
                        let lane = population * types + type
                        var sum = 0.0
                        for (number, step) in steps.enumerated() {
                            let value = course[(length - step) * lanes + lane]
                            cells[population][type * cellsPerType + number, gene] = value
                            sum += Double(value)
                        }
                        means[lane] = Float(sum / Double(cellsPerType))
                    }
                }
                for parent in world.graph.parents[gene] {
                    waiting[parent] -= 1
                    if waiting[parent] == 0 { responses[parent] = [] }
                }
                guard waiting[gene] > 0 else { continue }
                let half = halfResponses(means)
                meanResponses[gene] = hill(means, half)
                responses[gene] = hill(course, half)
            }
            return cells
        }

        /// The values of a gene at its start and after each of `steps` steps, × lanes.
        private func course(
            of gene: Int, steps: Int, _ responses: [[Float]], _ meanResponses: [[Float]]
        ) -> [Float] {
            var production = [Float](repeating: 0, count: steps * lanes)
            var meanProduction = [Float](repeating: 0, count: lanes)
            let parents = world.graph.parents[gene]
            if parents.isEmpty {
                for lane in 0..<lanes { meanProduction[lane] = Float(world.basalRates[gene][lane % types]) }
                production = repeated(meanProduction, steps)
            }
            for (parent, strength) in zip(parents, world.strengths[gene]) {
                let (slope, offset) = (Float(strength), Float(max(0, -strength)))
                kernel_regulate(responses[parent], slope, offset, &production, production.count)
                kernel_regulate(meanResponses[parent], slope, offset, &meanProduction, lanes)
            }
            for population in targets.indices where targets[population] == gene {
                for lane in population * types..<(population + 1) * types {
                    meanProduction[lane] *= Float(world.remainingProduction)
                    for place in stride(from: lane, to: production.count, by: lanes) {
                        production[place] *= Float(world.remainingProduction)
                    }
                }
            }
            var noise = stream.stream("noise").stream(gene)
            let normals = noise.normals(2 * steps * lanes)
            var course = [Float](repeating: 0, count: (steps + 1) * lanes)
            for lane in 0..<lanes { course[lane] = meanProduction[lane] / Float(world.decay) }
            kernel_langevin(
                production, normals, GeneRegulationWorld.step, Float(world.decay), Float(world.noiseScale), &course,
                steps, lanes)
            return course
        }

        /// hⁿ of every lane: half response is at the mean over its population's cell types.
        private func halfResponses(_ means: [Float]) -> [Float] {
            (0..<lanes).map { lane in
                let first = lane / types * types
                let mean = means[first..<first + types].reduce(0.0) { $0 + Double($1) } / Double(types)
                // The kernel holds powers below this, too.
                return Float(min(pow(mean, world.hillCoefficient), 0x1p126))
            }
        }

        /// Hill functions of values × lanes.
        private func hill(_ values: [Float], _ half: [Float]) -> [Float] {
            let halves = repeated(half, values.count / lanes)
            return [Float](unsafeUninitializedCapacity: values.count) { result, filled in
                kernel_hill(values, Float(world.hillCoefficient), halves, result.baseAddress!, values.count)
                filled = values.count
            }
        }

        /// A row of lanes, `count` times.
        private func repeated(_ row: [Float], _ count: Int) -> [Float] {
            [Float](unsafeUninitializedCapacity: lanes * count) { result, filled in
                for number in 0..<count {
                    (result.baseAddress! + number * lanes).initialize(from: row, count: lanes)
                }
                filled = lanes * count
            }
        }
    }
}
