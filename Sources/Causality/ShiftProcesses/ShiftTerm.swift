/// One component of what treatments do: what of the perturbation counts, and where it holds.
public struct ShiftTerm: Codable, Sendable, Hashable {
    /// What two perturbations must share.
    public enum Perturbation: String, Codable, Sendable, CaseIterable {
        /// Being treated at all; a combination counts once for each part.
        case common
        /// The same, where a combination counts once.
        case once
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
        /// Neighbouring doses (or levels of them) more than others.
        case near
        /// Similar amounts more than others, whatever their levels.
        case amount
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
            case .once: "common to all treated, once for combinations"
            case .identity: "the perturbation's own"
            case .tanimoto: "told by features (bits)"
            case .radial: "told by features (near numbers)"
            case .linear: "told by features (linear)"
            case .treatment: "of one treatment alone"
            }
        let place =
            switch cells {
            case .all: ""
            case .similar: ", alike in similar cells"
            case .close: ", alike in very similar cells"
            case .same: ", in cells of one kind"
            }
        let course =
            switch dose {
            case .all: ""
            case .near: ", by dose"
            case .amount: ", by amount"
            }
        return subject + course + place
    }

    /// From the simplest on.
    static func candidates(_ forms: [FeatureLikeness.Form]) -> [ShiftTerm] {
        func terms(_ subject: Perturbation, _ doses: [Dose], _ cells: [Cells]) -> [ShiftTerm] {
            doses.flatMap { dose in cells.map { ShiftTerm(perturbation: subject, dose: dose, cells: $0) } }
        }
        return terms(.common, Dose.allCases, Cells.allCases) + terms(.once, Dose.allCases, Cells.allCases)
            + terms(.identity, [.all, .near], Cells.allCases)
            + forms.compactMap { Perturbation(rawValue: $0.rawValue) }
            .flatMap { terms($0, Dose.allCases, [.all, .same]) } + [ShiftTerm(perturbation: .treatment)]
    }
}

/// How much of the shifts one component makes up.
public struct ShiftComponent: Codable, Sendable, Equatable {
    public let name: String
    public let term: ShiftTerm
    /// Of the variance of the measured treatments, averaged over them; all components sum to 1.
    public let share: Double
}
