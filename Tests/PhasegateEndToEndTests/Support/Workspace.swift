import Foundation

/// A directory of its own for one test, removed with it.
final class Workspace {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/phasegate-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
        return file(name)
    }

    /// Runs SQL through the sqlite3 shell, which knows nothing of us.
    @discardableResult
    func sqlite(_ database: String, _ sql: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = ["-batch", "-cmd", ".timeout 5000", file(database), sql]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// A small shop: one table, one migration that adds an index, one that is taken back.
struct Shop {
    let workspace: Workspace
    var rollout: String { workspace.file("rollout.yaml") }

    init(_ change: (String) -> String = { $0 }) throws {
        workspace = try Workspace()
        try workspace.sqlite(
            "shop.db",
            """
            PRAGMA application_id = 7; PRAGMA journal_mode = WAL;
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, cents INTEGER NOT NULL);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
            INSERT INTO orders SELECT i, 'customer ' || (i % 50), i * 3 FROM n;
            """
        )
        try FileManager.default.createDirectory(
            atPath: workspace.file("migrations/rollback"),
            withIntermediateDirectories: true
        )
        try workspace.write("CREATE INDEX orders_by_customer ON orders(customer);", to: "migrations/001_index.sql")
        try workspace.write("DROP INDEX orders_by_customer;", to: "migrations/rollback/001_rollback.sql")
        try workspace.write(change(Self.plan), to: "rollout.yaml")
    }

    /// Runs a verb on the shop's rollout.
    func callAsFunction(_ verb: String, _ arguments: String..., environment: [String: String] = [:]) throws
        -> Program.Run
    {
        let drives = ["check", "advance", "run", "rollback", "kill", "report"].contains(verb)
        let reports = drives ? ["--reports", workspace.file("reports")] : []
        return try Program.phasegate.run(
            [verb, rollout] + arguments + ["--workspace", workspace.path] + reports,
            environment: environment
        )
    }

    static let plan = """
        phasegate: 1
        rollout: shop
        title: An index for the shop
        targets:
          main: {engine: sqlite, path: shop.db, fingerprint: {application-id: 7, tables: [orders]}}
        flags:
          new-search: {store: flags.sqlite}
        phases:
          - name: index
            reversibility: reversible
            clock: {interval: 100 ms, steady: 0 s, timeout: 2 s}
            preconditions:
              - {name: sound, source: SHOP-1, probe: {kind: integrity}, must: ok}
            change: {migrations: migrations, versions: 1, target: main}
            ramp: {flag: new-search, steps: [50, 100], soak: 0 s}
            guards:
              - {name: few-cheap-orders, source: SHOP-2, probe: {kind: sql, query: "SELECT count(*) FROM orders WHERE cents < 0"}, must: "= 0"}
            success:
              - {name: orders-kept, source: SHOP-3, probe: {kind: row-count, tables: [orders]}, must: ">= baseline"}

        """
}
