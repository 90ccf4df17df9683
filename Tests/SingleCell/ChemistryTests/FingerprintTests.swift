import Chemistry
import Testing

struct FingerprintTests {
    /// The highest bit of the first digit is bit 0, so "80" sets bit 0 and "0001" sets bit 15.
    @Test func hexadecimalOrder() throws {
        let fingerprint = try Fingerprint(hex: "8001")
        #expect((0..<16).filter { fingerprint[$0] } == [0, 15])
        #expect(fingerprint.hex == "8001")
        #expect(fingerprint.population == 2)
        #expect(fingerprint.values.count == 16 && fingerprint.values.reduce(0, +) == 2)
    }

    @Test(arguments: ["", "0", "0g", "zz00"]) func refusesWhatIsNotHexadecimal(text: String) {
        #expect { try Fingerprint(hex: text) } throws: { ($0 as? ChemistryError)?.code == "BAD_FINGERPRINT" }
    }

    /// {0, 1, 2} and {1, 2, 3, 4} share 2 of 5.
    @Test func tanimotoOfSets() {
        let a = Fingerprint(bytes: [0b0000_0111])
        let b = Fingerprint(bytes: [0b0001_1110])
        #expect(a.tanimoto(b) == 0.4)
        #expect(a.tanimoto(a) == 1)
        #expect(Fingerprint(bytes: [0]).tanimoto(Fingerprint(bytes: [0])) == 1)
    }
}
