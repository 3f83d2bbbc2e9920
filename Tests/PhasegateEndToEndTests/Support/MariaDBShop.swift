import Foundation
import PhasegateTesting

/// A shop on a real server, reached over TCP with a password.
struct MariaDBShop {
    let workspace: Workspace
    let server: MariaDBServer
    private let user: String
    let database = "shop-\(UUID().uuidString)"

    init(on server: MariaDBServer = .shared, as user: String = "phasegate") async throws {
        self.server = server
        self.user = user
        workspace = try Workspace()
        try await server.create(database)
        try await server.client(
            """
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer VARCHAR(50) NOT NULL, cents INTEGER NOT NULL);
            INSERT INTO orders SELECT seq, concat('customer ', seq % 50), seq * 3 FROM seq_1_to_500;
            """,
            on: database
        )
        try FileManager.default.createDirectory(
            atPath: workspace.file("migrations/rollback"),
            withIntermediateDirectories: true
        )
        try write(
            """
            CREATE INDEX orders_by_customer ON orders(customer); ALTER TABLE orders ADD COLUMN note TEXT;
            UPDATE orders SET note = concat(coalesce(note, ''), 'x');
            """,
            rollback: "ALTER TABLE orders DROP COLUMN note; DROP INDEX orders_by_customer ON orders;"
        )
        let plan = Shop.plan.replacingOccurrences(
            of: "{engine: sqlite, path: shop.db, fingerprint: {application-id: 7, tables: [orders]}}",
            with: """
                {engine: mariadb, host: 127.0.0.1, port: \(server.port), database: \(database), user: \(user),
                    password: env:SHOP_PASSWORD, fingerprint: {database: \(database), tables: [orders]}}
                """
        )
        try workspace.write(plan, to: "rollout.yaml")
    }

    func write(_ script: String, rollback: String) throws {
        try workspace.write(script, to: "migrations/001_index.sql")
        try workspace.write(rollback, to: "migrations/rollback/001_rollback.sql")
    }

    func run(fault: String? = nil) throws -> Program.Run {
        var environment = ["SHOP_PASSWORD": MariaDBServer.password]
        environment["PHASEGATE_FAULT"] = fault
        return try Program.phasegate.run(
            [
                "run", workspace.file("rollout.yaml"), "--workspace", workspace.path, "--reports",
                workspace.file("reports"),
            ],
            environment: environment
        )
    }

    func start() throws -> Process {
        try Program.phasegate.start(
            [
                "run", workspace.file("rollout.yaml"), "--workspace", workspace.path, "--reports",
                workspace.file("reports"),
            ],
            environment: ["SHOP_PASSWORD": MariaDBServer.password]
        )
    }

    @discardableResult
    func client(_ sql: String) async throws -> String { try await server.client(sql, on: database) }
}
