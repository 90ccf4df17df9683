/// What perturbations do to every gene, or the derivatives by it; contexts × genes each.
///
/// | paper | code         | meaning                                                             |
/// |-------|--------------|---------------------------------------------------------------------|
/// | π     | targetLogits | log-odds that the perturbation intervenes on the gene               |
/// | m     | locations    | where (hard) or by how much (shift) it is moved                      |
/// | s     | logScales    | log of the intervened noise scale (hard), of its ratio to σ (shift)   |
struct AtomicInterventions {
    var targetLogits: [Double]
    var locations: [Double]
    var logScales: [Double]

    init(targetLogits: [Double], locations: [Double], logScales: [Double]) {
        self.targetLogits = targetLogits
        self.locations = locations
        self.logScales = logScales
    }

    init(zeros count: Int) {
        let zeros = [Double](repeating: 0, count: count)
        self.init(targetLogits: zeros, locations: zeros, logScales: zeros)
    }
}
