import KernelMechanisms
import Reference

extension AmortisedKernelModel {
    /// The reader of mechanisms that ships.
    static func shipped() throws -> AmortisedKernelModel {
        let file = try shippedFile()
        return try reading(file) { try AmortisedKernelModel(file: file) }
    }

    static func shippedFile() throws(Failure) -> String {
        guard let file = ReferenceFile.mechanisms("kernels").path else {
            throw Failure(
                code: "NOT_FOUND", file: "kernels.safetensors",
                message: "expected the weights of mechanisms that ship, found none",
                remedy: "keep the program beside its resources", exit: .inputMissing)
        }
        return file
    }
}
