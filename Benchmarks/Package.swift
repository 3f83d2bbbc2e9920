// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds phasegate builds the
// benchmarks, and so that they see only what the libraries show the public.
let package = Package(
    name: "phasegate-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        // Named, because the directory of a checkout may have any name.
        .package(name: "phasegate", path: "../")
    ],
    targets: [
        .executableTarget(
            name: "PhasegateBenchmarks",
            dependencies: [
                .product(name: "PhasegateControl", package: "phasegate"),
                .product(name: "PhasegateCore", package: "phasegate"),
                .product(name: "PhasegateLedger", package: "phasegate"),
                .product(name: "PhasegateNotices", package: "phasegate"),
                .product(name: "PhasegateProbes", package: "phasegate"),
                .product(name: "PhasegateReports", package: "phasegate"),
                .product(name: "PhasegateSQLite", package: "phasegate"),
            ]
        ),
        // The JUnit report alone, for Benchmarks/junit.py.
        .executableTarget(
            name: "junitbench",
            dependencies: [
                .product(name: "PhasegateCore", package: "phasegate"),
                .product(name: "PhasegateReports", package: "phasegate"),
            ],
            path: "Sources/JUnitBench"
        ),
        // The simulation of losses alone, for Benchmarks/losses.py.
        .executableTarget(
            name: "lossbench",
            dependencies: [
                .product(name: "PhasegateCore", package: "phasegate"),
                .product(name: "PhasegateRisk", package: "phasegate"),
            ],
            path: "Sources/LossBench"
        ),
        // Counts requests for memory; only for the program that wants its own counted.
        .target(name: "CAllocations"),
        // Simulated ramps, apart from the others because of the counting.
        .executableTarget(
            name: "rampbench",
            dependencies: [
                "CAllocations",
                .product(name: "PhasegateCore", package: "phasegate"),
                .product(name: "PhasegateObservations", package: "phasegate"),
                .product(name: "PhasegateProbes", package: "phasegate"),
                .product(name: "PhasegateStatistics", package: "phasegate"),
            ],
            path: "Sources/RampBench"
        ),
    ]
)

for target in package.targets {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .treatAllWarnings(as: .error),
    ]
}
