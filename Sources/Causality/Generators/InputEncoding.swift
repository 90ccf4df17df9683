import Foundation
import Networks

/// Inputs as numbers of about unit size: categories one-hot, the others standardised by the rows that the generator was
/// trained on, counts after ln(1 + y).
struct InputEncoding: Sendable, Equatable {
    let inputs: [Node]
    /// One value each per encoded number: 0 and 1 for those of categories.
    private(set) var centres: [Float]
    private(set) var scales: [Float]
    /// The range of encoded values in training.
    private(set) var lower: [Float]
    private(set) var upper: [Float]

    var width: Int { centres.count }

    static func width(of inputs: [Node]) -> Int { inputs.map(\.encodedWidth).reduce(0, +) }

    init(_ inputs: [Node], fitting table: NodeTable) {
        self.inputs = inputs
        let width = Self.width(of: inputs)
        centres = Array(repeating: 0, count: width)
        scales = Array(repeating: 1, count: width)
        lower = Array(repeating: -.infinity, count: width)
        upper = Array(repeating: .infinity, count: width)
        let raw = encoded(table)
        var offset = 0
        for node in inputs {
            if node.kind.levels == nil {
                for place in offset..<offset + node.encodedWidth {
                    let moments = Moments(raw, from: place, step: width)
                    centres[place] = moments.mean
                    scales[place] = moments.scale
                }
            }
            offset += node.encodedWidth
        }
        let values = encoded(table)
        for place in 0..<width {
            var (least, most) = (Float.infinity, -Float.infinity)
            for at in stride(from: place, to: values.count, by: width) {
                least = min(least, values[at])
                most = max(most, values[at])
            }
            if least <= most { (lower[place], upper[place]) = (least, most) }
        }
    }

    /// rows × `width`.
    /// - Parameter isClipped: Brings values into the range of training, beyond which networks know nothing.
    func encoded(_ table: NodeTable, isClipped: Bool = false) -> [Float] {
        let width = width
        return [Float](unsafeUninitializedCapacity: table.rows * width) { buffer, filled in
            filled = table.rows * width
            guard filled > 0 else { return }
            var offset = 0
            for node in inputs {
                node.encode(table[node.name].values, into: buffer.baseAddress! + offset, step: width)
                offset += node.encodedWidth
            }
            for place in 0..<width where centres[place] != 0 || scales[place] != 1 {
                let (centre, factor) = (centres[place], 1 / scales[place])
                for at in stride(from: place, to: filled, by: width) { buffer[at] = (buffer[at] - centre) * factor }
            }
            guard isClipped else { return }
            for place in 0..<width {
                let (least, most) = (lower[place], upper[place])
                for at in stride(from: place, to: filled, by: width) { buffer[at] = min(max(buffer[at], least), most) }
            }
        }
    }
}

// On disk.
extension InputEncoding {
    var tensors: [SafeTensors.Entry] {
        guard width > 0 else { return [] }
        return [("centres", centres), ("scales", scales), ("lower", lower), ("upper", upper)].map {
            SafeTensors.Entry(name: "inputs.\($0)", shape: [width], values: $1)
        }
    }

    init(_ inputs: [Node], tensors: StoredTensors) throws(GeneratorError) {
        self.inputs = inputs
        let width = Self.width(of: inputs)
        guard width > 0 else {
            (centres, scales, lower, upper) = ([], [], [], [])
            return
        }
        centres = try tensors.values("inputs.centres", shape: [width])
        scales = try tensors.values("inputs.scales", shape: [width])
        lower = try tensors.values("inputs.lower", shape: [width])
        upper = try tensors.values("inputs.upper", shape: [width])
    }
}

/// Mean and standard deviation of every `step`-th value, in one pass each in Double.
struct Moments {
    let mean: Float
    /// 1 where the values are all the same.
    let scale: Float

    init(_ values: [Float], from first: Int, step: Int) {
        var (sum, count) = (0.0, 0.0)
        for at in stride(from: first, to: values.count, by: step) {
            sum += Double(values[at])
            count += 1
        }
        let mean = count > 0 ? sum / count : 0
        var squares = 0.0
        for at in stride(from: first, to: values.count, by: step) {
            let difference = Double(values[at]) - mean
            squares += difference * difference
        }
        let deviation = count > 0 ? (squares / count).squareRoot() : 0
        self.mean = Float(mean)
        // Below the rounding of single precision there is nothing to scale.
        scale = deviation > 1e-6 * max(1e-30, abs(mean)) ? Float(deviation) : 1
    }
}

extension Node {
    fileprivate var encodedWidth: Int { kind.levels ?? kind.width }

    fileprivate func encode(_ values: [Float], into target: UnsafeMutablePointer<Float>, step: Int) {
        values.withUnsafeBufferPointer { values in
            switch kind {
            case .category(let labels):
                for row in values.indices {
                    let start = target + row * step
                    start.update(repeating: 0, count: labels.count)
                    start[Int(values[row])] = 1
                }
            case .scalar:
                for row in values.indices { target[row * step] = values[row] }
            case .counts:
                for row in values.indices { target[row * step] = log1p(max(0, values[row])) }
            case .vector(let width):
                for row in 0..<values.count / width {
                    (target + row * step).update(from: values.baseAddress! + row * width, count: width)
                }
            }
        }
    }
}
