extension PerturbationFindings {
    /// One table for the figures of all perturbations, kind by kind; what is not drawn is in them, too.
    var tables: [FigureTable] { [shiftTable, testTable, targetTable, doseTable, hillTable, partTable] }

    private func rows(_ make: (PerturbationFinding) -> [[FigureTable.Value]]) -> [[FigureTable.Value]] {
        perturbations.flatMap { finding in
            let own: [FigureTable.Value] = [.text(finding.name), .optional(finding.dose)]
            return make(finding).map { own + $0 }
        }
    }

    private var shiftTable: FigureTable {
        var baselines: [String] = []
        for name in perturbations.flatMap(\.baselineNames) where !baselines.contains(name) { baselines.append(name) }
        return FigureTable(
            name: "shifts", title: "Predicted shifts of the genes that move most, beside measurement and baselines",
            columns: ["perturbation", "dose", "gene", "shift", "lower", "upper", "observed"]
                + baselines.map { "baseline: \($0)" },
            rows: rows { finding in
                finding.shifts.map { shift -> [FigureTable.Value] in
                    let beside = baselines.map { name -> FigureTable.Value in
                        let place = finding.baselineNames.firstIndex(of: name)
                        return .optional(place.flatMap { $0 < shift.baselines.count ? shift.baselines[$0] : nil })
                    }
                    let own: [FigureTable.Value] = [
                        .text(shift.gene), .optional(shift.predicted.value), .optional(shift.predicted.lower),
                        .optional(shift.predicted.upper), .optional(shift.observed),
                    ]
                    return own + beside
                }
            })
    }

    private var testTable: FigureTable {
        FigureTable(
            name: "tests", title: "Measured shifts with a plain test of each, adjusted over all treatments and genes",
            columns: ["perturbation", "dose", "gene", "shift", "p_adjusted"],
            rows: rows { finding in
                finding.tests.map { [.text($0.gene), .optional($0.shift), .optional($0.adjustedP)] }
            })
    }

    private var targetTable: FigureTable {
        FigureTable(
            name: "targets", title: "Genes that the model attributes to perturbations as targets",
            columns: [
                "perturbation", "dose", "gene", "probability", "share_of_draws", "direct_effect", "attributed_shift",
                "known_target",
            ],
            rows: rows { finding in
                finding.targets.map {
                    [
                        .text($0.gene), .optional($0.probability), .optional($0.agreement), .optional($0.effect),
                        .optional($0.attributed?.value), $0.known.map { .flag($0) } ?? .missing,
                    ]
                }
            })
    }

    private var doseTable: FigureTable {
        FigureTable(
            name: "dose_responses", title: "Shifts over doses: predicted, measured, and along the fitted Hill curve",
            columns: ["perturbation", "gene", "series", "dose", "shift", "lower", "upper"],
            rows: perturbations.flatMap { finding in
                finding.doseResponses.flatMap { response -> [[FigureTable.Value]] in
                    let all = [
                        ("predicted", response.predicted), ("observed", response.observed),
                        ("hill_fit", response.fit?.points ?? []),
                    ]
                    return all.flatMap { name, points in
                        points.map { point -> [FigureTable.Value] in
                            [
                                .text(finding.name), .text(response.gene), .text(name), .optional(point.x),
                                .optional(point.y), .optional(point.lower), .optional(point.upper),
                            ]
                        }
                    }
                }
            })
    }

    private var hillTable: FigureTable {
        FigureTable(
            name: "hill_fits", title: "Hill curves through measured shifts, with 90 % intervals",
            columns: [
                "perturbation", "gene", "emax", "emax_lower", "emax_upper", "ec50", "ec50_lower", "ec50_upper", "slope",
                "slope_lower", "slope_upper", "note",
            ],
            rows: perturbations.flatMap { finding in
                finding.doseResponses.compactMap { response -> [FigureTable.Value]? in
                    guard let fit = response.fit else { return nil }
                    var row: [FigureTable.Value] = [.text(finding.name), .text(response.gene)]
                    for estimate in [fit.emax, fit.halfEffectiveDose, fit.slope] {
                        row += [.optional(estimate?.value), .optional(estimate?.lower), .optional(estimate?.upper)]
                    }
                    row.append(fit.abstention.map { .text($0) } ?? .missing)
                    return row
                }
            })
    }

    private var partTable: FigureTable {
        FigureTable(
            name: "parts", title: "What predicted shifts are made of",
            columns: [
                "perturbation", "dose", "gene", "shift", "direct", "mediated", "from_likeness", "unexplained",
                "arrives_from",
            ],
            rows: rows { finding in
                finding.mediations.map {
                    [
                        .text($0.gene), .optional($0.total), .optional($0.direct.value), .optional($0.mediated.value),
                        .optional($0.residual), .optional($0.unexplained),
                        $0.via.isEmpty ? .missing : .text($0.via.joined(separator: ",")),
                    ]
                }
            })
    }
}
