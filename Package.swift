// swift-tools-version: 6.1
import PackageDescription

/// The plan of the house: which room stands on which floor and what it may use. Floors are listed from the ground up; a
/// room uses rooms of its own floor that stand above it here and rooms of earlier floors, and only those named.
/// `ArchitectureTests` compares the imports of every file with this table.
let plan: [(floor: String, room: String, uses: [String])] = [
    ("Foundations", "Probability", []),
    ("Foundations", "Matrices", ["COpenBLAS", "Probability"]),
    ("Foundations", "Graphs", ["Probability"]),
    ("Foundations", "Tensors", ["CKernels", "COpenBLAS"]),
    ("Foundations", "Networks", ["CKernels", "Probability", "Tensors"]),
    ("SingleCell", "AnnotatedData", ["Matrices"]),
    ("SingleCell", "Screens", ["AnnotatedData", "Matrices"]),
    ("Causality", "Simulators", ["Screens", "AnnotatedData", "Graphs", "Matrices", "Probability"]),
    (
        "Causality", "Structure",
        ["AnnotatedData", "COpenBLAS", "Graphs", "Matrices", "Networks", "Probability", "Screens", "Tensors"]
    ),
    (
        "Causality", "Pretraining",
        ["Graphs", "Matrices", "Networks", "Probability", "Simulators", "Structure", "Tensors"]
    ),
    (
        "Causality", "Interventions",
        ["AnnotatedData", "Screens", "Graphs", "Matrices", "Probability", "Networks", "COpenBLAS"]
    ),
    ("Findings", "Shifts", ["Matrices", "Probability"]),
    (
        "Findings", "Explanations",
        ["AnnotatedData", "Interventions", "Screens", "Graphs", "Matrices", "Probability"]
    ),
]

/// Doors to C and C++ libraries: headers and shims, no logic.
let doors: [Target] = [
    .systemLibrary(
        name: "CHDF5", path: "Sources/C/CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    // Optimised in debug builds too: nothing else of training is slow there.
    .target(name: "CKernels", path: "Sources/C/CKernels", cSettings: [.unsafeFlags(["-O3"])]),
    .systemLibrary(
        name: "COpenBLAS", path: "Sources/C/COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
        name: "CZlib", path: "Sources/C/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev", "libdeflate-dev"])]),
]

/// Packages from outside, by the name under which the plan uses them.
let products: [String: Target.Dependency] = [:]

let swiftSettings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

let rooms: [Target] = plan.map { entry in
    .target(
        name: entry.room,
        dependencies: entry.uses.map { products[$0] ?? .byName(name: $0) },
        path: "Sources/\(entry.floor)/\(entry.room)",
        swiftSettings: swiftSettings)
}

/// Every room has its tests; they may also use what their room uses.
let tests: [Target] = plan.map { entry in
    .testTarget(
        name: "\(entry.room)Tests",
        dependencies: [.byName(name: entry.room)] + entry.uses.map { products[$0] ?? .byName(name: $0) },
        path: "Tests/\(entry.floor)/\(entry.room)Tests",
        swiftSettings: swiftSettings)
}

let package = Package(
    name: "interventome",
    targets: doors + rooms + tests
)
