import Foundation
import PhasegateTesting

/// A shop on a real PostgreSQL server, reached over TCP with a password.
struct PostgreSQLShop {
    let workspace: Workspace
    let server: PostgreSQLServer
    let database = "shop-\(UUID().uuidString)"

    init(on server: PostgreSQLServer = .shared, _ change: (String) -> String = { $0 }) async throws {
        self.server = server
        workspace = try Workspace()
        try await server.create(database)
        try await server.psql(
            """
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, cents INTEGER NOT NULL);
            INSERT INTO orders SELECT i, 'customer ' || (i % 50), i * 3 FROM generate_series(1, 500) i;
            """,
            on: database
        )
        try FileManager.default.createDirectory(
            atPath: workspace.file("migrations/rollback"),
            withIntermediateDirectories: true
        )
        try workspace.write("CREATE INDEX orders_by_customer ON orders(customer);", to: "migrations/001_index.sql")
        try workspace.write("DROP INDEX orders_by_customer;", to: "migrations/rollback/001_rollback.sql")
        let plan = Shop.plan.replacingOccurrences(
            of: "{engine: sqlite, path: shop.db, fingerprint: {application-id: 7, tables: [orders]}}",
            with: """
                {engine: postgresql, host: 127.0.0.1, port: \(server.port), database: \(database), user: phasegate,
                    password: env:SHOP_PASSWORD, fingerprint: {database: \(database), tables: [orders]}}
                """
        )
        try workspace.write(change(plan), to: "rollout.yaml")
    }

    func callAsFunction(
        _ verb: String,
        password: String = PostgreSQLServer.password,
        fault: String? = nil,
        environment: [String: String] = [:]
    ) throws -> Program.Run {
        var environment = environment
        environment["SHOP_PASSWORD"] = password
        environment["PHASEGATE_FAULT"] = fault
        let reports = verb == "status" ? [] : ["--reports", workspace.file("reports")]
        return try Program.phasegate.run(
            [verb, workspace.file("rollout.yaml"), "--workspace", workspace.path] + reports,
            environment: environment
        )
    }

    /// The same, running beside the test.
    func start(_ verb: String) throws -> Process {
        try Program.phasegate.start(
            [
                verb, workspace.file("rollout.yaml"), "--workspace", workspace.path, "--reports",
                workspace.file("reports"),
            ],
            environment: ["SHOP_PASSWORD": PostgreSQLServer.password]
        )
    }

    func psql(_ sql: String) async throws -> String { try await server.psql(sql, on: database) }

    /// Everything that was written into the workspace, as text.
    func everythingWritten() -> String {
        let names = FileManager.default.enumerator(atPath: workspace.path)?.compactMap { $0 as? String } ?? []
        return names.map { name in
            String(decoding: FileManager.default.contents(atPath: workspace.file(name)) ?? Data(), as: UTF8.self)
        }.joined(separator: "\n")
    }
}
