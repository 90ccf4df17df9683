// swift-tools-version: 6.1
import PackageDescription

/// The rooms by which predicted shifts are judged and what they stand on; `build` lays out the sources.
let settings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

func room(_ name: String, _ uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, path: "Sources/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "shift-judge",
    targets: [
        .systemLibrary(name: "CBlosc", path: "Sources/CBlosc", pkgConfig: "blosc"),
        .systemLibrary(name: "CHDF5", path: "Sources/CHDF5", pkgConfig: "hdf5"),
        .systemLibrary(name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas"),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CZstd", path: "Sources/CZstd", pkgConfig: "libzstd"),
        .target(name: "CKernels", path: "Sources/CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "CRDKit", path: "Sources/CRDKit"),
        room("Probability", ["CKernels"]),
        room("Matrices", ["COpenBLAS"]),
        room("HDF5", ["CHDF5", "CZlib"]),
        room("AnnotatedData", ["Matrices"]),
        room("Formats", ["CBlosc", "CZlib", "CZstd", "Matrices", "HDF5", "AnnotatedData"]),
        room("Preprocessing", ["CKernels", "Probability", "Matrices", "AnnotatedData"]),
        room("Chemistry", ["CRDKit"]),
        room("Screens", ["Probability", "Matrices", "AnnotatedData", "Chemistry"]),
        room("Baselines", ["Matrices", "Screens"]),
        room("FeatureModels", ["CKernels", "Probability", "Matrices"]),
        room("ShiftProcesses", ["Probability", "Matrices", "Screens", "FeatureModels"]),
        room("Shifts", ["Probability", "Matrices", "AnnotatedData"]),
        room("Evaluations", ["Probability", "Matrices", "Screens", "Baselines", "Shifts"]),
        .executableTarget(
            name: "Judge",
            dependencies: ["Formats", "Preprocessing", "Screens", "ShiftProcesses", "Shifts", "Evaluations"],
            path: "Sources/Judge", swiftSettings: settings),
    ],
    cxxLanguageStandard: .cxx17
)
