// swift-tools-version: 6.1
import PackageDescription

/// The rooms whose speed is measured and what they stand on; `../engine` lays out the sources.
let settings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

func room(_ name: String, _ uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, path: "Sources/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "timer",
    targets: [
        .systemLibrary(name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas"),
        .target(name: "CKernels", path: "Sources/CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "CRDKit", path: "Sources/CRDKit"),
        // Made for the processor on which it runs: it asks what that processor can do.
        .target(name: "Peak", path: "Sources/Peak", cSettings: [.unsafeFlags(["-O3", "-march=native"])]),
        room("Probability", ["CKernels"]),
        room("Matrices", ["COpenBLAS"]),
        room("Graphs", ["Probability"]),
        room("Tensors", ["CKernels"]),
        room("Networks", ["CKernels", "Probability", "Tensors"]),
        room("AnnotatedData", ["Matrices"]),
        room("Chemistry", ["CRDKit"]),
        room("Screens", ["Probability", "Matrices", "AnnotatedData", "Chemistry"]),
        room(
            "Structure",
            ["COpenBLAS", "Probability", "Matrices", "Graphs", "Tensors", "Networks", "AnnotatedData", "Screens"]),
        .executableTarget(
            name: "Timer",
            dependencies: ["COpenBLAS", "Peak", "Matrices", "Probability", "Tensors", "Networks", "Structure"],
            path: "Sources/Timer", swiftSettings: settings),
    ],
    cxxLanguageStandard: .cxx17
)
