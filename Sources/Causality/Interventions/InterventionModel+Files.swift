import AnnotatedData
import Foundation
import Networks
import Screens

/// A model on disk: `model.safetensors` (the numbers), `model.json` (what they mean), and for people `edges.tsv` and
/// `targets.tsv`.
extension InterventionModel {
    public static let schema = 2

    /// What `model.json` holds.
    private struct Description: Codable {
        var schema: Int
        var kind: String
        var genes: [String]
        var scaling: GeneScaling
        var strata: [ControlStratum]
        var isCentredByStratum: Bool
        var scale: ExpressionScale
        var options: FitOptions
        var seed: UInt64
        var contexts: [Context]
        var encoding: PerturbationEncoding
        var covariates: CovariateEncoding
        var combinations: [String: [String]]
        var freeDose: FreeDoseScale?
        var map: InterventionMap
        var knownTargets: [String: [String]]
        var outcomes: [FitOutcome]
        var curves: [[FitCurvePoint]]
        var brokenEdges: [[BrokenEdge]]
        var notices: [Notice]
        var provenance: [String: String]
    }

    private static let kind = "interventome generative intervention model"

    /// Writes the four files into a folder, which is made where it is missing.
    public func save(to directory: URL) throws {
        let description = Description(
            schema: Self.schema, kind: Self.kind, genes: genes, scaling: scaling, strata: strata,
            isCentredByStratum: isCentredByStratum, scale: scale, options: options, seed: seed, contexts: contexts,
            encoding: encoding, covariates: covariates, combinations: combinations, freeDose: freeDose, map: map,
            knownTargets: knownTargets, outcomes: outcomes, curves: curves, brokenEdges: brokenEdges, notices: notices,
            provenance: provenance)
        try write(description, tensors, to: directory)
    }

    private var mechanismLayout: MechanismLayout {
        .init(options, genes: genes.count, covariates: covariates)
    }

    private var tensors: SafeTensors {
        let d = genes.count
        func entry(_ name: String, _ shape: [Int], _ values: [Double]) -> SafeTensors.Entry {
            .init(name: name, shape: shape, values: values.map { Float($0) })
        }
        var entries = [
            entry("measured_shifts", [contexts.count, d], measuredShifts),
            entry("target_posteriors", [contexts.count, d], targetPosteriors),
            entry("features", [encoding.perturbations.count, features.count], encoding.measured),
        ]
        if let projection = encoding.projection {
            entries.append(entry("feature_projection", [features.count, encoding.rank], projection))
        }
        for (index, member) in members.enumerated() {
            let prefix = "member\(index)/"
            entries += [
                entry(prefix + "edge_probabilities", [d, d], member.edgeProbabilities),
                entry(prefix + "graph", [d, d], member.graph),
                entry(prefix + "map", [map.layout.count], member.map),
            ]
            for part in mechanismLayout.tensors {
                entries.append(entry(prefix + part.name, part.shape, Array(member.mechanisms.flat[part.places])))
            }
            if mechanismLayout.units > 0 {
                entries.append(entry(prefix + "average_effects", [d, d], member.averageEffects))
            }
        }
        return SafeTensors(entries: entries, metadata: ["kind": Self.kind, "schema": String(Self.schema)])
    }

    /// Reads what `save` has written.
    public static func load(from directory: URL) throws -> InterventionModel {
        let descriptionFile = directory.appendingPathComponent("model.json")
        let tensorFile = directory.appendingPathComponent("model.safetensors")
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        func failure(_ file: URL, _ element: String?, _ message: String) -> InterventionError {
            InterventionError(
                code: "MODEL_FILE", file: file.path, element: element, message: message,
                remedy: "give the folder of a fitted model, or fit it again")
        }
        let description: Description
        let tensors: SafeTensors
        do {
            let data = try Data(contentsOf: descriptionFile)
            struct Version: Decodable { var schema: Int }
            let found = try decoder.decode(Version.self, from: data).schema
            guard found == schema else {
                throw failure(descriptionFile, "schema", "schema \(schema) expected, found \(found)")
            }
            description = try decoder.decode(Description.self, from: data)
            tensors = try SafeTensors(file: tensorFile.path)
        } catch let error as InterventionError {
            throw error
        } catch let error as WeightsError {
            throw failure(tensorFile, error.element, error.message)
        } catch {
            throw failure(descriptionFile, nil, "the description of a model expected, found \(error)")
        }
        let found = Dictionary(tensors.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        func values(_ name: String, _ shape: [Int]) throws -> [Double] {
            guard let entry = found[name], entry.shape == shape else {
                throw failure(
                    tensorFile, name,
                    "a tensor of shape \(shape) expected, found \(found[name].map { "\($0.shape)" } ?? "none")")
            }
            guard entry.values.allSatisfy(\.isFinite) else {
                throw failure(tensorFile, name, "finite numbers expected, found others")
            }
            return entry.values.map(Double.init)
        }
        do { try description.options.validate() } catch let error as InterventionError {
            throw failure(descriptionFile, error.element, error.message)
        }
        let d = description.genes.count
        var encoding = description.encoding
        guard
            encoding.isProjected
                ? (0...encoding.perturbations.count).contains(encoding.rank)
                : encoding.rank == encoding.features.count,
            (1...FitOptions.mostHiddenUnits).contains(description.map.layout.hidden)
        else {
            throw failure(
                descriptionFile, "encoding",
                "a possible size expected, found rank \(encoding.rank) of \(encoding.features.count) features and "
                    + "\(description.map.layout.hidden) hidden units")
        }
        let known = Set(encoding.perturbations)
        let combined = description.combinations
        if let stranger = description.contexts.first(where: {
            !known.contains($0.perturbation) && combined[$0.perturbation] == nil
        }) {
            throw failure(
                descriptionFile, "contexts",
                "one of the \(known.count) encoded perturbations expected, found \(stranger.perturbation)")
        }
        encoding.measured = try values("features", [encoding.perturbations.count, encoding.features.count])
        if encoding.isProjected {
            encoding.projection = try values("feature_projection", [encoding.features.count, encoding.rank])
        }
        let strangers = description.combinations.values.joined().filter { !known.contains($0) }
        guard strangers.isEmpty, description.strata.allSatisfy({ $0.means.count == d }) else {
            throw failure(
                descriptionFile, "combinations",
                "encoded perturbations as parts and means of \(d) genes expected, found others")
        }
        let size = encoding.size + (description.freeDose == nil ? 0 : 1) + description.covariates.size
        let layout = description.map.layout
        guard layout == .init(size: size, hidden: layout.hidden, genes: d),
            description.scaling.means.count == d, description.scaling.deviations.count == d,
            encoding.means.count == encoding.features.count, encoding.deviations.count == encoding.features.count
        else {
            throw failure(
                descriptionFile, "map", "a map of \(size) inputs and \(d) genes expected, found \(layout)")
        }
        let mechanisms = MechanismLayout(description.options, genes: d, covariates: description.covariates)
        let members = try description.outcomes.indices.map { index in
            let prefix = "member\(index)/"
            let theta = MechanismParameters(
                try mechanisms.tensors.flatMap { try values(prefix + $0.name, $0.shape) }, mechanisms)
            return Member(
                edgeProbabilities: try values(prefix + "edge_probabilities", [d, d]),
                graph: try values(prefix + "graph", [d, d]), mechanisms: theta,
                averageEffects: mechanisms.units > 0
                    ? try values(prefix + "average_effects", [d, d]) : theta.effects,
                map: try values(prefix + "map", [layout.count]))
        }
        for (index, member) in members.enumerated() where !OrderedEffects(matrix: member.graph, genes: d).isAcyclic {
            throw failure(tensorFile, "member\(index)/graph", "a graph without cycles expected, found one with a cycle")
        }
        guard !members.isEmpty else { throw failure(descriptionFile, "outcomes", "at least one model expected") }
        return InterventionModel(
            genes: description.genes, scaling: description.scaling, strata: description.strata,
            isCentredByStratum: description.isCentredByStratum, scale: description.scale,
            options: description.options, seed: description.seed, contexts: description.contexts,
            measuredShifts: try values("measured_shifts", [description.contexts.count, d]),
            targetPosteriors: try values("target_posteriors", [description.contexts.count, d]), encoding: encoding,
            covariates: description.covariates, combinations: description.combinations, freeDose: description.freeDose,
            map: description.map, knownTargets: description.knownTargets,
            members: members, outcomes: description.outcomes, curves: description.curves,
            brokenEdges: description.brokenEdges, notices: description.notices, provenance: description.provenance)
    }
}

extension InterventionModel {
    /// What is believed of one gene as the target of one measured treatment.
    public struct Target: Codable, Sendable, Equatable {
        public let gene: String
        /// π of the map.
        public let probability: Double
        /// m, in the scale of the screen.
        public let location: Double
        /// After seeing the treatment's cells.
        public let posterior: Double

        public init(gene: String, probability: Double, location: Double, posterior: Double) {
            self.gene = gene
            self.probability = probability
            self.location = location
            self.posterior = posterior
        }
    }

    /// The targets of `contexts[index]`, all genes by falling size of what is expected of the intervention, |π m| in control
    /// standard deviations: a probable target that is hardly moved stands below.
    public func targets(ofMeasured index: Int) throws -> [Target] {
        let d = genes.count
        let context = contexts[index]
        let expectations = try expectations(
            .init(perturbation: context.perturbation, dose: context.dose, covariates: context.covariates))
        let count = Double(members.count)
        let expected = (0..<d).map { j in
            abs(expectations.reduce(0) { $0 + $1.probabilities[j] * $1.locations[j] })
        }
        return (0..<d).sorted { (expected[$0], $1) > (expected[$1], $0) }.map { j in
            Target(
                gene: genes[j], probability: expectations.reduce(0) { $0 + $1.probabilities[j] } / count,
                location: expectations.reduce(0) { $0 + $1.locations[j] } / count * scaling.deviations[j],
                posterior: targetPosteriors[index * d + j])
        }
    }
}
