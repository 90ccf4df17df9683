import Foundation
import Networks
import Tensors

/// A world of the training, ready for its gradient.
struct TrainingExample: Sendable {
    let input: NetworkInput
    let graph: [Float]  // d × d
    /// That it took to simulate the world, and to bring it into the network's form.
    let seconds: (simulation: Double, features: Double)

    init(network: any TrainedNetwork, world: () -> TrainingWorld) {
        let began = DispatchTime.now().uptimeNanoseconds
        let world = world()
        let simulated = DispatchTime.now().uptimeNanoseconds
        var input = network.input(of: world)
        // The values are enough, and there are many examples.
        input.features = nil
        self.input = input
        graph = world.adjacency
        seconds = (
            Double(simulated - began) * 1e-9, Double(DispatchTime.now().uptimeNanoseconds - simulated) * 1e-9
        )
    }
}
