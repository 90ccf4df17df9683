/// One component of what treatments do: what of the perturbation counts, and where it holds.
public struct ShiftTerm: Codable, Sendable, Hashable {
    /// What two perturbations must share.
    public enum Perturbation: String, Codable, Sendable, CaseIterable {
        /// Being treated at all; a combination counts once for each part.
        case common
        /// Parts of the same name.
        case identity
        /// Features: bits by Tanimoto's coefficient, numbers by distance or inner product.
        case tanimoto, radial, linear
        /// The very treatment.
        case treatment
    }

    public enum Dose: String, Codable, Sendable, CaseIterable {
        /// All doses alike.
        case all
        /// Neighbouring doses more than others.
        case near
    }

    public enum Cells: String, Codable, Sendable, CaseIterable {
        /// All cells alike.
        case all
        /// Cells with similar controls, in a wide and a narrow sense.
        case similar, close
        /// Equal covariates.
        case same
    }

    public var perturbation: Perturbation
    public var dose = Dose.all
    public var cells = Cells.all

    /// As reports call it.
    public var name: String {
        let subject =
            switch perturbation {
            case .common: "common to all treated"
            case .identity: "the perturbation's own"
            case .tanimoto: "told by features (bits)"
            case .radial: "told by features (near numbers)"
            case .linear: "told by features (linear)"
            case .treatment: "of one treatment alone"
            }
        let where_ =
            switch cells {
            case .all: ""
            case .similar: ", alike in similar cells"
            case .close: ", alike in very similar cells"
            case .same: ", in cells of one kind"
            }
        return subject + (dose == .near ? ", by dose" : "") + where_
    }

    /// From the simplest on.
    static func candidates(_ forms: [FeatureLikeness.Form]) -> [ShiftTerm] {
        let subjects = [Perturbation.common, .identity] + forms.compactMap { Perturbation(rawValue: $0.rawValue) }
        return subjects.flatMap { subject in
            Dose.allCases.flatMap { dose in
                Cells.allCases.map { ShiftTerm(perturbation: subject, dose: dose, cells: $0) }
            }
        } + [ShiftTerm(perturbation: .treatment)]
    }
}

/// How much of the shifts one component makes up.
public struct ShiftComponent: Codable, Sendable, Equatable {
    public let name: String
    public let term: ShiftTerm
    /// Of the variance of the measured treatments, averaged over them; all components sum to 1.
    public let share: Double
}
