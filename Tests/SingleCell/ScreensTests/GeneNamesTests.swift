import AnnotatedData
import Screens
import Testing

struct GeneNamesTests {
    private let genes = ["ENSG00000141510.17", "ENSG00000171862.12", "ENSG00000000003", "ENSG00000000005"]

    private func names(_ symbols: [String?]) -> GeneNames {
        GeneNames(
            genes,
            table: AnnotationTable(
                names: genes, columns: [AnnotationColumn(name: "gene_name", values: .strings(symbols))]))
    }

    @Test func everyWayFindsItsGene() {
        let names = names(["TP53", "PTEN", "TSPAN6", nil])
        #expect(names.gene("ENSG00000141510.17")! == (genes[0], .name))
        #expect(names.gene("PTEN")! == (genes[1], .column("gene_name")))
        #expect(names.gene("ENSG00000171862")! == (genes[1], .withoutVersion))
        #expect(names.gene("ENSG00000171862.9")! == (genes[1], .withoutVersion))
        #expect(names.gene("tspan6")! == (genes[2], .ignoringCase))
        #expect(names.gene("BRCA1") == nil)
        #expect(names.gene("") == nil)
    }

    /// A symbol that two genes share says nothing.
    @Test func sharedNamesMeanNothing() {
        let names = names(["DUP", "DUP", "Abc", "ABC"])
        #expect(names.gene("DUP") == nil)
        #expect(names.gene("Abc")! == (genes[2], .column("gene_name")))
        #expect(names.gene("abc") == nil)
    }

    @Test func kindsAreTold() {
        #expect(GeneNames.kind(of: ["ENSG00000141510.17", "ENSMUSG00000059552.4"]) == .versionedEnsembl)
        #expect(GeneNames.kind(of: ["ENSG00000141510", "ENSMUSG00000059552", "GFP"]) == .ensembl)
        #expect(GeneNames.kind(of: ["7157", "5728"]) == .entrez)
        #expect(GeneNames.kind(of: ["TP53", "ENSA", "ENSG"]) == .symbols)
        #expect(GeneNames.kind(of: []) == .symbols)
    }
}
