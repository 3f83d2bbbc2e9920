import FoundationEssentials
import GRDB
import PhasegateCore
import PhasegateFlags
import Synchronization
import Testing

/// The table that applications read with their own SQL.
@Suite("flag table")
struct SQLTableSinkTests {
    private let tables: SQLiteTables
    private let sink: any FlagSink

    init() throws {
        tables = try SQLiteTables()
        sink = try FlagSinks.sink(
            from: .init(name: "t", kind: "sql-table", settings: .map(["target": .text("main")])),
            of: "reads",
            in: FlagSinkContext(baseDirectory: "/", tables: tables)
        )
    }

    private func rule(_ share: Int, _ draw: FlagDraw = FlagDraw(salt: "it's")) -> FlagRule {
        FlagRule(key: "reads", draw: draw, share: BasisPoints(rawValue: share))
    }

    private func row() async throws -> [String: String]? {
        try await tables.rows(FlagSinks.tableQuery(), ["flag": "reads"], on: "main").first
    }

    @Test func readingMakesNoTable() async throws {
        #expect(try await sink.read() == nil)
        #expect(try await !tables.hasTable("phasegate_flags", on: "main"))
    }

    @Test func holdsWhatTheRuleSays() async throws {
        for share in [500, 10_000, 0] {
            try await sink.write(rule(share), over: try await sink.read())
            #expect(try await sink.read() == sink.content(for: rule(share)))
            #expect(try await row()?["share_bp"] == "\(share)")
        }
        #expect(try await row()?["salt"] == "it's")
    }

    @Test func namesARankedCohort() async throws {
        let draw = FlagDraw(salt: "s", cohort: .ranked(["a", "b", "c"]), deny: ["d"])
        try await sink.write(rule(6000, draw), over: nil)
        let row = try #require(try await row())
        #expect(row["algorithm"] == "named" && row["denied"] == #"["d"]"#)
        let named = try JSONDecoder().decode([String].self, from: Data((row["named"] ?? "").utf8))
        #expect(named == ["a", "b", "c"].filter { rule(6000, draw).isExposed($0) } && named.count == 2)
    }

    @Test func givesWayToSomebodyElsesChange() async throws {
        try await sink.write(rule(500), over: nil)
        let seen = try await sink.read()
        _ = try await tables.rows("UPDATE phasegate_flags SET share_bp = 7777", [:], on: "main")
        await #expect {
            try await sink.write(rule(2500), over: seen)
        } throws: { error in (error as? FlagError)?.code == .conflict }
        #expect(try await row()?["share_bp"] == "7777")
        try await sink.write(rule(0), over: try await sink.read())
        #expect(try await row()?["share_bp"] == "0")
    }

    /// Somebody is between our look and our statement: the version has gone on, so nothing is written.
    @Test func losesARaceWithoutWriting() async throws {
        try await sink.write(rule(500), over: nil)
        let seen = try await sink.read()
        tables.beforeNextUpdate("UPDATE phasegate_flags SET share_bp = 7777, version = version + 1")
        try? await sink.write(rule(2500), over: seen)
        #expect(try await row()?["share_bp"] == "7777")
    }

    @Test func printsTheQueryThatTheDocumentationPrints() throws {
        var folder = URL(filePath: #filePath)
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        let page = try String(contentsOf: folder.appending(path: "docs/flags.md"), encoding: .utf8)
        #expect(page.contains(FlagSinks.tableQuery()))
    }
}

/// One SQLite database in memory.
private final class SQLiteTables: FlagTables {
    private let queue: DatabaseQueue
    private let interruption = Mutex<String?>(nil)

    init() throws { queue = try DatabaseQueue() }

    func beforeNextUpdate(_ sql: String) { interruption.withLock { $0 = sql } }

    private func takeInterruption() -> String? {
        interruption.withLock { sql in
            defer { sql = nil }
            return sql
        }
    }

    func hasTable(_ name: String, on target: TargetName) async throws(FlagError) -> Bool {
        do {
            return try await queue.read { try $0.tableExists(name) }
        } catch {
            throw FlagError(.unreadable, "\(error)")
        }
    }

    func rows(
        _ sql: String,
        _ parameters: [String: String],
        on target: TargetName
    ) async throws(FlagError) -> [[String: String]] {
        do {
            if sql.hasPrefix("UPDATE"), let first = takeInterruption() {
                try await queue.write { try $0.execute(sql: first) }
            }
            let used = parameters.filter { sql.contains(":" + $0.key) }
            return try await queue.write { db in
                try Row.fetchAll(db, sql: sql, arguments: StatementArguments(used)).map { row in
                    Dictionary(uniqueKeysWithValues: row.map { ($0.0, String.fromDatabaseValue($0.1) ?? "\($0.1)") })
                }
            }
        } catch {
            throw FlagError(.unreadable, "\(error)")
        }
    }
}
