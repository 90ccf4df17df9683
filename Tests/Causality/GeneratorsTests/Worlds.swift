import Generators
import Probability

/// Options whose networks are small enough for a test.
func quickOptions(_ form: GeneratorForm? = nil, steps: Int = 300) -> GeneratorOptions {
    var options = GeneratorOptions()
    options.form = form
    options.networks.members = 2
    options.networks.width = 32
    options.networks.components = 3
    options.networks.steps = steps
    options.networks.fieldSteps = steps
    options.networks.fieldWidth = 32
    options.networks.flowSteps = 8
    options.networks.diffusionSteps = 20
    options.networks.interval = 50
    return options
}

func labels(_ count: Int) -> NodeKind { .category(labels: (0..<count).map { "level\($0)" }) }

/// Normal values of a named stream.
func normals(_ count: Int, _ name: String) -> [Float] {
    var stream = RandomStream(seed: 1).stream(name)
    return stream.normals(count)
}

func uniforms(_ count: Int, _ name: String) -> [Float] {
    var stream = RandomStream(seed: 1).stream(name)
    return stream.uniforms(count)
}

extension NodeTable {
    init(_ columns: [String: NodeColumn]) { self.init(rows: columns.values.first!.rows, columns: columns) }
}

func mean(_ values: some Collection<Float>) -> Double {
    values.reduce(0) { $0 + Double($1) } / Double(values.count)
}

func deviation(_ values: some Collection<Float>) -> Double {
    let centre = mean(values)
    return (values.reduce(0) { $0 + (Double($1) - centre) * (Double($1) - centre) } / Double(values.count)).squareRoot()
}
