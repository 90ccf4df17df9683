import CKernels

/// Many draws at once. A filling takes one number of the stream as a key and draws by counter from it, a vector at a time:
/// it depends on the stream's state and on the number of values only, and gives the same bytes on every processor.
///
/// Values come in single precision from 32 random bits each: a normal never leaves ±6.8, a Laplace value ±22.9, a Cauchy
/// value ±2.8e9.
extension RandomStream {
    /// Uniform on [0, 1), in steps of 2⁻²⁴.
    public mutating func fillUniform(_ values: UnsafeMutableBufferPointer<Float>) {
        guard let start = values.baseAddress else { return }
        kernel_random_uniform(next(), start, values.count)
    }

    /// Standard normal, by the method of Box & Muller 1958.
    public mutating func fillNormal(_ values: UnsafeMutableBufferPointer<Float>) {
        guard let start = values.baseAddress else { return }
        kernel_random_normal(next(), start, values.count)
    }

    /// Laplace with location 0 and scale 1 (variance 2).
    public mutating func fillLaplace(_ values: UnsafeMutableBufferPointer<Float>) {
        guard let start = values.baseAddress else { return }
        kernel_random_laplace(next(), start, values.count)
    }

    /// Cauchy with location 0 and scale 1.
    public mutating func fillCauchy(_ values: UnsafeMutableBufferPointer<Float>) {
        guard let start = values.baseAddress else { return }
        kernel_random_cauchy(next(), start, values.count)
    }

    /// `count` standard normal values.
    public mutating func normals(_ count: Int) -> [Float] {
        Array(unsafeUninitializedCapacity: count) { buffer, filled in
            fillNormal(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            filled = count
        }
    }

    /// `count` values uniform on [0, 1).
    public mutating func uniforms(_ count: Int) -> [Float] {
        Array(unsafeUninitializedCapacity: count) { buffer, filled in
            fillUniform(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            filled = count
        }
    }
}
