import Probability
import Testing

struct RandomStreamTests {
    @Test func repeatsForTheSameSeedAndName() {
        var a = RandomStream(seed: 7).stream("graphs").stream(3)
        var b = RandomStream(seed: 7).stream("graphs").stream(3)
        #expect((0..<100).map { _ in a.next() } == (0..<100).map { _ in b.next() })
    }

    @Test func subStreamsDoNotDependOnDraws() {
        let fresh = RandomStream(seed: 1)
        var used = fresh
        _ = used.next()
        #expect(fresh.stream("a") == used.stream("a"))
        #expect(fresh.stream("a") != fresh.stream("b"))
        #expect(fresh.stream(0) != fresh.stream(1))
    }

    /// Standard error of a mean of 10⁵ uniforms is 0.0009, of normals 0.0032; five of them is the limit.
    @Test func momentsOfUniformAndNormal() {
        var stream = RandomStream(seed: 0)
        let n = 100_000
        let uniforms = (0..<n).map { _ in stream.uniform() }
        let normals = (0..<n).map { _ in stream.normal() }
        #expect(abs(uniforms.reduce(0, +) / Double(n) - 0.5) < 0.0046)
        #expect(abs(normals.reduce(0, +) / Double(n)) < 0.016)
        #expect(abs(normals.map { $0 * $0 }.reduce(0, +) / Double(n) - 1) < 0.023)
    }
}
