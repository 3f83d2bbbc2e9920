import PhasegateCore
import PhasegateProbes
import Testing

@testable import PhasegateMigrations

@Suite("conflicts in a queue of migrations")
struct MigrationConflictTests {
    private static let schema = DatabaseSchema(tables: [
        DatabaseSchema.Table(
            name: "users",
            columns: [
                .init(name: "id", type: "INTEGER", isRequired: true, defaultValue: nil, keyPosition: 1),
                .init(name: "email", type: "TEXT", isRequired: false, defaultValue: nil, keyPosition: 0),
            ],
            indexes: [.init(name: "idx_email", columns: ["email"], isUnique: false)],
            foreignKeys: [],
            definition: ""
        )
    ])

    private func conflicts(_ scripts: String..., dialect: SQLDialect = .postgresql) -> [String] {
        let files = scripts.enumerated().map { index, sql in
            MigrationFile(
                version: index + 1,
                path: "\(index + 1)",
                sql: sql,
                rollback: nil,
                rollbackPath: nil,
                dialect: dialect
            )
        }
        return MigrationConflicts(files, on: Self.schema).found().map(\.description)
    }

    @Test func whatComesTooLateIsOutOfOrder() {
        #expect(
            conflicts(
                "CREATE INDEX IF NOT EXISTS i ON notes (body)",
                "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)"
            ) == ["order: table notes, 1 and 2"]
        )
        #expect(
            conflicts(
                "UPDATE users SET nick = email; CREATE INDEX i ON users (nick)",
                "ALTER TABLE users ADD COLUMN nick TEXT"
            ) == ["order: column users.nick, 1 and 2"]
        )
        #expect(
            conflicts(
                "CREATE TABLE a (id INT PRIMARY KEY, b_id INT REFERENCES b (id))",
                "CREATE TABLE b (id INT PRIMARY KEY)"
            ) == ["order: table b, 1 and 2"]
        )
        #expect(conflicts("CREATE INDEX i ON users (email)", "CREATE TABLE notes (id INT)").isEmpty)
    }

    @Test func whatIsMadeTwiceIsADuplicate() {
        #expect(
            conflicts(
                "ALTER TABLE users ADD COLUMN IF NOT EXISTS age INT",
                "ALTER TABLE \"users\" ADD COLUMN IF NOT EXISTS Age BIGINT"
            ) == ["duplicate-target: column users.age, 1 and 2"]
        )
        #expect(
            conflicts("CREATE INDEX i ON users (id)", "CREATE UNIQUE INDEX IF NOT EXISTS public.i ON users (email)")
                == ["duplicate-target: index i, 1 and 2"]
        )
        #expect(
            conflicts("CREATE TABLE t (id INT, a INT)", "CREATE TABLE IF NOT EXISTS t (id INT, b INT)")
                == ["duplicate-target: table t, 1 and 2"]
        )
        // Taken away in between it is another one.
        #expect(
            conflicts("CREATE TABLE t (id INT)", "DROP TABLE t", "CREATE TABLE t (id INT)").isEmpty
        )
    }

    @Test func whatIsDroppedThoughSomebodyRefersToIt() {
        // The source document's own pattern: C drops the table, D refers to it (S2-66).
        #expect(
            conflicts(
                "CREATE TABLE temp_data (id INT PRIMARY KEY)",
                "DROP TABLE IF EXISTS temp_data",
                "ALTER TABLE users ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES temp_data (id)"
            ) == ["drop-against-reference: table temp_data, 2 and 3"]
        )
        // The other way round CASCADE takes the key away without a word.
        #expect(
            conflicts(
                "CREATE TABLE temp_data (id INT PRIMARY KEY)",
                "ALTER TABLE users ADD COLUMN t INT REFERENCES temp_data (id)",
                "DROP TABLE temp_data CASCADE"
            ) == ["drop-against-reference: table temp_data, 2 and 3"]
        )
        #expect(
            conflicts("ALTER TABLE users DROP COLUMN email", "CREATE INDEX i ON users (email)")
                == ["drop-against-reference: column users.email, 1 and 2"]
        )
        #expect(
            conflicts("DROP TABLE users", "INSERT INTO users (id) VALUES (1)")
                == ["drop-against-reference: table users, 1 and 2"]
        )
        #expect(conflicts("DROP TABLE users", "CREATE TABLE users (id INT)", "UPDATE users SET id = 1").isEmpty)
    }

    @Test func namesThatSayNearlyTheSame() {
        // The source document's other pattern (S2-65).
        #expect(
            conflicts(
                "ALTER TABLE users ADD COLUMN user_preferences JSONB",
                "ALTER TABLE users ADD COLUMN user_settings JSONB"
            ) == ["close-names: columns user_preferences and user_settings of users, 1 and 2"]
        )
        #expect(
            conflicts("ALTER TABLE users ADD COLUMN colour TEXT", "ALTER TABLE users ADD COLUMN color INT")
                == ["close-names: columns colour and color of users, 1 and 2"]
        )
        #expect(
            conflicts("ALTER TABLE users ADD COLUMN user_age INT", "ALTER TABLE users ADD COLUMN user_name TEXT")
                .isEmpty
        )
        // In one file they were thought of together.
        #expect(conflicts("ALTER TABLE users ADD COLUMN user_a INT, ADD COLUMN user_b INT").isEmpty)
    }

    @Test(arguments: [
        "-- ALTER TABLE users DROP COLUMN email\nSELECT 1", "COMMENT ON TABLE users IS 'DROP TABLE users'",
        "INSERT INTO users (email) VALUES ('from users where')", "GRANT SELECT ON users TO reader",
    ])
    func commentsAndTextsHaveNoEffect(sql: String) {
        #expect(conflicts(sql, "CREATE INDEX i ON users (email)", "INSERT INTO users (id) VALUES (1)").isEmpty)
    }

    @Test func theSQLOfMariaDBIsRead() {
        #expect(
            conflicts(
                "ALTER TABLE `users` ADD COLUMN `age` INT NULL, ALGORITHM=INSTANT",
                "ALTER TABLE users ADD INDEX idx_age (age), MODIFY COLUMN email VARCHAR(100)",
                "ALTER TABLE users ADD KEY idx_age (email)",
                "ALTER TABLE users DROP COLUMN age",
                "ALTER TABLE users MODIFY age BIGINT",
                dialect: .mariadb
            ) == ["duplicate-target: index idx_age, 2 and 3", "drop-against-reference: column users.age, 4 and 5"]
        )
    }

    @Test(arguments: EngineSample.all)
    func theProbeCountsThem(sample: EngineSample) async throws {
        let bench = try await MigrationBench(on: sample)
        try bench.write("001_one.sql", "ALTER TABLE users ADD COLUMN age INTEGER")
        try bench.write("002_two.sql", "ALTER TABLE users ADD COLUMN age INTEGER")
        try bench.write("003_three.sql", "DROP TABLE trades")
        try bench.write("004_four.sql", "INSERT INTO trades (id) VALUES (9)")
        let all = try await bench.bench.measure("migration-conflicts", ["migrations": "migrations"])
        #expect(all.number == 2)
        #expect(all.notes.first == "duplicate-target: column users.age, 001_one.sql and 002_two.sql")
        let some = try await bench.bench.measure(
            "migration-conflicts",
            ["migrations": "migrations", "of": .texts("order", "close-names")]
        )
        #expect(some.number == 0)
        await #expect(throws: ProbeError.self) {
            try await bench.bench.measure("migration-conflicts", ["migrations": "nowhere"])
        }
    }
}
