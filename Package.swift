// swift-tools-version: 6.1
import PackageDescription

/// The plan of the house: which room stands on which floor and what it may use. Floors are listed from the ground up; a
/// room uses rooms of its own floor that stand above it here and rooms of earlier floors, and only those named.
/// `ArchitectureTests` compares the imports of every file with this table.
let plan: [(floor: String, room: String, uses: [String])] = [
    ("Foundations", "Concurrency", []),
    ("Foundations", "Probability", ["CKernels"]),
    ("Foundations", "Matrices", ["COpenBLAS"]),
    ("Foundations", "Graphs", ["Probability"]),
    ("Foundations", "Tensors", ["CKernels"]),
    ("Foundations", "Networks", ["CKernels", "Probability", "Tensors"]),
    ("SingleCell", "HDF5", ["CHDF5", "CZlib"]),
    ("SingleCell", "AnnotatedData", ["Matrices"]),
    ("SingleCell", "Formats", ["CBlosc", "CZlib", "CZstd", "Matrices", "HDF5", "AnnotatedData"]),
    ("SingleCell", "Preprocessing", ["CKernels", "Probability", "Matrices", "AnnotatedData"]),
    ("SingleCell", "Chemistry", ["CRDKit"]),
    ("SingleCell", "Screens", ["Probability", "Matrices", "AnnotatedData", "Chemistry"]),
    ("Causality", "Simulators", ["CKernels", "Probability", "Matrices", "Graphs", "AnnotatedData", "Screens"]),
    (
        "Causality", "Structure",
        [
            "CKernels", "COpenBLAS", "Probability", "Matrices", "Graphs", "Tensors", "Networks", "AnnotatedData",
            "Screens",
        ]
    ),
    ("Causality", "Responses", ["CKernels", "Concurrency", "COpenBLAS", "Probability", "Matrices", "Graphs"]),
    (
        "Causality", "Discovery",
        ["CKernels", "Probability", "Matrices", "Graphs", "Networks", "AnnotatedData", "Structure"]
    ),
    ("Causality", "FeatureModels", ["CKernels", "Concurrency", "Probability", "Matrices"]),
    ("Causality", "Mechanisms", ["Concurrency", "Probability", "Matrices", "Graphs"]),
    (
        "Causality", "KernelMechanisms",
        [
            "CKernels", "Concurrency", "Probability", "Matrices", "Tensors", "Networks", "FeatureModels", "Mechanisms",
        ]
    ),
    (
        "Causality", "MechanismNetworks",
        ["CKernels", "Probability", "Matrices", "Tensors", "Networks", "Mechanisms"]
    ),
    (
        "Causality", "Pretraining",
        [
            "Concurrency", "Probability", "Matrices", "Graphs", "Tensors", "Networks", "Simulators", "Structure",
            "KernelMechanisms", "MechanismNetworks",
        ]
    ),
    ("Causality", "Baselines", ["Matrices", "Screens"]),
    ("Causality", "ShiftProcesses", ["Concurrency", "Probability", "Matrices", "Screens", "FeatureModels"]),
    ("Causality", "PredictedCells", ["Concurrency", "Probability", "Matrices", "Screens"]),
    (
        "Causality", "Interventions",
        [
            "COpenBLAS", "Concurrency", "Probability", "Matrices", "Graphs", "Networks", "AnnotatedData", "Screens",
        ]
    ),
    (
        "Causality", "ScreenModels",
        [
            "Concurrency", "Probability", "Matrices", "Graphs", "Networks", "AnnotatedData", "Screens", "Responses",
            "Mechanisms", "FeatureModels", "ShiftProcesses", "PredictedCells", "Interventions",
        ]
    ),
    ("Causality", "Generators", ["Concurrency", "Probability", "Matrices", "Tensors", "Networks"]),
    ("Causality", "Identification", ["Graphs"]),
    (
        "Causality", "Sampling",
        ["Probability", "Matrices", "Networks", "Generators", "Identification"]
    ),
    ("Findings", "Shifts", ["Probability", "Matrices", "Graphs", "AnnotatedData"]),
    ("Findings", "Evaluations", ["Probability", "Matrices", "AnnotatedData", "Screens", "Baselines", "Shifts"]),
    (
        "Findings", "Explanations",
        [
            "Concurrency", "Probability", "Matrices", "Graphs", "Mechanisms", "Identification", "Interventions",
        ]
    ),
    ("Findings", "Reports", []),
    (
        "Tool", "Runs",
        [
            "CKernels", "Crypto", "Reference", "Yams", "Probability", "Matrices", "Graphs", "Networks", "HDF5",
            "AnnotatedData", "Formats", "Preprocessing", "Chemistry", "Screens", "Simulators", "Structure", "Discovery",
            "Mechanisms", "KernelMechanisms", "MechanismNetworks", "Pretraining", "Responses", "Baselines",
            "FeatureModels",
            "ShiftProcesses", "Interventions", "ScreenModels", "Identification", "Generators", "Sampling", "Shifts",
            "Evaluations", "Explanations", "Reports",
        ]
    ),
    ("Tool", "interventome", ["ArgumentParser", "Runs"]),
]

/// Doors to C and C++ libraries: headers and shims, no logic.
let doors: [Target] = [
    .systemLibrary(
        name: "CHDF5", path: "Sources/C/CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
        name: "COpenBLAS", path: "Sources/C/COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
        name: "CZlib", path: "Sources/C/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev", "libdeflate-dev"])]),
    .systemLibrary(name: "CBlosc", path: "Sources/C/CBlosc", pkgConfig: "blosc", providers: [.apt(["libblosc-dev"])]),
    .systemLibrary(name: "CZstd", path: "Sources/C/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    // Optimised in debug builds too: nothing else of training is slow there.
    .target(name: "CKernels", path: "Sources/C/CKernels", cSettings: [.unsafeFlags(["-O3"])]),
    .target(
        name: "CRDKit", path: "Sources/C/CRDKit",
        cxxSettings: [
            .define("CRDKIT_PRESENT", .when(traits: ["RDKit"])),
            .unsafeFlags(["-isystem", "/usr/include/rdkit"], .when(traits: ["RDKit"])),
        ],
        linkerSettings: [
            "RDKitChemTransforms", "RDKitDescriptors", "RDKitFingerprints", "RDKitSmilesParse", "RDKitGraphMol",
            "RDKitDataStructs",
            "RDKitRDGeneral",
        ].map { .linkedLibrary($0, .when(traits: ["RDKit"])) }),
]

/// Packages from outside, by the name under which the plan uses them.
let products: [String: Target.Dependency] = [
    "ArgumentParser": .product(name: "ArgumentParser", package: "swift-argument-parser"),
    "Crypto": .product(name: "Crypto", package: "swift-crypto"),
    "Yams": .product(name: "Yams", package: "Yams"),
]

let swiftSettings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

let rooms: [Target] = plan.map { entry in
    let dependencies = entry.uses.map { products[$0] ?? .byName(name: $0) }
    let path = "Sources/\(entry.floor)/\(entry.room)"
    return entry.room == "interventome"
        ? .executableTarget(
            name: entry.room, dependencies: dependencies, path: path, swiftSettings: swiftSettings)
        : .target(name: entry.room, dependencies: dependencies, path: path, swiftSettings: swiftSettings)
}

/// Every room has its tests; they may also use what their room uses.
let tests: [Target] = plan.map { entry in
    .testTarget(
        name: "\(entry.room)Tests",
        dependencies: [.byName(name: entry.room)] + entry.uses.map { products[$0] ?? .byName(name: $0) },
        path: "Tests/\(entry.floor)/\(entry.room)Tests",
        exclude: entry.room == "interventome" ? ["Help"] : [],
        swiftSettings: swiftSettings)
}

/// What ships with the tool, as resources.
let reference: Target = .target(
    name: "Reference", path: "Reference", exclude: ["Golden", "Scale", "Scale.md"],
    resources: [.copy("Mechanisms"), .copy("Networks"), .copy("Screens"), .copy("Weights")],
    swiftSettings: swiftSettings)

let package = Package(
    name: "interventome",
    traits: [
        .default(enabledTraits: ["RDKit"]),
        .trait(
            name: "RDKit",
            description:
                "Fingerprints and descriptors from SMILES; needs the packages librdkit-dev and libboost1.81-dev"),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: doors + [reference] + rooms + tests + [
        .testTarget(name: "ArchitectureTests", path: "Tests/Tool/ArchitectureTests", swiftSettings: swiftSettings)
    ],
    cxxLanguageStandard: .cxx17
)
