import Foundation
import KernelMechanisms
import Mechanisms
import Simulators
import Structure

// Arguments: see Pipelines/Benchmark/mechanisms.
var settings = [
    "weights": "", "nodes": "10,20,50,100", "rows": "400", "methods": "read,evidence,linear", "seeds": "3", "only": "",
    "refining": "0", "export": "", "intervals": "", "structure": "", "draws": "40",
]
var arguments = CommandLine.arguments.dropFirst()
while let name = arguments.popFirst() {
    guard name.hasPrefix("--"), settings[String(name.dropFirst(2))] != nil, let value = arguments.popFirst() else {
        FileHandle.standardError.write(Data("unknown option \(name)\n".utf8))
        exit(64)
    }
    settings[String(name.dropFirst(2))] = value
}
let options = settings

@MainActor func list(_ name: String) -> [String] { options[name]!.split(separator: ",").map(String.init) }

let models: [(name: String, model: any MechanismModel)] = try list("methods").compactMap { name in
    switch name {
    case "linear": return ("linear", LeastSquaresModel())
    case "evidence": return ("evidence", EvidenceKernelModel())
    case "read":
        guard !options["weights"]!.isEmpty else { return nil }
        var model = try AmortisedKernelModel(file: options["weights"]!)
        model.refiningSteps = Int(options["refining"]!) ?? 0
        return ("read", model)
    default: return nil
    }
}

if !options["intervals"]!.isEmpty {
    try IntervalTest(
        predictor: StructurePredictor(weightsFile: options["structure"]!), model: models[0].model,
        draws: Int(options["draws"]!) ?? 40
    ).run(worlds: Int(options["seeds"]!) ?? 3, figure: options["intervals"]!)
    exit(0)
}

print("functions\tnodes\trows\tworlds\tmethod\tnoise\tgeneration\tintervention\tcounterfactual\tcoverage\tseconds")
for kind in TestKind.allCases where options["only"]!.isEmpty || kind.rawValue == options["only"]! {
    for nodes in list("nodes").compactMap({ Int($0) }) {
        for rows in list("rows").compactMap({ Int($0) }) {
            let worlds = kind.worlds(nodes: nodes, rows: rows, seeds: Int(options["seeds"]!) ?? 3)
            if !options["export"]!.isEmpty {
                for (number, world) in worlds.enumerated() {
                    try world.export(to: "\(options["export"]!)/\(kind.rawValue)_\(nodes)_\(rows)_\(number).json")
                }
            }
            for (name, model) in models {
                var errors = TestErrors()
                let began = clock()
                for world in worlds { try errors.add(world.errors(of: model)) }
                let seconds = Double(clock() - began) / Double(CLOCKS_PER_SEC)
                let values = errors.means.map { String(format: "%.3f", $0) }.joined(separator: "\t")
                print(
                    "\(kind.rawValue)\t\(nodes)\t\(rows)\t\(worlds.count)\t\(name)\t\(values)\t"
                        + String(format: "%.1f", seconds))
                fflush(nil)
            }
        }
    }
}
