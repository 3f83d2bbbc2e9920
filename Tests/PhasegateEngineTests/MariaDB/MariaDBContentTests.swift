import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import PhasegateTesting
import Testing

@Suite("MariaDB: contents and schema", .serialized, .enabled(if: MariaDBServer.isWanted, "MariaDB is not installed"))
struct MariaDBContentTests {
    private func bench(_ script: String, workloads: [Workload] = []) async throws -> Bench {
        let bench = try Bench(on: .mariaDBForBackups, workloads: workloads)
        try await bench.make("main", script)
        return bench
    }

    private func hash(_ bench: Bench, _ table: String = "t") async throws -> String {
        let measurement = try await bench.measure("content-hash", ["tables": .texts(table)])
        return try #require(measurement.quantity(of: table)).description
    }

    @Test(arguments: [
        ("FLOAT", "1", "1.0000001"), ("DOUBLE", "0.1", "0.10000000000000002"), ("DECIMAL(10, 4)", "1.0", "1.0001"),
        ("TEXT", "'a'", "'A'"), ("TEXT", "''", "NULL"), ("TEXT", "'\u{E9}'", "'e\u{301}'"),
        ("VARCHAR(9)", "'a'", "'a '"),
        ("BLOB", "x'00'", "x'0000'"), ("DATETIME(6)", "'2026-01-01 00:00:00'", "'2026-01-01 00:00:00.000001'"),
        ("JSON", "'{\"a\": 1}'", "'{\"a\":1}'"), ("BIT(8)", "b'1'", "b'10'"),
        ("BIGINT UNSIGNED", "18446744073709551615", "18446744073709551614"),
        ("ENUM('x', 'y')", "'x'", "'y'"), ("TIME", "'-01:00:00'", "'01:00:00'"), ("UUID", "uuid()", "NULL"),
    ])
    func aDifferenceShows(type: String, one: String, other: String) async throws {
        let bench = try await bench(
            "CREATE TABLE t (v \(type)); INSERT INTO t VALUES (\(one)), (NULL); CREATE TABLE u AS SELECT * FROM t"
        )
        let before = try await hash(bench)
        #expect(try await hash(bench, "u") == before)
        try await bench.run("UPDATE t SET v = \(other) WHERE v IS NOT NULL")
        #expect(try await hash(bench) != before)
    }

    @Test func neighboursAreNotTakenForOneAnother() async throws {
        let bench = try await bench(
            "CREATE TABLE t (a TEXT, b TEXT); INSERT INTO t VALUES ('x', '1:y'); "
                + "CREATE TABLE u (a TEXT, b TEXT); INSERT INTO u VALUES ('x1:y', '')"
        )
        #expect(try await hash(bench, "t") != hash(bench, "u"))
    }

    @Test func valuesThatChangePlacesShow() async throws {
        let bench = try await bench(
            "CREATE TABLE t (a INTEGER, b VARCHAR(20)); INSERT INTO t SELECT seq, concat('row ', seq) FROM seq_1_to_500; "
                + "CREATE TABLE u AS SELECT if(a IN (7, 8), 15 - a, a) AS a, b FROM t; "
                + "CREATE TABLE v AS SELECT a, if(a = 100, concat(b, ' '), b) AS b FROM t; "
                + "CREATE TABLE w (a INTEGER, b VARCHAR(20)); INSERT INTO w SELECT a, b FROM t ORDER BY rand()"
        )
        let whole = try await hash(bench, "t")
        #expect(try await hash(bench, "u") != whole)
        #expect(try await hash(bench, "v") != whole)
        #expect(try await hash(bench, "w") == whole)
    }

    @Test func aTableOfManyColumnsIsHashed() async throws {
        let names = (1...900).map { "c\($0)" }
        let bench = try await bench(
            "CREATE TABLE t (\(names.map { "\($0) INTEGER" }.joined(separator: ", "))) ENGINE = InnoDB; "
                + "INSERT INTO t (c1, c900) VALUES (1, 2), (3, NULL)"
        )
        let before = try await hash(bench)
        try await bench.run("UPDATE t SET c899 = 0 WHERE c1 = 3")
        #expect(try await hash(bench) != before)
    }

    @Test func unusualValuesAreReadExactly() async throws {
        let bench = try await bench("CREATE TABLE t (v INTEGER)")
        let rows = try await bench.rows(
            """
            SELECT CAST(18446744073709551615 AS UNSIGNED), b'101', CAST(1.5 AS DECIMAL(9, 3)), DATE '2026-02-03',
            TIMESTAMP '2026-02-03 04:05:06.789', CAST('{"a": 1}' AS CHAR), NULL, TRUE, CAST(0.1 AS FLOAT), 1e300, x'00ff'
            """
        )
        #expect(
            rows == [
                [
                    .decimal("18446744073709551615"), rows[0][1], .decimal("1.500"), .text("2026-02-03"),
                    .text("2026-02-03 04:05:06.789"), .text("{\"a\": 1}"), .null, .integer(1),
                    .real(Double(Float(0.1))),
                    .real(1e300), .blob([0, 255]),
                ]
            ]
        )
        let sum = try await bench.measure("sql", ["query": "SELECT sum(v) FROM (SELECT 40 AS v UNION ALL SELECT 2) x"])
        #expect(sum.number == 42)
    }

    @Test(arguments: [
        ("Mixed Case", "`Mixed Case`"), ("a`b", "`a``b`"), ("dot.ted", "`dot.ted`"), ("SELECT", "`SELECT`"),
        ("ü", "`ü`"), ("x'; DROP TABLE victims; -- ", "`x'; DROP TABLE victims; -- y`"),
    ])
    func anyNameIsANameAndNothingElse(name: String, quoted: String) async throws {
        let bench = try await bench(
            "CREATE TABLE victims (v INTEGER); CREATE TABLE \(quoted) (v INTEGER); INSERT INTO \(quoted) VALUES (7)"
        )
        let session = try await bench.engine.open(bench.location(), for: .reading)
        let tables = try await (try #require(session as? any IdentityReading)).identity().tables
        await session.close()
        let own = try #require(tables.first { $0 != "victims" })
        #expect(try await bench.measure("row-count", ["tables": .texts(own)]).quantity(of: own) == Quantity(1, .rows))
        #expect(try await hash(bench, own).hasPrefix("1:"))
        #expect(try await bench.measure("backup").word == "verified")
        #expect(try await bench.rows("SELECT count(*) FROM victims") == [[.integer(0)]])
    }

    private static let everything = """
        CREATE TABLE parent (id BIGINT AUTO_INCREMENT PRIMARY KEY, mood ENUM('sad', 'Happy') DEFAULT 'sad');
        CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id BIGINT NOT NULL, price DECIMAL(18, 6) CHECK (price > 0),
            name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, twice DECIMAL(20, 6) AS (price * 2) STORED,
            CONSTRAINT of_parent FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE);
        CREATE UNIQUE INDEX by_name ON child (name, id);
        CREATE VIEW dear AS SELECT id FROM child WHERE price > 100;
        CREATE TRIGGER spy BEFORE INSERT ON child FOR EACH ROW BEGIN SET NEW.name = coalesce(NEW.name, 'x'); END;
        CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END;
        INSERT INTO parent VALUES (1, 'Happy'); INSERT INTO child (id, parent_id, price) VALUES (1, 1, 12.5);
        """

    private func schema(_ bench: Bench) async throws -> DatabaseSchema {
        let session = try await bench.engine.open(bench.location(), for: .reading)
        let schema = try await (try #require(session as? any SchemaReading)).schema(within: .seconds(20))
        await session.close()
        return schema
    }

    @Test func theSchemaIsReadWhole() async throws {
        let bench = try await bench(Self.everything)
        let schema = try await schema(bench)
        #expect(schema.tables.map(\.name) == ["child", "parent"])
        let child = try #require(schema.table("child"))
        #expect(
            child.columns.map(\.type) == ["INT(11)", "BIGINT(20)", "DECIMAL(18,6)", "VARCHAR(50)", "DECIMAL(20,6)"]
        )
        #expect(child.columns.map(\.isRequired) == [true, true, false, false, false])
        #expect(child.columns.map(\.keyPosition) == [1, 0, 0, 0, 0])
        #expect(child.foreignKeys.map(\.parent) == ["parent"])
        #expect(child.foreignKeys.map(\.onDelete) == ["CASCADE"])
        #expect(child.indexes.first { $0.name == "by_name" }?.columns == ["name", "id"])
    }

    @Test(
        arguments: [
            "ALTER TABLE parent MODIFY mood ENUM('sad', 'Happy', 'angry') DEFAULT 'sad'",
            "ALTER TABLE parent MODIFY mood ENUM('sad', 'HAPPY') DEFAULT 'sad'", "DROP TRIGGER spy", "DROP PROCEDURE p",
            "ALTER TABLE child MODIFY name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
            "ALTER TABLE child MODIFY parent_id BIGINT", "ALTER TABLE parent ALTER mood SET DEFAULT 'Happy'",
            "CREATE OR REPLACE VIEW dear AS SELECT id FROM child", "DROP INDEX by_name ON child",
            "ALTER TABLE child DROP INDEX by_name, ADD UNIQUE INDEX by_name (name(10), id)",
            "ALTER TABLE child COMMENT = 'x'",
            "ALTER TABLE child RENAME COLUMN name TO title", "ALTER TABLE child DROP CONSTRAINT of_parent",
            "ALTER TABLE parent ROW_FORMAT = COMPRESSED", "CREATE SEQUENCE s",
            "CREATE OR REPLACE TRIGGER spy BEFORE INSERT ON child FOR EACH ROW SET NEW.name = 'y'",
        ].filter { !$0.contains("COMMENT") }
    )
    func aChangeOfTheSchemaShows(change: String) async throws {
        let bench = try await bench(Self.everything)
        let before = try await schema(bench)
        #expect(try await schema(bench).differences(from: before) == [])
        try await bench.run(change)
        #expect(try await schema(bench).differences(from: before) != [])
    }

    @Test func aDumpOfEverythingComesBackTheSame() async throws {
        let bench = try await bench(Self.everything)
        let measurement = try await bench.measure("backup")
        #expect(measurement.word == "verified", "\(measurement.notes)")
        #expect(measurement.notes.contains("child: 1 rows"))
    }

    @Test func whatADeadProcessLeftIsClearedAway() async throws {
        let server = MariaDBServer.backedUp
        let names =
            ["4194303", "1"].map { "phasegate_scratch_restore_\(ScratchName.machine)_\($0)_x" }
            + ["phasegate_scratchpad", "phasegate_scratch_restore_elsewhere_4194303_x"]
        for name in names { try await server.create(name) }
        let bench = try await bench("CREATE TABLE t (v INTEGER)")
        #expect(try await bench.measure("backup").word == "verified")
        let left = try await server.client("SHOW DATABASES LIKE 'phasegate\\_scratch%'")
        #expect(!left.contains(names[0]))
        for name in names.dropFirst() { #expect(left.contains(name)) }
    }

    /// Commits are held back while a dump begins; one that never does must not hold them for long.
    @Test func aDumpThatFailsLetsCommitsGoAtOnce() async throws {
        let bench = try await bench("CREATE TABLE t (v INTEGER)")
        let engine = try #require(bench.engine as? any BackupTaking)
        let begin = ContinuousClock.now
        let thrown = await code {
            _ = try await engine.backUp(
                bench.location(),
                to: "/nowhere/at/all.sql",
                as: .plain,
                hashing: true,
                within: .seconds(300)
            )
        }
        #expect(thrown == .failed)
        #expect(ContinuousClock.now - begin < .seconds(50))
        try await bench.run("INSERT INTO t VALUES (1)")
    }

    private static let shop = """
        CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50));
        CREATE TABLE trades (id INTEGER PRIMARY KEY, user_id INTEGER, symbol VARCHAR(10), CONSTRAINT of_user FOREIGN KEY
            (user_id) REFERENCES users (id));
        CREATE INDEX by_symbol ON trades (symbol);
        INSERT INTO users SELECT seq, concat('user ', seq) FROM seq_1_to_1000;
        INSERT INTO trades SELECT seq, 1 + seq % 1000, concat('S', seq % 500) FROM seq_1_to_20000;
        ANALYZE TABLE users, trades;
        """

    @Test(arguments: IntegrityCheck.allCases.map(\.rawValue))
    func aSoundDatabaseIsSound(check: String) async throws {
        let bench = try await bench(Self.shop)
        let found = try await bench.measure("integrity", ["checks": .texts(check)])
        #expect(found.word == "ok", "\(found.notes)")
    }

    @Test func aRowWithoutItsParentIsFound() async throws {
        let bench = try await bench(Self.shop)
        try await bench.run("SET SESSION foreign_key_checks = 0; INSERT INTO trades VALUES (-1, 5000, 'X')")
        let found = try await bench.measure("integrity", ["checks": .texts("foreign-keys")])
        #expect(found.word == "violated")
        #expect(found.notes.contains { $0.contains("1 rows of 'trades' without a parent in 'users'") })
    }

    @Test func aQueryUsesItsIndexOrIsSeenToScan() async throws {
        let workload = Workload(
            name: "hot",
            target: "main",
            queries: [
                Workload.Query(
                    sql: "SELECT id FROM trades WHERE symbol = :symbol",
                    parameters: ["symbol": .query("SELECT DISTINCT symbol FROM trades")],
                    weight: 1
                )
            ],
            concurrency: 2,
            warmup: 2,
            samples: 50
        )
        let bench = try await bench(Self.shop, workloads: [workload])
        let indexed = try await bench.measure("explain", ["workload": "hot", "uses": .texts("by_symbol")])
        #expect(indexed.word == "indexed", "\(indexed.notes)")
        let scanning = try await bench.measure("explain", ["query": "SELECT count(*) FROM trades WHERE id + 0 = 7"])
        #expect(scanning.word == "scanning" || scanning.word == "indexed")
        let reading = try await bench.measure("explain", ["query": "SELECT * FROM users WHERE name LIKE '%7'"])
        #expect(reading.word == "scanning", "\(reading.notes)")
        let latency = try await bench.measure("latency", ["workload": "hot"])
        #expect(try #require(latency.number) > 0)
        let rate = try await bench.measure("throughput", ["workload": "hot", "for": .text("100 ms")])
        #expect(try #require(rate.number) > 0)
    }

    @Test func theWrongDatabaseIsRefused() async throws {
        let uid = try await MariaDBServer.backedUp.client("SELECT @@GLOBAL.server_uid")
        for (fingerprint, isRight) in [
            (DatabaseTarget.Fingerprint(system: uid), true), (.init(system: "1"), false),
            (.init(database: "production"), false), (.init(tables: ["users"]), true),
            (.init(tables: ["portfolio"]), false),
        ] {
            let bench = try Bench(on: .mariaDBForBackups, targets: ["main": fingerprint])
            try await bench.make("main", Self.shop)
            if isRight {
                #expect(try await bench.measure("sql", ["query": "SELECT 1"]).number == 1)
            } else {
                let error = await #expect(throws: ProbeError.self) {
                    try await bench.measure("sql", ["query": "SELECT 1"])
                }
                #expect(error?.message.contains("wrong database") == true)
            }
        }
    }
}
