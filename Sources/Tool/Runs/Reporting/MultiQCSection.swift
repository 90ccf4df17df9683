import Reports

/// One file of custom content for MultiQC: `NAME_mqc.json`, which it finds by its name.
/// Source: https://docs.seqera.io/multiqc/custom_content (MultiQC 1.35).
struct MultiQCSection: Encodable {
    /// A value that MultiQC shows: a number, a word, or the points of a line as [x, y].
    enum Value: Encodable {
        case number(Double)
        case text(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            }
        }
    }

    /// How a column of a table is shown.
    struct Column: Encodable {
        var title: String
        var description: String
        var min: Double?
        var max: Double?
        /// Python's format, such as `{:,.0f}`.
        var format: String
        var scale: String?
    }

    enum Content {
        /// Sample → column → value, in the table that all tools share.
        case generalStatistics([[String: Column]], [String: [String: Value]])
        /// Sample → category → value.
        case bars([String: [String: Double]], value: String)
        /// Series → points.
        case lines([String: [[Double]]], x: String, y: String)
    }

    /// Of our artifacts; MultiQC passes over it.
    static let schema = 1
    var id: String
    var name: String
    var description: String
    var content: Content

    var fileName: String { "\(id)_mqc.json" }

    private enum Key: String, CodingKey {
        case schema, id, description, pconfig, data, headers
        case parent = "parent_id"
        case parentName = "parent_name"
        case parentDescription = "parent_description"
        case name = "section_name"
        case plot = "plot_type"
    }

    private struct Plot: Encodable {
        var id: String
        var title: String
        var xlab: String?
        var ylab: String?
        var cpswitch: Bool?
    }

    func encode(to encoder: any Encoder) throws {
        var file = encoder.container(keyedBy: Key.self)
        try file.encode(Self.schema, forKey: .schema)
        try file.encode(id, forKey: .id)
        if case .generalStatistics(let headers, let data) = content {
            try file.encode("generalstats", forKey: .plot)
            try file.encode(headers, forKey: .headers)
            try file.encode(data, forKey: .data)
            return
        }
        try file.encode("interventome", forKey: .parent)
        try file.encode("Interventome", forKey: .parentName)
        try file.encode("learns from a perturbation screen which genes cause which.", forKey: .parentDescription)
        try file.encode(name, forKey: .name)
        try file.encode(description, forKey: .description)
        switch content {
        case .generalStatistics: break
        case .bars(let data, let value):
            try file.encode("bargraph", forKey: .plot)
            try file.encode(
                Plot(id: "\(id)_plot", title: "Interventome: \(name)", ylab: value, cpswitch: false), forKey: .pconfig)
            try file.encode(data, forKey: .data)
        case .lines(let data, let x, let y):
            try file.encode("linegraph", forKey: .plot)
            try file.encode(Plot(id: "\(id)_plot", title: "Interventome: \(name)", xlab: x, ylab: y), forKey: .pconfig)
            try file.encode(data, forKey: .data)
        }
    }
}
