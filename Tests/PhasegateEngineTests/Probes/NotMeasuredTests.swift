import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import Testing

/// A probe that looks at a database, with settings that come out well on a healthy one.
struct ProbeSample: Sendable, CustomTestStringConvertible {
    let kind: ProbeName
    let settings: [String: Setting]
    /// The word that lets a gate open; nothing when any value may.
    var good: String?
    /// How deep it looks into the file.
    var reads = Depth.rows

    enum Depth: Sendable {
        case size
        case schema
        case rows
    }

    var testDescription: String { kind.rawValue }

    func isGood(_ measurement: Measurement) -> Bool { good == nil || measurement.word == good }

    static let all = [
        ProbeSample(kind: "sql", settings: ["query": .text("SELECT count(*) FROM trades")]),
        ProbeSample(kind: "row-count", settings: ["tables": .texts("trades")]),
        ProbeSample(kind: "content-hash", settings: ["tables": .texts("trades")]),
        ProbeSample(kind: "integrity", settings: [:], good: "ok"),
        ProbeSample(
            kind: "schema",
            settings: ["tables": .map(["trades": .map(["columns": .map(["id": .text("integer")])])])],
            good: "matches",
            reads: .schema
        ),
        ProbeSample(
            kind: "explain",
            settings: ["query": .text("SELECT price FROM trades WHERE symbol = 'A'"), "uses": .texts("by_symbol")],
            good: "indexed",
            reads: .schema
        ),
        ProbeSample(kind: "latency", settings: ["workload": .text("reads")]),
        ProbeSample(kind: "throughput", settings: ["workload": .text("reads"), "for": .text("20 ms")]),
        ProbeSample(kind: "backup", settings: ["level": .text("content")], good: "verified"),
        ProbeSample(kind: "disk", settings: ["measure": .text("used-by-target")], reads: .size),
        ProbeSample(
            kind: "flag",
            settings: [
                "flag": .text("f"), "measure": .text("observed"),
                "query": .text("SELECT sum(price > 1), count(*) FROM trades"),
            ]
        ),
    ]

    static let workload = Workload(
        name: "reads",
        target: "main",
        queries: [
            Workload.Query(
                sql: "SELECT price FROM trades WHERE id = :id",
                parameters: ["id": .query("SELECT id FROM trades")],
                weight: 1
            )
        ],
        concurrency: 1,
        warmup: 5,
        samples: 50
    )

    static let script = """
        CREATE TABLE trades (id INTEGER PRIMARY KEY, symbol TEXT, price REAL);
        CREATE INDEX by_symbol ON trades(symbol);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        INSERT INTO trades SELECT i, 'S' || (i % 10), i * 1.5 FROM n;
        """
}

/// What may be wrong with a database.
enum Damage: String, CaseIterable, Sendable {
    case missing
    case empty
    case withoutTables
    case text
    case truncated
    case corruptSchema
    case corruptRows
    case wrongDatabase
    case locked

    func isSeen(by sample: ProbeSample) -> Bool {
        switch self {
        case .missing, .empty: true
        case .corruptRows: sample.reads == .rows
        default: sample.reads != .size
        }
    }
}

@Suite("not measured is never good")
struct NotMeasuredTests {
    /// Without this the tests below could not fail.
    @Test(arguments: ProbeSample.all)
    func aHealthyDatabaseIsGood(sample: ProbeSample) async throws {
        let bench = try Bench(workloads: [ProbeSample.workload])
        try await bench.make("main", ProbeSample.script)
        let measurement = try await bench.measure(sample.kind, sample.settings)
        #expect(sample.isGood(measurement), "\(measurement)")
        #expect(!measurement.parts.isEmpty)
    }

    @Test(arguments: ProbeSample.all, Damage.allCases)
    func aDamagedDatabaseIsNot(sample: ProbeSample, damage: Damage) async throws {
        guard damage.isSeen(by: sample) else { return }
        let wrong = DatabaseTarget.Fingerprint(applicationID: 0x514C, tables: [])
        let none = DatabaseTarget.Fingerprint(applicationID: nil, tables: [])
        let bench = try Bench(
            targets: ["main": damage == .wrongDatabase ? wrong : none],
            workloads: [ProbeSample.workload]
        )
        try await bench.make("main", damage == .withoutTables ? "" : ProbeSample.script)
        let file = URL(filePath: bench.file())
        var content = try Data(contentsOf: file)
        var holder: (any DatabaseSession)?
        switch damage {
        case .missing: try FileManager.default.removeItem(at: file)
        case .empty: try Data().write(to: file)
        case .text: try Data(String(repeating: "no database\n", count: 400).utf8).write(to: file)
        case .truncated: try content.prefix(6000).write(to: file)
        case .corruptSchema, .corruptRows:
            for offset in damage == .corruptRows ? 4096..<content.count : 100..<4096 {
                content[offset] = UInt8(truncatingIfNeeded: offset &* 31)
            }
            try content.write(to: file)
        case .locked:
            holder = try await bench.engine.open(bench.file(), for: .writing)
            try await holder?.run(script: "BEGIN EXCLUSIVE", within: .seconds(5))
        case .withoutTables, .wrongDatabase: break
        }
        do {
            let measurement = try await bench.measure(sample.kind, sample.settings)
            #expect(sample.good != nil && !sample.isGood(measurement), "measured \(measurement)")
        } catch let error as ProbeError {
            #expect(!error.message.isEmpty)
        }
        await holder?.close()
        #expect(bench.names(in: "scratch") == [])
    }

    @Test func everyKindHasASample() {
        let elsewhere: Set<ProbeName> = [
            "activity", "slower-statements", "command", "attestation", "comparison", "recall", "migration-conflicts",
            "migration-equivalence", "conversion", "deletion", "restore-drill",
            "observed-latency", "observed-share", "observed-score",
        ]
        #expect(Set(ProbeKinds.every.all.map { $0.name }) == Set(ProbeSample.all.map(\.kind)).union(elsewhere))
    }
}
