import Chemistry
import Foundation
import HDF5
import Matrices

/// What this build is and which libraries it works with.
public struct Build: Codable, Sendable {
    public static let version = "0.1.0"

    public var version = Build.version
    public var configuration: String
    public var threads: Int
    public var blas: String
    public var hdf5: String
    /// nil where the tool was built without it.
    public var rdkit: String?

    public static func current(threads: Int) -> Build {
        #if DEBUG
            let configuration = "debug"
        #else
            let configuration = "release"
        #endif
        return Build(
            configuration: configuration, threads: threads, blas: blasVersion, hdf5: hdf5Version(),
            rdkit: Molecule.libraryVersion)
    }

    public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }

    public var text: String {
        """
        interventome  \(version) (\(configuration))
        threads       \(threads)
        BLAS          \(blas)
        HDF5          \(hdf5)
        RDKit         \(rdkit ?? "not built in: SMILES columns can't be used")
        """
    }
}
