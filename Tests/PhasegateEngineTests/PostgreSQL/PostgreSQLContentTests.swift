import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import PhasegateTesting
import Testing

@Suite(
    "PostgreSQL: contents and schema",
    .serialized,
    .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed")
)
struct PostgreSQLContentTests {
    private func bench(_ script: String) async throws -> Bench {
        let bench = try Bench(on: .postgreSQL)
        try await bench.make("main", script)
        return bench
    }

    private func hash(_ bench: Bench, _ table: String = "t") async throws -> String {
        let measurement = try await bench.measure("content-hash", ["tables": .texts(table)])
        return try #require(measurement.quantity(of: table)).description
    }

    /// Every type by two values that are easily taken for the same.
    @Test(arguments: [
        ("DOUBLE PRECISION", "0", "'-0'"), ("REAL", "1", "1.0000001"), ("NUMERIC", "1.0", "1.00"),
        ("NUMERIC", "'NaN'", "NULL"), ("TEXT", "'a'", "'A'"), ("TEXT", "''", "NULL"),
        ("TEXT", "'\u{E9}'", "'e\u{301}'"),
        ("BYTEA", "'\\x00'", "'\\x0000'"),
        ("TIMESTAMPTZ", "'2026-01-01 00:00:00+00'", "'2026-01-01 00:00:00.000001+00'"),
        ("JSON", "'{\"a\": 1}'", "'{\"a\":1}'"), ("JSONB", "'[1]'", "'[1.0]'"), ("BOOLEAN", "true", "NULL"),
        ("INTEGER[]", "'{1,NULL}'", "'{1,0}'"), ("BIGINT", "9223372036854775807", "9223372036854775806"),
        ("INTERVAL", "'1 day'", "'24 hours'"), ("CHAR(3)", "'ab'", "'abc'"), ("UUID", "gen_random_uuid()", "NULL"),
    ])
    func aDifferenceShows(type: String, one: String, other: String) async throws {
        let bench = try await bench(
            "CREATE TABLE t (v \(type)); INSERT INTO t VALUES (\(one)), (NULL); CREATE TABLE u AS TABLE t"
        )
        let before = try await hash(bench)
        #expect(try await hash(bench, "u") == before)
        try await bench.run("UPDATE t SET v = \(other) WHERE v IS NOT NULL")
        #expect(try await hash(bench) != before)
    }

    @Test func theOrderOfRowsDoesNotShowAndTheirNumberDoes() async throws {
        let bench = try await bench(
            """
            CREATE TABLE t AS SELECT i, 'row ' || i AS v FROM generate_series(1, 1000) i;
            CREATE TABLE u AS SELECT * FROM t ORDER BY md5(v);
            CREATE TABLE twice AS SELECT * FROM t UNION ALL SELECT * FROM t;
            CREATE TABLE none AS SELECT * FROM t WHERE false;
            """
        )
        let before = try await hash(bench)
        #expect(try await hash(bench, "u") == before)
        #expect(try await hash(bench, "twice") != before)
        #expect(try await hash(bench, "none").hasPrefix("0:"))
    }

    @Test func aTextOfACollationThatIgnoresCaseIsHashedByItsBytes() async throws {
        let bench = try await bench(
            """
            CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            CREATE TABLE t (v TEXT COLLATE nocase); INSERT INTO t VALUES ('a');
            """
        )
        let before = try await hash(bench)
        try await bench.run("UPDATE t SET v = 'A'")
        #expect(try await hash(bench) != before)
    }

    @Test(arguments: [
        ("Mixed Case", "\"Mixed Case\""), ("a\"b", "\"a\"\"b\""), ("dot.ted", "\"dot.ted\""), ("SELECT", "\"SELECT\""),
        ("ü 🏦", "\"ü 🏦\""), ("x'; DROP TABLE victims; --", "\"x'; DROP TABLE victims; --\""),
    ])
    func anyNameIsANameAndNothingElse(name: String, quoted: String) async throws {
        let bench = try await bench(
            "CREATE TABLE victims (v INTEGER); CREATE TABLE \(quoted) (\(quoted) INTEGER); INSERT INTO \(quoted) VALUES (7)"
        )
        let identity = try await bench.engine.open(bench.location(), for: .reading)
        let tables = try await (try #require(identity as? any IdentityReading)).identity().tables
        await identity.close()
        let own = try #require(tables.first { $0 != "victims" })
        #expect(SQLDialect.postgresql.parts(of: own) == [name])
        #expect(try await bench.measure("row-count", ["tables": .texts(own)]).quantity(of: own) == Quantity(1, .rows))
        #expect(try await hash(bench, own).hasPrefix("1:"))
        #expect(try await bench.measure("backup").word == "verified")
        #expect(try await bench.rows("SELECT count(*) FROM victims") == [[.integer(0)]])
    }

    /// The statement finds the table by the search path; so must whoever asks for its columns.
    @Test func aTableFurtherDownTheSearchPathIsHashedWhole() async throws {
        let bench = try await bench("CREATE SCHEMA app; CREATE TABLE t (v INTEGER); INSERT INTO t VALUES (1)")
        let database = try #require(bench.location().address?.database)
        try await bench.run("ALTER DATABASE \"\(database)\" SET search_path = app, public")
        let before = try await hash(bench)
        try await bench.run("UPDATE public.t SET v = 2")
        #expect(try await hash(bench) != before)
    }

    @Test func anotherSchemaIsPartOfTheName() async throws {
        let bench = try await bench(
            """
            CREATE SCHEMA archive; CREATE TABLE archive.t (v INTEGER PRIMARY KEY); INSERT INTO archive.t VALUES (1), (2);
            CREATE TABLE t (v INTEGER);
            """
        )
        let counts = try await bench.measure("row-count", ["tables": .texts("t", "archive.t")])
        #expect(counts.quantity(of: "t") == Quantity(0, .rows))
        #expect(counts.quantity(of: "archive.t") == Quantity(2, .rows))
        #expect(try await hash(bench, "archive.t").hasPrefix("2:"))
    }

    private static let everything = """
        CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE TABLE parent (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood DEFAULT 'sad');
        CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id BIGINT NOT NULL REFERENCES parent (id) ON DELETE CASCADE,
            price NUMERIC(18, 6) CHECK (price > 0), name TEXT COLLATE "C", twice NUMERIC GENERATED ALWAYS AS (price * 2) STORED);
        CREATE UNIQUE INDEX by_name ON child (lower(name), id) WHERE price > 1;
        CREATE VIEW dear AS SELECT id FROM child WHERE price > 100;
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER spy BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION f();
        CREATE TABLE log (at DATE, v INTEGER) PARTITION BY RANGE (at);
        CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        INSERT INTO parent DEFAULT VALUES; INSERT INTO child VALUES (1, 1, 12.5, 'x'); INSERT INTO log VALUES ('2026-05-05', 1);
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
        #expect(schema.tables.map(\.name) == ["child", "log", "parent"])
        let child = try #require(schema.table("child"))
        #expect(child.columns.map(\.type) == ["INTEGER", "BIGINT", "NUMERIC(18,6)", "TEXT", "NUMERIC"])
        #expect(child.columns.map(\.isRequired) == [true, true, false, false, false])
        #expect(child.columns.map(\.keyPosition) == [1, 0, 0, 0, 0])
        #expect(child.foreignKeys.map(\.parent) == ["parent"])
        #expect(child.foreignKeys.map(\.onDelete) == ["CASCADE"])
        #expect(child.indexes.first { $0.name == "by_name" }?.columns == ["<expression>", "id"])
        let word = try await bench.measure(
            "schema",
            [
                "tables": .map([
                    "child": .map([
                        "columns": .map(["price": "numeric(18,6) null", "parent_id": "bigint not null"]),
                        "foreign-keys": .texts("parent_id -> parent on delete CASCADE"),
                    ]),
                    "log": .map(["columns": .map(["at": "date"])]),
                ])
            ]
        )
        #expect(word.word == "matches", "\(word.notes)")
    }

    /// What a change must not slip past: each of these is one, and it is told as one.
    @Test(arguments: [
        "ALTER TYPE mood ADD VALUE 'angry'", "ALTER TABLE log ALTER v TYPE BIGINT",
        "ALTER TABLE child DROP CONSTRAINT child_price_check",
        "ALTER TABLE child ALTER name TYPE TEXT COLLATE \"POSIX\"",
        "ALTER TABLE child ALTER parent_id DROP NOT NULL", "ALTER TABLE parent ALTER mood SET DEFAULT 'happy'",
        "ALTER TABLE parent ALTER id SET GENERATED BY DEFAULT", "CREATE OR REPLACE VIEW dear AS SELECT id FROM child",
        "DROP INDEX by_name; CREATE UNIQUE INDEX by_name ON child (lower(name), id)", "DROP TRIGGER spy ON child",
        "ALTER TABLE child DISABLE TRIGGER spy", "DROP TABLE log_2026", "ALTER TABLE child SET (fillfactor = 50)",
        "ALTER TABLE child ENABLE ROW LEVEL SECURITY", "ALTER TABLE child RENAME COLUMN name TO title",
        "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        "CREATE SEQUENCE s",
        "ALTER TABLE child DROP CONSTRAINT child_parent_id_fkey; ALTER TABLE child ADD CONSTRAINT "
            + "child_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE NOT VALID",
    ])
    func aChangeOfTheSchemaShows(change: String) async throws {
        let bench = try await bench(Self.everything)
        let before = try await schema(bench)
        #expect(try await schema(bench).differences(from: before) == [])
        try await bench.run(change)
        #expect(try await schema(bench).differences(from: before) != [])
    }

    @Test(arguments: ["custom", "directory", "plain"])
    func aDumpOfEverythingComesBackTheSame(format: String) async throws {
        let bench = try await bench(Self.everything)
        let measurement = try await bench.measure("backup", ["format": .text(format)])
        #expect(measurement.word == "verified", "\(measurement.notes)")
        #expect(measurement.notes.contains("child: 1 rows"))
    }

    /// Damage that was there before the checksum was taken: cut off, and changed inside.
    @Test(arguments: ["custom", "plain"])
    func aDumpThatWasCutOffFailsTheSecond(format: String) async throws {
        let backups = try BackupBench(on: .postgreSQL, format: BackupFormat(rawValue: format))
        try await backups.fill()
        let manifest = try await backups.take()
        try backups.damage(manifest) { $0.removeLast(300) }
        try backups.reseal(manifest)
        #expect(try await backups.verify(manifest, to: .artifact).refusal == nil)
        for level in BackupLevel.allCases where level > .artifact {
            #expect(try await backups.verify(manifest, to: level).level == .artifact)
        }
    }

    /// A process that was killed leaves its scratch database; the next one clears it away, and nothing else.
    @Test func whatADeadProcessLeftIsClearedAway() async throws {
        let server = PostgreSQLServer.shared
        let names =
            ["4194303", "1"].map { "phasegate_scratch_restore_\(ScratchName.machine)_\($0)_x" }
            + ["phasegate_scratchpad", "phasegate_scratch_restore_elsewhere_4194303_x"]
        for name in names { try await server.create(name) }
        let bench = try await bench("CREATE TABLE t (v INTEGER)")
        #expect(try await bench.measure("backup").word == "verified")
        let left = try await server.psql("SELECT datname FROM pg_database WHERE datname LIKE 'phasegate\\_scratch%'")
        #expect(!left.contains(names[0]))
        for name in names.dropFirst() { #expect(left.contains(name)) }
    }
}

@Suite(
    "PostgreSQL: soundness and plans",
    .serialized,
    .enabled(if: PostgreSQLServer.isWanted, "PostgreSQL is not installed")
)
struct PostgreSQLSoundnessTests {
    private static let script = """
        CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE trades (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), symbol TEXT);
        CREATE INDEX by_symbol ON trades (symbol);
        INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 1000) i;
        INSERT INTO trades SELECT i, 1 + i % 1000, 'S' || i % 500 FROM generate_series(1, 50000) i;
        """

    private func bench(_ more: String = "", workloads: [Workload] = []) async throws -> Bench {
        let bench = try Bench(on: .postgreSQL, workloads: workloads)
        try await bench.make("main", Self.script)
        for statement in more.split(separator: ";") { try await bench.run(String(statement)) }
        try await bench.run("ANALYZE")
        return bench
    }

    private func word(_ check: String, _ bench: Bench) async throws -> (String?, [String]) {
        let measurement = try await bench.measure("integrity", ["checks": .texts(check)])
        return (measurement.word, measurement.notes)
    }

    @Test(arguments: IntegrityCheck.allCases.map(\.rawValue))
    func aSoundDatabaseIsSound(check: String) async throws {
        #expect(try await word(check, bench()).0 == "ok")
        #expect(try await word(check, bench("CREATE EXTENSION amcheck")).0 == "ok")
    }

    @Test func anIndexThatWasNotFinishedIsFound() async throws {
        let bench = try await bench()
        // Two rows alike: the build fails and leaves its index behind.
        await #expect(throws: SessionError.self) {
            try await bench.run("CREATE UNIQUE INDEX CONCURRENTLY bad ON trades (symbol)")
        }
        let (found, notes) = try await word("quick", bench)
        #expect(found == "violated")
        #expect(notes.contains { $0.contains("index bad is invalid") })
    }

    @Test func aRowWithoutItsParentIsFoundAndSoIsWhatLetItIn() async throws {
        let bench = try await bench(
            "ALTER TABLE trades DISABLE TRIGGER ALL; INSERT INTO trades VALUES (-1, 5000, 'X')"
        )
        #expect(try await word("foreign-keys", bench).1.contains { $0.contains("1 rows of 'trades' without a parent") })
        #expect(try await word("enforcement", bench).0 == "violated")
        try await bench.run("ALTER TABLE trades ENABLE TRIGGER ALL")
        #expect(try await word("enforcement", bench).0 == "ok")
        #expect(try await word("foreign-keys", bench).0 == "violated")
    }

    @Test func aConstraintThatWasNeverCheckedIsFound() async throws {
        let bench = try await bench("ALTER TABLE trades ADD CONSTRAINT positive CHECK (id > 0) NOT VALID")
        #expect(try await word("enforcement", bench).1.contains { $0.contains("positive") && $0.contains("NOT VALID") })
        try await bench.run("ALTER TABLE trades VALIDATE CONSTRAINT positive")
        #expect(try await word("enforcement", bench).0 == "ok")
    }

    @Test func aQueryUsesItsIndexOrIsSeenToScan() async throws {
        let bench = try await bench()
        let indexed = try await bench.measure(
            "explain",
            ["query": "SELECT * FROM trades WHERE symbol = 'S7'", "uses": .texts("by_symbol")]
        )
        #expect(indexed.word == "indexed", "\(indexed.notes)")
        let scanning = try await bench.measure(
            "explain",
            ["query": "SELECT count(*) FROM trades WHERE symbol LIKE '%7'"]
        )
        #expect(scanning.word == "scanning")
        let unused = try await bench.measure(
            "explain",
            ["query": "SELECT * FROM users WHERE id = 7", "uses": .texts("by_symbol")]
        )
        #expect(unused.word == "index-unused")
        await #expect(throws: ProbeError.self) {
            try await bench.measure("explain", ["query": "SELECT * FROM nowhere"])
        }
        // The session is as good as before.
        #expect(try await bench.measure("sql", ["query": "SELECT count(*) FROM users"]).number == 1000)
    }

    /// A known distribution: one in twenty takes 50 ms, the others 5 ms.
    @Test func theLatencyIsTheServersOwn() async throws {
        let workload = Workload(
            name: "sleepy",
            target: "main",
            queries: [
                Workload.Query(sql: "SELECT pg_sleep(0.005)", parameters: [:], weight: 9),
                Workload.Query(sql: "SELECT pg_sleep(0.05), :n::integer", parameters: ["n": .range(1, 9)], weight: 1),
            ],
            concurrency: 2,
            warmup: 2,
            samples: 200
        )
        let bench = try await bench(workloads: [workload])
        let median = try await bench.measure("latency", ["workload": "sleepy", "percentile": .whole(50)])
        let tail = try await bench.measure("latency", ["workload": "sleepy", "percentile": .whole(99)])
        let (p50, p99) = (try #require(median.number), try #require(tail.number))
        #expect(p50 >= 5 && p50 < 40)
        #expect(p99 >= 50)
    }

    @Test func aStatementThatFailsIsAnErrorOfTheRunAndNoLatency() async throws {
        let workload = Workload(
            name: "failing",
            target: "main",
            queries: [Workload.Query(sql: "SELECT 1 / (:n - 1)", parameters: ["n": .range(1, 4)], weight: 1)],
            concurrency: 1,
            warmup: 0,
            samples: 100
        )
        let bench = try await bench(workloads: [workload])
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure("latency", ["workload": "failing"])
        }
        #expect(error?.message.contains("division by zero") == true)
    }

    @Test func throughputRunsOnACopy() async throws {
        let workload = Workload(
            name: "writing",
            target: "main",
            queries: [
                Workload.Query(
                    sql: "UPDATE users SET name = 'x' WHERE id = :id",
                    parameters: ["id": .range(1, 1000)],
                    weight: 1
                )
            ],
            concurrency: 2,
            warmup: 10,
            samples: 10
        )
        let bench = try await bench(workloads: [workload])
        let rate = try await bench.measure("throughput", ["workload": "writing", "for": .text("200 ms")])
        #expect(try #require(rate.number) > 0)
        #expect(try await bench.rows("SELECT count(*) FROM users WHERE name = 'x'") == [[.integer(0)]])
    }

    @Test func sizesAndWrongDatabases() async throws {
        let bench = try await bench()
        let size = try await bench.measure("disk", ["measure": "used-by-target"])
        #expect(try #require(size.number) > 1_000_000)
        let identity = try await PostgreSQLServer.shared.psql("SELECT system_identifier FROM pg_control_system()")
        for (fingerprint, isRight) in [
            (DatabaseTarget.Fingerprint(system: identity), true), (.init(system: "1"), false),
            (.init(database: "production"), false), (.init(tables: ["users", "trades"]), true),
            (.init(tables: ["portfolio"]), false), (.init(applicationID: 7), false),
        ] {
            let bench = try Bench(on: .postgreSQL, targets: ["main": fingerprint])
            try await bench.make("main", Self.script)
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
