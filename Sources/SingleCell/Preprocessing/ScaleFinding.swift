import AnnotatedData
import Foundation

/// What the values of a matrix seem to be, and why.
public enum ScaleFinding: Sendable, Equatable {
    case decided(ExpressionScale, evidence: String)
    /// The data do not say; `option` is the one that settles it.
    case undecided(evidence: String, option: String)

    public var scale: ExpressionScale? {
        if case .decided(let scale, _) = self { scale } else { nil }
    }

    public var evidence: String {
        switch self {
        case .decided(_, let evidence), .undecided(let evidence, _): evidence
        }
    }
}

/// Decides from the values and from scanpy's own mark of a logarithm, `uns/log1p`.
public func detectScale(of data: AnnotatedMatrix) -> ScaleFinding {
    guard let x = data.x else { return .undecided(evidence: "there is no main matrix", option: "scale") }
    return detectScale(of: x).considering(data.unstructured)
}

/// Decides from the values alone.
public func detectScale(of matrix: CellMatrix) -> ScaleFinding {
    var evidence = ScaleEvidence(rows: matrix.rows, columns: matrix.columns)
    evidence.add(MatrixBlock(firstRow: 0, matrix: matrix))
    return evidence.finding
}

extension ScaleFinding {
    /// The finding where scanpy's mark of a logarithm in `uns` is taken into account.
    public func considering(_ unstructured: [String: AnnotationValue]) -> ScaleFinding {
        guard case .dictionary(let entries)? = unstructured["log1p"] else { return self }
        let base: Double? =
            switch entries["base"] {
            case .float(let value)?: value
            case .integer(let value)?: Double(value)
            default: nil
            }
        switch self {
        case .decided(.counts, _), .decided(.intensity, _), .decided(.scaled, _): return self
        default:
            if let base, abs(base - M_E) > 1e-6 {
                return .decided(.logIntensity, evidence: "uns/log1p says logarithm to base \(base)")
            }
            return .decided(.log1p, evidence: "uns/log1p is set and values are not whole numbers")
        }
    }
}
