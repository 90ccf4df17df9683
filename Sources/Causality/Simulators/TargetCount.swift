/// How many genes are intervened on in some cell; as YAML `all`, a number `15`, or a share `50%`.
public enum TargetCount: Sendable, Equatable {
    case all
    /// That many, or all where there are fewer.
    case count(Int)
    /// That part of the genes, rounded up.
    case percent(Double)

    func targets(of genes: Int) -> Int {
        switch self {
        case .all: genes
        case .count(let count): min(genes, count)
        // A share such as 0.2 of 30 must not become 7 by its rounding error.
        case .percent(let percent): min(genes, max(1, Int((percent * Double(genes) / 100 - 1e-9).rounded(.up))))
        }
    }
}

extension TargetCount {
    /// Throws `OPTION` where one of the numbers to draw from cannot be, or there is none.
    static func validate(_ targets: [TargetCount]) throws(SimulationError) {
        try SimulationError.demand(!targets.isEmpty, "targets", "at least one number of genes", "none")
        for target in targets {
            switch target {
            case .all: break
            case .count(let count): try SimulationError.demand(count > 0, "targets", "at least one gene", count)
            case .percent(let percent):
                try SimulationError.demand(
                    percent > 0 && percent <= 100, "targets", "a share above 0% and up to 100%", "\(percent)%")
            }
        }
    }
}

extension TargetCount: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try (try? container.decode(String.self)) ?? String(container.decode(Int.self))
        if text == "all" {
            self = .all
        } else if let count = Int(text), count > 0 {
            self = .count(count)
        } else if text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent <= 100 {
            self = .percent(percent)
        } else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "all, a number such as 15, or a share such as 50%")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .all: try container.encode("all")
        case .count(let count): try container.encode("\(count)")
        case .percent(let percent):
            try container.encode(percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%")
        }
    }
}
