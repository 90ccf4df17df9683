import Matrices
import Testing

@Suite struct PowerIterationTests {
    @Test("Dominant vectors and radius of a matrix that is known")
    func known() {
        // Eigenvalues 3 and 1 to the right vectors (1, 1) and (1, −1).
        let matrix = Matrix<Double>(rows: 2, columns: 2, values: [2, 1, 1, 2])
        let found = PowerIteration(matrix, left: [1, 0], right: [0, 1], iterations: 60)
        let radius = zip(found.slopes, matrix.values).reduce(0) { $0 + $1.0 * $1.1 }
        // (1/3)^60 is far below the precision of a number.
        #expect(abs(radius - 3) < 1e-12)
        #expect(abs(found.right[0] - found.right[1]) < 1e-12 && abs(found.left[0] - found.left[1]) < 1e-12)
    }

    @Test("Left and right differ where the matrix is not symmetric, and it stops where nothing moves")
    func sides() {
        // Radius 2: uP = 2u for u = (1, 1), Pv = 2v for v = (1, 0).
        let matrix = Matrix<Double>(rows: 2, columns: 2, values: [2, 1, 0, 1])
        let found = PowerIteration(matrix, left: [1, 1], right: [1, 1], iterations: 200, tolerance: 1e-12)
        #expect(abs(found.left[0] - found.left[1]) < 1e-9)
        #expect(abs(found.right[0] - 1) < 1e-9 && abs(found.right[1]) < 1e-9)
        let once = PowerIteration(matrix, left: [1, 1], right: [1, 1], iterations: 1)
        #expect(once.right != found.right)
    }
}
