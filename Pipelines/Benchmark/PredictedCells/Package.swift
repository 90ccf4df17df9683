// swift-tools-version: 6.1
import PackageDescription

/// The rooms of which cells are compared and what they stand on; `../predicted_cells` lays out the sources.
let settings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

func room(_ name: String, _ uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, path: "Sources/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "comparison",
    targets: [
        .systemLibrary(name: "CHDF5", path: "Sources/CHDF5", pkgConfig: "hdf5"),
        .systemLibrary(name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas"),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CBlosc", path: "Sources/CBlosc", pkgConfig: "blosc"),
        .systemLibrary(name: "CZstd", path: "Sources/CZstd", pkgConfig: "libzstd"),
        .target(name: "CKernels", path: "Sources/CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "CRDKit", path: "Sources/CRDKit"),
        room("Probability", ["CKernels"]),
        room("Matrices", ["COpenBLAS"]),
        room("Graphs", ["Probability"]),
        room("HDF5", ["CHDF5", "CZlib"]),
        room("AnnotatedData", ["Matrices"]),
        room("Formats", ["CBlosc", "CZlib", "CZstd", "Matrices", "HDF5", "AnnotatedData"]),
        room("Preprocessing", ["CKernels", "Probability", "Matrices", "AnnotatedData"]),
        room("Chemistry", ["CRDKit"]),
        room("Screens", ["Probability", "Matrices", "AnnotatedData", "Chemistry"]),
        room("Responses", ["CKernels", "COpenBLAS", "Probability", "Matrices", "Graphs"]),
        room("Baselines", ["Matrices", "Screens"]),
        room("PredictedCells", ["Probability", "Matrices", "Screens"]),
        room("Shifts", ["Probability", "Matrices", "AnnotatedData"]),
        .executableTarget(
            name: "Comparison",
            dependencies: [
                "Probability", "Matrices", "AnnotatedData", "Formats", "Preprocessing", "Screens", "Responses",
                "Baselines", "PredictedCells", "Shifts",
            ],
            path: "Sources/Comparison", swiftSettings: settings),
    ],
    cxxLanguageStandard: .cxx17
)
