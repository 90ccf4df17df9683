import AnnotatedData
import Screens
import Simulators

extension AnnotationTable {
    /// One row a perturbation, one column a feature.
    init(_ features: FeatureTable) {
        self.init(
            names: features.perturbations,
            columns: features.features.enumerated().map { place, name in
                .init(name: name, values: .floats(features.values.column(place).map(Double.init)))
            })
    }
}

extension SimulatedDrugScreen {
    /// The treatments of the test: one row a drug and dose, with the drug's features.
    var testTreatments: AnnotationTable {
        let new = Set(truth.heldOutDrugs ?? [])
        let treatments = truth.drugs.enumerated().flatMap { row, drug in
            (new.contains(drug.name) ? truth.doses : truth.heldOutDoses ?? []).map { (row: row, dose: $0) }
        }
        return AnnotationTable(
            names: treatments.map { truth.drugs[$0.row].name },
            columns: [
                .init(name: "dose", values: .floats(treatments.map(\.dose))),
                .init(name: "dose_unit", values: .strings(treatments.map { _ in truth.doseUnit })),
            ]
                + features.features.enumerated().map { place, name in
                    .init(name: name, values: .floats(treatments.map { Double(features.values[$0.row, place]) }))
                })
    }
}
