import Foundation

extension CausalMechanisms {
    /// How far a gene moves when a regulator goes from one control standard deviation below its mean to one above, by
    /// half, the other regulators at their means; nil where it is none.
    public func effect(of source: Int, on target: Int) -> Double? {
        let mechanism = mechanisms[target]
        guard let place = mechanism.parents.firstIndex(of: source) else { return nil }
        let count = mechanism.unitOutputs.count
        let units = (0..<count).reduce(0.0) { sum, unit in
            let weight = Double(mechanism.unitWeights[place * count + unit])
            let offset = Double(mechanism.unitOffsets[unit])
            return sum + Double(mechanism.unitOutputs[unit]) * (tanh(offset + weight) - tanh(offset - weight)) / 2
        }
        return Double(mechanism.weights[place]) + units
    }
}
