import Foundation
import Matrices
import Testing

@testable import FeatureModels

struct FeatureSpaceTests {
    func space(_ rows: [[Double]]) throws -> FeatureSpace {
        try FeatureSpace(
            perturbations: rows.indices.map { "p\($0)" }, features: rows[0].indices.map { "f\($0)" },
            values: Matrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap { $0 }))
    }

    func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return (error as? FeatureModelError)?.code }
    }

    @Test func tablesThatSayNothingAreRefused() {
        #expect(code { _ = try space([[1, 2]]) } == "NO_PERTURBATIONS")
        #expect(code { _ = try space([[], []]) } == "NO_FEATURES")
        #expect(code { _ = try space([[1, 2], [1, .nan]]) } == "NONFINITE")
        #expect(code { _ = try space([[1, 2], [1, 2], [1, 2]]) } == "CONSTANT_FEATURES")
        #expect(
            code {
                _ = try FeatureSpace(
                    perturbations: ["a", "a"], features: ["f"], values: Matrix(rows: 2, columns: 1, values: [0, 1]))
            } == "DUPLICATE")
        #expect(
            code {
                _ = try FeatureSpace(
                    perturbations: ["a", "b"], features: ["f"], values: Matrix(rows: 1, columns: 1, values: [0]))
            } == "COUNT")
    }

    @Test func constantFeaturesAreLeftOut() throws {
        let space = try space([[1, 7, 0], [2, 7, 3], [4, 7, 1]])
        #expect(space.constantFeatures == ["f1"])
        #expect(space.informativeCount == 2)
        let far = try space.distances(of: ["x"], features: Matrix(rows: 1, columns: 3, values: [2, 8, 3]))[0]
        #expect(far.nearest == "p1" && far.distance == 0 && far.novelFeatures == ["f1"] && far.isFar)
    }

    @Test func oneDeviationForFeaturesOfOneKind() throws {
        let alike = try space((0..<12).map { [sin(Double($0)), cos(Double($0)) * 1.1, sin(2.3 * Double($0))] })
        #expect(Set(alike.deviations).count == 1)
        let unlike = try space((0..<12).map { [sin(Double($0)), 300 * cos(Double($0)), sin(2.3 * Double($0))] })
        #expect(Set(unlike.deviations).count == 3)
    }

    @Test func tanimoto() throws {
        let space = try space([[1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 1, 1]])
        #expect(space.isBinary)
        let found = try space.distances(of: ["x"], features: Matrix(rows: 1, columns: 4, values: [1, 1, 1, 0]))[0]
        // Two bits of three in common with p0 and with p1: the first of them.
        #expect(found.nearest == "p0" && abs(found.distance - 1 / 3) < 1e-15)
        // Nearest others: p0 and p1 share 1 of 3 bits, p1 and p2 too.
        #expect(found.quantile == 0 && !found.isFar)
        for distance in space.nearestDistances { #expect(abs(distance - 2 / 3) < 1e-15) }
    }

    @Test func anOutlierIsFar() throws {
        let space = try space((0..<30).map { [sin(Double($0)), cos(1.7 * Double($0))] })
        let found = try space.distances(of: ["x"], features: Matrix(rows: 1, columns: 2, values: [9, 9]))[0]
        #expect(found.quantile == 1 && found.isFar)
        #expect(
            code { _ = try space.distances(of: ["x"], features: Matrix(rows: 1, columns: 1, values: [9])) } == "COUNT")
    }

    /// As few coordinates as there are features or perturbations, whichever are fewer, say the same.
    @Test func coordinatesKeepInnerProducts() throws {
        for p in [2, 5, 9] {
            let space = try space((0..<5).map { row in (0..<p).map { sin(1.3 * Double(row * p + $0)) } })
            let coordinates = space.coordinates
            #expect(coordinates.rows == 5 && coordinates.columns == min(5, p))
            let products = Matrix.product(coordinates, coordinates, transposingSecond: true)
            for (own, other) in zip(products.values, space.products(space.measured).withMeasured.values) {
                // Sums of a few products of size 1.
                #expect(abs(own - other) < 1e-12)
            }
        }
    }
}
