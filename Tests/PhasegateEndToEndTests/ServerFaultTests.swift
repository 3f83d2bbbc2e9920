import Foundation
import PhasegateTesting
import Testing

/// What happens to servers, and that a rollout ends in the right verdict with the database as found or as planned.
///
/// Each on a server of its own, since others would suffer with it. Down, wrong password and wrong database are in
/// `PostgreSQLTests` and `MariaDBTests`.
@Suite(
    "faults of servers",
    .serialized,
    .enabled(if: PostgreSQLServer.isWanted && MariaDBServer.isWanted, "the servers are not installed")
)
struct ServerFaultTests {
    private static let indexes = "SELECT count(*) FROM pg_indexes WHERE indexname = 'orders_by_customer'"
    private static let applied = "SELECT count(*) FROM phasegate_migrations"
    /// The same where the journal may never have been begun.
    private static let appliedIfAny =
        "SELECT (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM ' || "
        + "CASE WHEN to_regclass('phasegate_migrations') IS NULL THEN '(SELECT 1 WHERE false) none' ELSE "
        + "'phasegate_migrations' END, false, true, '')))[1]"

    /// Waits until something can be seen in a server.
    private func until(_ what: String, _ isThere: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !isThere() {
            guard ContinuousClock.now < deadline else {
                Issue.record("never seen: \(what)")
                return
            }
        }
    }

    private func finish(_ process: Process) -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    // MARK: Restarted in the middle of a statement

    @Test func aPostgreSQLThatRestartsMidStatement() async throws {
        let server = PostgreSQLServer()
        let shop = try await PostgreSQLShop(on: server)
        try shop.workspace.write(
            "CREATE INDEX orders_by_customer ON orders(customer); SELECT pg_sleep(3);",
            to: "migrations/001_index.sql"
        )
        let process = try shop.start("run")
        try await until("the migration in the target") {
            let sql =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(shop.database)' AND query LIKE '%pg_sleep(3)%'"
            return try await server.psql(sql + " AND application_name = 'phasegate'") == "1"
        }
        try await server.restart()
        let status = finish(process)
        #expect(status == 0 || status == 1 || status == 3)
        // As found, or as planned.
        let isThere = try await shop.psql(Self.indexes)
        #expect(try await shop.psql(Self.appliedIfAny) == isThere)
        #expect(isThere == (status == 0 ? "1" : "0"))
        if status == 3 {
            let again = try shop("run")
            #expect(again.status == 0, "\(again.everything)")
            #expect(try await shop.psql(Self.indexes) == "1")
        }
    }

    @Test func aMariaDBThatRestartsMidStatement() async throws {
        let server = MariaDBServer()
        let shop = try await MariaDBShop(on: server)
        try shop.write(
            "ALTER TABLE orders ADD COLUMN note TEXT; UPDATE orders SET note = if(sleep(0.01) = 0, 'x', 'y');",
            rollback: "UPDATE orders SET note = NULL; ALTER TABLE orders DROP COLUMN note;"
        )
        let process = try shop.start()
        try await until("the migration in the target") {
            try await server.client(
                "SELECT count(*) FROM information_schema.processlist WHERE db = '\(shop.database)' "
                    + "AND info LIKE 'UPDATE orders%'"
            ) == "1"
        }
        try await server.restart()
        let status = finish(process)
        #expect(status == 0 || status == 1 || status == 3)
        if status == 3 {
            let again = try shop.run()
            #expect(again.status == 0 || again.status == 1, "\(again.everything)")
        }
        let noted = try await shop.client(
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = database() AND column_name = 'note'"
        )
        let journals = "SELECT group_concat(table_name) FROM information_schema.tables WHERE table_schema = database() "
        let isBegun = try await shop.client(journals + "AND table_name = 'phasegate_migrations'") != "NULL"
        #expect(try await (isBegun ? shop.client(Self.applied) : "0") == noted)
        #expect(try await shop.client("SELECT count(*) FROM phasegate_migration_statements") == "0")
        if noted == "1" { #expect(try await shop.client("SELECT DISTINCT note FROM orders") == "x") }
    }

    // MARK: Read-only

    @Test func aPostgreSQLThatIsReadOnlyIsNotChanged() async throws {
        let server = PostgreSQLServer()
        let shop = try await PostgreSQLShop(on: server)
        try await server.psql("ALTER DATABASE \"\(shop.database)\" SET default_transaction_read_only = on")
        let run = try shop("run")
        #expect(run.status == 1 || run.status == 3, "\(run.everything)")
        #expect(run.everything.contains("read-only"), "\(run.everything)")
        try await server.psql("ALTER DATABASE \"\(shop.database)\" RESET default_transaction_read_only")
        #expect(try await shop.psql(Self.indexes) == "0")
        let flags = FileManager.default.fileExists(atPath: shop.workspace.file("flags.sqlite"))
        #expect(
            try !flags || shop.workspace.sqlite("flags.sqlite", "SELECT coalesce(max(share_bp), 0) FROM flags") == "0"
        )
    }

    @Test func aMariaDBThatIsReadOnlyIsNotChanged() async throws {
        let server = MariaDBServer()
        let shop = try await MariaDBShop(on: server, as: "ordinary")
        try await server.client(
            """
            CREATE USER ordinary@'127.0.0.1' IDENTIFIED BY '\(MariaDBServer.password)';
            GRANT ALL ON *.* TO ordinary@'127.0.0.1'; REVOKE READ ONLY ADMIN, SUPER ON *.* FROM ordinary@'127.0.0.1';
            SET GLOBAL read_only = 1;
            """
        )
        let run = try shop.run()
        #expect(run.status == 1 || run.status == 3, "\(run.everything)")
        #expect(run.everything.contains("read-only"), "\(run.everything)")
        try await server.client("SET GLOBAL read_only = 0")
        let tables = "SELECT group_concat(table_name) FROM information_schema.tables WHERE table_schema = database()"
        #expect(try await shop.client(tables) == "orders")
        let again = try shop.run()
        #expect(run.status == 1 || again.status == 0, "\(again.everything)")
    }

    // MARK: Full

    @Test(.enabled(if: SmallDisk.isPossible, "mounting is not permitted"))
    func aFullVolumeOfPostgreSQL() async throws {
        let server = PostgreSQLServer()
        try await server.waitUntilReady()
        let place = server.directory + "/small"
        let disk = try SmallDisk(at: place, kilobytes: 2048)
        defer { disk.unmount() }
        _ = try await ChildProgram("/bin/chmod", ["777", place]).output()
        _ = try await ChildProgram("/bin/chown", ["--reference=\(server.directory)", place]).output()
        let shop = try await PostgreSQLShop(on: server)
        try await server.psql("CREATE TABLESPACE small LOCATION '\(place)'")
        try shop.workspace.write(
            "CREATE TABLE copies TABLESPACE small AS SELECT repeat(md5(i::text), 20) FROM generate_series(1, 20000) i;",
            to: "migrations/001_index.sql"
        )
        try shop.workspace.write("DROP TABLE copies;", to: "migrations/rollback/001_rollback.sql")
        let run = try shop("run")
        #expect(run.status == 1 || run.status == 3, "\(run.everything)")
        #expect(run.everything.contains("No space left on device"), "\(run.everything)")
        #expect(try await shop.psql("SELECT count(*) FROM pg_class WHERE relname = 'copies'") == "0")
        #expect(try await shop.psql("SELECT count(*), sum(cents) FROM orders") == "500|375750")
        #expect(try await server.psql("SELECT count(*) FROM pg_database WHERE datname LIKE 'phasegate%'") == "0")
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting is not permitted"))
    func aFullVolumeOfMariaDB() async throws {
        let server = MariaDBServer()
        try await server.waitUntilReady()
        let place = server.directory + "/small"
        // Where an index is sorted; a full volume under the tables themselves ends the whole server.
        let disk = try SmallDisk(at: place, kilobytes: 512)
        defer { disk.unmount() }
        _ = try await ChildProgram("/bin/chmod", ["777", place]).output()
        let shop = try await MariaDBShop(on: server)
        try await shop.client(
            "INSERT INTO orders SELECT seq, concat('customer ', md5(seq)), seq * 3 FROM seq_501_to_60000"
        )
        try await server.client("SET GLOBAL innodb_tmpdir = '\(place)'")
        try shop.write(
            "CREATE INDEX orders_by_customer ON orders(customer);",
            rollback: "DROP INDEX orders_by_customer ON orders;"
        )
        let run = try shop.run()
        #expect(run.status == 1 || run.status == 3, "\(run.everything)")
        #expect(run.everything.contains("Temporary file write failure"), "\(run.everything)")
        #expect(try await shop.client("SELECT count(*), sum(cents) FROM orders") == "60000\t5400090000")
        let indexes = "SELECT count(*) FROM information_schema.statistics WHERE index_name = 'orders_by_customer'"
        #expect(try await shop.client(indexes) == "0")
        let scratch = "SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'phasegate%'"
        #expect(try await server.client(scratch) == "0")
    }

    // MARK: An expired certificate

    /// A certificate of the server's own key that was good for one day in 2020.
    private func expireCertificate(in directory: String) async throws {
        let script = """
            set -eu
            cd "$1"
            mkdir expired
            printf '[ca]\\ndefault_ca = own\\n[own]\\ndatabase = expired/index\\nnew_certs_dir = expired\\nserial = expired/serial\\n' \
                >expired/ca
            printf 'default_md = sha256\\npolicy = names\\ncopy_extensions = copy\\n[names]\\ncommonName = supplied\\n' >>expired/ca
            : >expired/index
            echo 01 >expired/serial
            openssl req -new -key server.key -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -out expired/request
            openssl ca -batch -config expired/ca -selfsign -keyfile server.key -in expired/request -notext \
                -startdate 20200101000000Z -enddate 20200102000000Z -out expired/server.crt 2>/dev/null
            cat expired/server.crt >server.crt
            """
        _ = try await ChildProgram("/bin/sh", ["-c", script, "sh", directory]).output()
    }

    @Test func anExpiredCertificateOfPostgreSQLIsNotTrusted() async throws {
        let server = PostgreSQLServer()
        let shop = try await PostgreSQLShop(on: server) { plan in
            plan.replacingOccurrences(
                of: "password: env:SHOP_PASSWORD",
                with: "password: env:SHOP_PASSWORD, tls: {mode: verify-full, authority: \(server.directory)/server.crt}"
            )
        }
        #expect(try shop("check").status == 0)
        try await expireCertificate(in: server.directory)
        try await server.psql("SELECT pg_reload_conf()")
        let run = try shop("run")
        #expect(run.status == 3, "\(run.everything)")
        #expect(run.everything.contains("certificate"), "\(run.everything)")
        #expect(try await shop.psql(Self.indexes) == "0")
    }

    @Test func anExpiredCertificateOfMariaDBIsNotTrusted() async throws {
        let server = MariaDBServer()
        let shop = try await MariaDBShop(on: server)
        let plan = try String(contentsOfFile: shop.workspace.file("rollout.yaml"), encoding: .utf8)
        try shop.workspace.write(
            plan.replacingOccurrences(
                of: "password: env:SHOP_PASSWORD",
                with: "password: env:SHOP_PASSWORD, tls: {mode: verify-full, authority: \(server.directory)/server.crt}"
            ),
            to: "rollout.yaml"
        )
        try await expireCertificate(in: server.directory)
        try await server.client("FLUSH SSL")
        let run = try shop.run()
        #expect(run.status == 3, "\(run.everything)")
        #expect(run.everything.lowercased().contains("certificate"), "\(run.everything)")
    }

    // MARK: A backend killed during a concurrent build

    @Test func aKilledBackendDuringAConcurrentBuild() async throws {
        let server = PostgreSQLServer()
        let shop = try await PostgreSQLShop(on: server)
        _ = try await shop.psql(
            "INSERT INTO orders SELECT i, 'customer ' || (i % 50), i * 3 FROM generate_series(501, 200000) i"
        )
        try shop.workspace.write(
            "-- transaction: none\nCREATE INDEX CONCURRENTLY orders_by_customer ON orders(customer);",
            to: "migrations/001_index.sql"
        )
        try shop.workspace.write(
            "-- transaction: none\nDROP INDEX CONCURRENTLY orders_by_customer;",
            to: "migrations/rollback/001_rollback.sql"
        )
        // A transaction of somebody else's, for which the build has to wait.
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "\(PostgreSQLServer.programs ?? "")/psql")
        holder.arguments = [
            "-X", "-q", "-h", server.directory, "-p", "\(server.port)", "-U", "phasegate", "-d", shop.database, "-c",
            "BEGIN; UPDATE orders SET cents = cents WHERE id = 1; SELECT pg_sleep(600)",
        ]
        holder.standardOutput = FileHandle.nullDevice
        try holder.run()
        defer { holder.terminate() }
        let process = try shop.start("run")
        let build =
            "FROM pg_stat_activity WHERE datname = '\(shop.database)' AND query LIKE 'CREATE INDEX CONCURRENTLY%'"
        try await until("the build in the target") { try await server.psql("SELECT count(*) \(build)") == "1" }
        #expect(try await server.psql("SELECT count(pg_terminate_backend(pid)) \(build)") == "1")
        holder.terminate()
        try await server.psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"
        )
        let status = finish(process)
        #expect(status == 0 || status == 1 || status == 3)
        if status == 3 {
            let again = try shop("run")
            #expect(again.status == 0, "\(again.everything)")
        }
        #expect(try await shop.psql("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0")
        #expect(try await shop.psql(Self.appliedIfAny) == (try await shop.psql(Self.indexes)))
    }
}
