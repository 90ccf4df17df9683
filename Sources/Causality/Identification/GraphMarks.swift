/// What attributes of nodes and edges in DOT and GraphML say.
enum GraphMarks {
    /// `latent`, `unobserved`, `hidden` (alone or with a value that is no no), `observed=no`.
    static func areLatent(_ attributes: [String: String]) -> Bool {
        func says(_ name: String) -> Bool? { attributes[name].map { !["no", "false", "0"].contains($0.lowercased()) } }
        return ["latent", "unobserved", "hidden"].contains { says($0) == true } || says("observed") == false
    }

    /// `kind`, `type` or `edge_type` is `bidirected`, or `dir=both`.
    static func areBidirected(_ attributes: [String: String]) -> Bool {
        ["kind", "type", "edge_type"].contains { ["bidirected", "<->"].contains(attributes[$0]?.lowercased()) }
            || attributes["dir"]?.lowercased() == "both"
    }

    /// What `structure` writes beside an edge: one that its acyclic graph dropped, or, without that, of less than one
    /// half.
    static func areDropped(_ attributes: [String: String]) -> Bool {
        if let acyclic = attributes["acyclic"] { return acyclic == "false" }
        return attributes["probability"].flatMap(Double.init).map { $0 < 0.5 } ?? false
    }
}
