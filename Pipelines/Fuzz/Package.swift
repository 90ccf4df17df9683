// swift-tools-version: 6.1
import PackageDescription

/// The rooms with parsers that are fuzzed and what they stand on; `run` lays out the sources and chooses the flags.
let settings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

func room(_ name: String, _ uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, path: "Sources/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "fuzz",
    targets: [
        .systemLibrary(name: "CBlosc", path: "Sources/CBlosc", pkgConfig: "blosc"),
        .systemLibrary(name: "CHDF5", path: "Sources/CHDF5", pkgConfig: "hdf5"),
        .systemLibrary(name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas"),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CZstd", path: "Sources/CZstd", pkgConfig: "libzstd"),
        .target(name: "CKernels", path: "Sources/CKernels"),
        .target(name: "CRDKit", path: "Sources/CRDKit"),
        room("Probability", ["CKernels"]),
        room("Matrices", ["COpenBLAS"]),
        room("HDF5", ["CHDF5", "CZlib"]),
        room("AnnotatedData", ["Matrices"]),
        room("Formats", ["CBlosc", "CZlib", "CZstd", "Matrices", "HDF5", "AnnotatedData"]),
        room("Chemistry", ["CRDKit"]),
        room("Screens", ["Probability", "Matrices", "AnnotatedData", "Chemistry"]),
        .executableTarget(
            name: "Fuzz", dependencies: ["Formats", "HDF5", "Screens"], path: "Sources/Driver", swiftSettings: settings),
    ])
