// swift-tools-version: 6.2
import PackageDescription

// Dependencies enter in one target each, so that the core stays free of them
// and an incremental build touches little. The direction of imports is checked
// by `make test` (see CONTRIBUTING.md) and drawn in docs/architecture.md.
let package = Package(
    name: "phasegate",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "phasegate", targets: ["phasegate"]),
        .executable(name: "quantumleap", targets: ["quantumleap"]),
        .library(name: "PhasegateCore", targets: ["PhasegateCore"]),
        .library(name: "PhasegateRisk", targets: ["PhasegateRisk"]),
        .library(name: "PhasegateFiles", targets: ["PhasegateFiles"]),
        .library(name: "PhasegateLedger", targets: ["PhasegateLedger"]),
        .library(name: "PhasegateReports", targets: ["PhasegateReports"]),
        .library(name: "PhasegateSQLite", targets: ["PhasegateSQLite"]),
        .library(name: "PhasegatePostgreSQL", targets: ["PhasegatePostgreSQL"]),
        .library(name: "PhasegatePostgreSQLLedger", targets: ["PhasegatePostgreSQLLedger"]),
        .library(name: "PhasegateMariaDB", targets: ["PhasegateMariaDB"]),
        .library(name: "PhasegateProbes", targets: ["PhasegateProbes"]),
        .library(name: "PhasegateControl", targets: ["PhasegateControl"]),
        .library(name: "PhasegateNotices", targets: ["PhasegateNotices"]),
        .library(name: "PhasegateObservations", targets: ["PhasegateObservations"]),
        .library(name: "PhasegateStatistics", targets: ["PhasegateStatistics"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // The words, the gate's judgement, the decision, and the ports.
        .target(name: "PhasegateCore"),
        // SHA-256 for the ledger's chain and for artifacts, and the row hash.
        .target(
            name: "PhasegateHashing",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")]
        ),
        // Evidence that may be looked at any time, intervals, the seeded generator; pure.
        .target(name: "PhasegateStatistics"),
        // Levels derived from the grid, beside the declared ones.
        .target(name: "PhasegateRisk", dependencies: ["PhasegateCore"]),
        // Secrets behind their references.
        .target(name: "PhasegateSecrets", dependencies: ["PhasegateCore"]),
        // Static rules over a rollout.
        .target(name: "PhasegateLint", dependencies: ["PhasegateCore"]),
        // One tick of a rollout, and the proof that gates can close.
        .target(name: "PhasegateControl", dependencies: ["PhasegateCore", "PhasegateRisk"]),
        // Rollout YAML to model, with places.
        .target(
            name: "PhasegateFiles",
            dependencies: [
                "PhasegateCore", "PhasegateHashing", "PhasegateStatistics", .product(name: "Yams", package: "Yams"),
            ]
        ),
        // Probe kinds, the database port, deadlines.
        .target(
            name: "PhasegateProbes",
            dependencies: [
                "PhasegateCore", "PhasegateHashing", "PhasegateStatistics",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]
        ),
        .target(
            name: "PhasegateSQLite",
            dependencies: [
                "PhasegateCore", "PhasegateHashing", "PhasegateProbes",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        // libpq, looked up when it is first needed: see docs/decisions/0012.
        .target(name: "CLibPQ"),
        .target(
            name: "PhasegatePostgreSQL",
            dependencies: ["PhasegateCore", "PhasegateProbes", "PhasegateSecrets", "CLibPQ"]
        ),
        // libmariadb, looked up when it is first needed: see docs/decisions/0014.
        .target(name: "CMariaDB"),
        .target(
            name: "PhasegateMariaDB",
            dependencies: ["PhasegateCore", "PhasegateProbes", "PhasegateSecrets", "CMariaDB"]
        ),
        .target(
            name: "PhasegateMigrations",
            dependencies: ["PhasegateCore", "PhasegateHashing", "PhasegateProbes"]
        ),
        // What is observed of the users of a ramp, and how its steps are judged by it.
        .target(
            name: "PhasegateObservations",
            dependencies: [
                "PhasegateCore", "PhasegateHTTP", "PhasegateProbes", "PhasegateSecrets", "PhasegateStatistics",
            ]
        ),
        .target(
            name: "PhasegateFlags",
            dependencies: [
                "PhasegateCore", "PhasegateHTTP", "PhasegateSecrets", .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        // Flags in tables of the databases that are changed.
        .target(name: "PhasegateFlagTables", dependencies: ["PhasegateCore", "PhasegateFlags", "PhasegateProbes"]),
        // What those share that serve over HTTP: address, token, start and end.
        .target(
            name: "PhasegateHTTPServer",
            dependencies: [
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        // Observations that applications send over HTTP.
        .target(
            name: "PhasegateObservationServer",
            dependencies: [
                "PhasegateCore", "PhasegateHTTPServer", "PhasegateObservations", "PhasegateSecrets",
                "PhasegateStatistics",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        // Flags for applications that ask over HTTP.
        .target(
            name: "PhasegateFlagServer",
            dependencies: [
                "PhasegateCore", "PhasegateFlags", "PhasegateHashing", "PhasegateHTTPServer",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .target(
            name: "PhasegateLedger",
            dependencies: ["PhasegateCore", "PhasegateHashing", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        // The same ledger for several machines, in a database on a PostgreSQL server.
        .target(
            name: "PhasegatePostgreSQLLedger",
            dependencies: [
                "PhasegateCore", "PhasegateHashing", "PhasegateLedger", "PhasegatePostgreSQL", "PhasegateProbes",
            ]
        ),
        .target(
            name: "PhasegateReports",
            dependencies: [
                "PhasegateCore", "PhasegateHashing", "CLibXML2", .product(name: "Mustache", package: "swift-mustache"),
            ],
            resources: [.embedInCode("Templates")]
        ),
        // libcurl, looked up when it is first needed: see docs/decisions/0009.
        .target(name: "CLibCurl"),
        // What goes out over HTTP and SMTP, for those who send.
        .target(name: "PhasegateHTTP", dependencies: ["PhasegateCore", "CLibCurl"]),
        .target(
            name: "PhasegateNotices",
            dependencies: ["PhasegateCore", "PhasegateHashing", "PhasegateHTTP", "PhasegateSecrets"]
        ),
        // Subcommands; the only place that builds things.
        .executableTarget(
            name: "phasegate",
            dependencies: [
                "PhasegateControl", "PhasegateCore", "PhasegateFiles", "PhasegateFlagServer",
                "PhasegateFlagTables", "PhasegateFlags", "PhasegateHTTP", "PhasegateHTTPServer",
                "PhasegateHashing", "PhasegateLedger", "PhasegateLint", "PhasegateMariaDB", "PhasegateMigrations",
                "PhasegateNotices", "PhasegateObservationServer", "PhasegateObservations",
                "PhasegatePostgreSQL", "PhasegatePostgreSQLLedger",
                "PhasegateProbes", "PhasegateReports", "PhasegateRisk", "PhasegateSecrets", "PhasegateSQLite",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        // The demo's application: a generated trading database and its traffic.
        .executableTarget(
            name: "quantumleap",
            dependencies: [
                "PhasegateCore", "PhasegateFlags", "PhasegateStatistics",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .systemLibrary(
            name: "CLibXML2",
            pkgConfig: "libxml-2.0",
            providers: [.apt(["libxml2-dev"])]
        ),
        .target(
            name: "PhasegateTesting",
            dependencies: ["PhasegateCore"],
            path: "Tests/PhasegateTesting"
        ),
        .testTarget(name: "PhasegateCoreTests", dependencies: ["PhasegateCore", "PhasegateTesting"]),
        .testTarget(
            name: "PhasegateFilesTests",
            dependencies: ["PhasegateCore", "PhasegateFiles", "PhasegateLint", "PhasegateRisk", "PhasegateTesting"]
        ),
        .testTarget(
            name: "PhasegateObservationsTests",
            dependencies: [
                "PhasegateCore", "PhasegateHTTP", "PhasegateHTTPServer", "PhasegateObservations",
                "PhasegateObservationServer",
                "PhasegateProbes", "PhasegateSQLite", "PhasegateStatistics", "PhasegateTesting",
            ]
        ),
        .testTarget(name: "PhasegateRiskTests", dependencies: ["PhasegateCore", "PhasegateRisk"]),
        .testTarget(name: "PhasegateStatisticsTests", dependencies: ["PhasegateStatistics"]),
        .testTarget(
            name: "PhasegateFlagsTests",
            dependencies: ["PhasegateCore", "PhasegateFlags", "PhasegateTesting"]
        ),
        .testTarget(
            name: "PhasegateFlagServerTests",
            dependencies: ["PhasegateCore", "PhasegateFlagServer", "PhasegateFlags", "PhasegateTesting"]
        ),
        .testTarget(
            name: "PhasegateReportsTests",
            dependencies: [
                "PhasegateCore", "PhasegateReports", "PhasegateTesting", "CLibXML2",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .testTarget(
            name: "PhasegateNoticesTests",
            dependencies: ["PhasegateCore", "PhasegateHashing", "PhasegateNotices", "PhasegateTesting"]
        ),
        // A controller in small, for tests that kill it.
        .executableTarget(
            name: "ledger-holder",
            dependencies: ["PhasegateCore", "PhasegateLedger", "PhasegatePostgreSQLLedger"],
            path: "Tests/LedgerHolder"
        ),
        // The least that the server of flags is measured against.
        .executableTarget(
            name: "bare-route",
            dependencies: [
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/BareRoute"
        ),
        .testTarget(
            name: "PhasegateLedgerTests",
            dependencies: [
                "PhasegateCore", "PhasegateLedger", "PhasegatePostgreSQLLedger", "PhasegateTesting",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "PhasegateEngineTests",
            dependencies: [
                "PhasegateControl", "PhasegateCore", "PhasegateFlagTables", "PhasegateFlags", "PhasegateHashing",
                "PhasegateLedger", "PhasegateMariaDB", "PhasegateMigrations", "PhasegateObservations",
                "PhasegatePostgreSQL",
                "PhasegateProbes", "PhasegateSQLite", "PhasegateSecrets", "PhasegateStatistics",
                "PhasegateTesting",
            ]
        ),
        .testTarget(
            name: "PhasegateControlTests",
            dependencies: ["PhasegateControl", "PhasegateCore", "PhasegateHashing", "PhasegateTesting"]
        ),
        // What other people's programs make of reports, notices and flags.
        .testTarget(
            name: "PhasegateConsumersTests",
            dependencies: [
                "PhasegateCore", "PhasegateFiles", "PhasegateFlags", "PhasegateHashing", "PhasegateNotices",
                "PhasegateProbes", "PhasegateReports", "PhasegateTesting",
            ],
            exclude: ["Readers"]
        ),
        .testTarget(
            name: "PhasegateEndToEndTests",
            dependencies: ["PhasegateCore", "PhasegateTesting"],
            exclude: ["Fixtures"]
        ),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        // https://github.com/swiftlang/swift-evolution: SE-0335, SE-0409,
        // SE-0444, SE-0461, SE-0470.
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .treatAllWarnings(as: .error),
    ]
}
