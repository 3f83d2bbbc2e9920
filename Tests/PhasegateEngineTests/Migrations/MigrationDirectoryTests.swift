import FoundationEssentials
import PhasegateCore
import PhasegateMigrations
import PhasegateProbes
import PhasegateTesting
import Testing

@Suite("migration directories")
struct MigrationDirectoryTests {
    private func rules(_ files: [String: String]) throws -> [String] {
        let home = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: home.path(of: "rollback"), withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: home.path(of: name))) }
        let directory = MigrationDirectory(path: home.path, dialect: .sqlite)
        for diagnostic in directory.diagnostics {
            #expect(diagnostic.place?.file.hasPrefix(home.path) == true)
            #expect(diagnostic.severity == .error)
        }
        return directory.diagnostics.map(\.rule)
    }

    @Test func goodOnesAreRead() throws {
        let home = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: home.path(of: "rollback"), withIntermediateDirectories: true)
        let files = [
            "010_last.sql": "SELECT 10", "009_first.sql": "-- description: begins\nCREATE TABLE t (v);\nSELECT 9;",
            "rollback/009_whatever.sql": "DROP TABLE t", "notes.txt": "no migration",
        ]
        for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: home.path(of: name))) }
        let directory = MigrationDirectory(path: home.path, dialect: .sqlite)
        #expect(directory.diagnostics == [])
        #expect(directory.files.map(\.version) == [9, 10])
        #expect(directory.file(9)?.rollback == "DROP TABLE t")
        #expect(directory.file(9)?.summary == "begins")
        #expect(directory.file(9)?.statementCount == 2)
        #expect(directory.file(10)?.rollback == nil)
        #expect(directory.file(10)?.summary == "010_last.sql")
        #expect(directory.file(11) == nil)
    }

    @Test func everythingWrongIsSaidAtOnce() throws {
        #expect(try rules(["001_a.sql": "SELECT 1", "003_c.sql": "SELECT 1"]) == ["migration-gap"])
        #expect(try rules(["001_a.sql": "SELECT 1", "01_b.sql": "SELECT 1"]) == ["duplicate-migration"])
        #expect(try rules(["001_a.sql": " \n-- nothing\n/* nor here */ ;;"]) == ["empty-migration"])
        #expect(try rules(["001_a.sql": "SELECT 1", "rollback/001_a.sql": ""]) == ["empty-migration"])
        let all = try rules([
            "001_a.sql": "", "003_b.sql": "BEGIN; COMMIT", "004_c.sql": "SELECT 1", "04_d.sql": "SELECT 1",
            "rollback/003_b.sql": "PRAGMA x",
        ])
        #expect(
            Set(all) == ["empty-migration", "forbidden-statement", "migration-gap", "duplicate-migration"]
        )
        #expect(all.count { $0 == "forbidden-statement" } == 3)
    }

    @Test(arguments: [
        "first.sql", "_1.sql", "1.sql", "1first.sql", "\u{0661}_a.sql", "99999999999999999999_a.sql", "-1_a.sql",
    ])
    func namesNeedANumber(name: String) throws {
        #expect(try rules([name: "SELECT 1"]) == ["bad-migration-name"])
    }

    @Test func aMissingDirectoryIsAProblem() throws {
        let home = try TemporaryDirectory()
        #expect(
            MigrationDirectory(path: home.path(of: "gone"), dialect: .sqlite).diagnostics.map(\.rule) == [
                "missing-migrations"
            ]
        )
    }

    /// The engine owns the transaction: a COMMIT in a file would make half a migration permanent.
    @Test(arguments: [
        "BEGIN", "begin immediate", "COMMIT", "COMMIT TRANSACTION", "COMMIT/**/TRANSACTION", "End", "ROLLBACK",
        "SAVEPOINT s",
        "savepoint\"s\"", "RELEASE s", "PRAGMA foreign_keys = OFF", "PRAGMA\"foreign_keys\"=OFF",
        "pragma/* x */user_version=3",
        "VACUUM", "VACUUM INTO 'x'", "ATTACH 'x' AS y", "ATTACH'x'AS y", "DETACH y", "-- why\n\t COMMIT",
        "/* why */COMMIT",
        "\u{FEFF}COMMIT", "SELECT 1;COMMIT", "SELECT ';' ; COMMIT", "SELECT 'it''s'; COMMIT", "SELECT 1 -- ;\n; COMMIT",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; COMMIT",
    ])
    func transactionsAndSettingsAreForbidden(sql: String) throws {
        #expect(try rules(["001_a.sql": sql]) == ["forbidden-statement"])
        #expect(try rules(["001_a.sql": "SELECT 1", "rollback/001_a.sql": sql]) == ["forbidden-statement"])
    }

    @Test(arguments: [
        "INSERT INTO t VALUES ('; COMMIT; ')", "INSERT INTO t VALUES ('it''s; COMMIT')", "SELECT 1 -- ; COMMIT",
        "SELECT 1 /* ; COMMIT; */", "CREATE TABLE \"a; COMMIT\" (v)", "CREATE TABLE [a; COMMIT] (v)",
        "CREATE TABLE `a; COMMIT` (v)", "CREATE TABLE commits (begin_at TEXT)", "INSERT OR ROLLBACK INTO t VALUES (1)",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN UPDATE t SET v = 1; DELETE FROM u; END",
        "create temp trigger a after insert on t begin select 1; end; SELECT 2",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE WHEN new.v > 1 THEN 2 END; SELECT 3; END",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT RAISE(ROLLBACK, 'no; END'); END; SELECT 1",
        "CREATE VIEW w AS SELECT CASE v WHEN 1 THEN 2 END FROM t; SELECT 1",
    ])
    func wordsInOtherPlacesAreNot(sql: String) throws {
        #expect(try rules(["001_a.sql": sql]) == [])
    }

    @Test func statementsAreCounted() throws {
        let home = try TemporaryDirectory()
        let sql = """
            CREATE TABLE t (v); -- one; not two
            CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 3; END;
            INSERT INTO t VALUES (';')
            """
        try Data(sql.utf8).write(to: URL(filePath: home.path(of: "001_a.sql")))
        #expect(MigrationDirectory(path: home.path, dialect: .sqlite).file(1)?.statementCount == 3)
    }

    @Test func onlyCommentsAndBlanksAreEvenedOut() throws {
        func checksum(_ sql: String) throws -> String? {
            let home = try TemporaryDirectory()
            try Data(sql.utf8).write(to: URL(filePath: home.path(of: "001_a.sql")))
            return MigrationDirectory(path: home.path, dialect: .sqlite).file(1)?.normalizedChecksum
        }
        let sql = "CREATE TABLE t (v TEXT DEFAULT 'a  b'); SELECT 1;"
        let commented = "-- now with a comment\nCREATE  TABLE t /* of what */ (v TEXT\nDEFAULT 'a  b');SELECT 1"
        #expect(try checksum(sql) == checksum(commented))
        for other in [
            "CREATE TABLE t (v TEXT DEFAULT 'a b'); SELECT 1;", "CREATE TABLE t (v TEXT DEFAULT 'a  B'); SELECT 1;",
            "CREATE TABLE t (v TEXT DEFAULT 'a  b'); SELECT 11;", "CREATE TABLE t (v TEXT DEFAULT 'a  b');",
        ] {
            #expect(try checksum(sql) != checksum(other), "\(other)")
        }
    }
}
