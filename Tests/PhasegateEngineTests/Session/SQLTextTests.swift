import PhasegateProbes
import Testing

@Suite("reading SQL without understanding it")
struct SQLTextTests {
    @Test(arguments: [
        (SQLDialect.sqlite, "SELECT :a, ':b', \":c\", `:d`, [:e] -- :f\n/* :g */ :h", ["a", "h"]),
        (
            .postgresql, "SELECT :a::text, x[1 : 2], $$ :b $$, $q$ :c $$ $q$, E'\\' :d', /* /* :e */ :f */ :g",
            ["a", "g"]
        ),
        (.postgresql, "SELECT '\\', :a, 'it''s :b', a$b$:c, $1, :d_1", ["a", "c", "d_1"]),
        (.mariadb, "SELECT @x := :a, '\\' :b', \"\\\" :c\", `:d`, 5--:e\n # :f\n -- :g\n, :h", ["a", "e", "h"]),
        (.postgresql, "SELECT 'not closed :a", []), (.sqlite, "/* not closed :a", []), (.postgresql, "$$ :a", []),
        (.postgresql, ":a:b ::c", ["a", "b"]), (.sqlite, "", []), (.postgresql, "date ':a' E':b' ne':c' :d", ["d"]),
    ])
    func parametersAreFoundWhereTheyAre(dialect: SQLDialect, sql: String, names: [String]) {
        let text = SQLText(sql, dialect)
        #expect(text.parameterNames == names)
        // Nothing is lost on the way.
        #expect(text.pieces.map { text.text(of: $0) }.joined() == sql)
        #expect(text.replacingParameters { name, _ in ":" + name } == sql)
    }

    @Test(arguments: [
        (SQLDialect.sqlite, "A; B;; ;C", ["A", "B", "C"]),
        (.sqlite, "-- x\nA /* ; */ ';' ; [;] B", ["A ';'", "[;] B"]),
        (
            .postgresql, "CREATE FUNCTION f() RETURNS int AS $$ BEGIN; RETURN 1; END $$; B",
            ["CREATE FUNCTION f() RETURNS int AS $$ BEGIN; RETURN 1; END $$", "B"]
        ),
        (
            .postgresql, "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; B",
            ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 ; SELECT 2 ; END", "B"]
        ),
        (
            .sqlite, "CREATE TABLE event (id INTEGER, begin TEXT); B",
            ["CREATE TABLE event (id INTEGER, begin TEXT)", "B"]
        ),
        (
            .sqlite, "CREATE TRIGGER t AFTER INSERT ON u BEGIN A new.end2; END; B",
            ["CREATE TRIGGER t AFTER INSERT ON u BEGIN A new.end2 ; END", "B"]
        ),
        (
            .mariadb, "CREATE DEFINER=`a b`@localhost PROCEDURE p() BEGIN A; END; B",
            ["CREATE DEFINER=`a b`@localhost PROCEDURE p() BEGIN A ; END", "B"]
        ),
        (
            .sqlite, "A; CREATE TRIGGER t AFTER INSERT ON u BEGIN B; END",
            ["A", "CREATE TRIGGER t AFTER INSERT ON u BEGIN B ; END"]
        ),
        (
            .sqlite, "CREATE TRIGGER t AFTER INSERT ON u BEGIN A; B ('end'); END; C",
            ["CREATE TRIGGER t AFTER INSERT ON u BEGIN A ; B ('end') ; END", "C"]
        ),
        (
            .mariadb, "CREATE TRIGGER t BEFORE INSERT ON u FOR EACH ROW SET NEW.a = 1; B",
            ["CREATE TRIGGER t BEFORE INSERT ON u FOR EACH ROW SET NEW.a = 1", "B"]
        ),
        (
            .mariadb,
            "CREATE PROCEDURE p() BEGIN IF a THEN B; END IF; BEGIN C; END; CASE x WHEN 1 THEN D; END CASE; END; E",
            [
                "CREATE PROCEDURE p() BEGIN IF a THEN B ; END IF ; BEGIN C ; END ; CASE x WHEN 1 THEN D ; END CASE ; END",
                "E",
            ]
        ),
    ])
    func statementsEndWhereTheyEnd(dialect: SQLDialect, script: String, statements: [String]) {
        #expect(SQLScript(script, dialect).statements.map(\.normalized) == statements)
    }

    @Test func aStatementKnowsItsLine() {
        let script = SQLScript("-- one\n\nA;\n/* two\nthree */ B\n  , 'x\ny';\nC", .postgresql)
        #expect(script.statements.map(\.line) == [3, 5, 8])
        #expect(script.statements.map(\.normalized) == ["A", "B , 'x\ny'", "C"])
    }

    @Test(arguments: [
        (SQLDialect.postgresql, "CREATE ROLE a\n  PASSWORD 'geheim'", "CREATE ROLE a PASSWORD '…'"),
        (.postgresql, "SELECT $q$geheim$q$ AS \"a b\" -- geheim", "SELECT '…' AS \"a b\""),
        (.mariadb, "SELECT \"geheim\", `a`", "SELECT '…', `a`"), (.sqlite, "SELECT 'geheim", "SELECT '…'"),
    ])
    func anErrorShowsAStatementWithoutItsTexts(dialect: SQLDialect, sql: String, shown: String) {
        #expect(shownSQL(sql, dialect) == shown)
    }

    @Test(arguments: [
        (SQLDialect.sqlite, "PRAGMA x", true), (.postgresql, "PRAGMA x", false), (.postgresql, "commit", true),
        (.postgresql, "CREATE INDEX CONCURRENTLY i ON t (v)", true), (.postgresql, "CREATE INDEX i ON t (v)", false),
        (.postgresql, "drop database x", true), (.postgresql, "START TRANSACTION", true), (.sqlite, "A; BEGIN", true),
        (.mariadb, "LOCK TABLES t WRITE", true), (.postgresql, "SELECT 'COMMIT'", false),
    ])
    func whatTheEngineOwnsIsForbidden(dialect: SQLDialect, script: String, isForbidden: Bool) {
        #expect(SQLScript(script, dialect).forbidden.isEmpty != isForbidden)
    }

    @Test(
        arguments: SQLDialect.allCases,
        [
            "t", "a.b", "\"", "`", "a\"b", "a`b", "SELECT", " ", "ü 🏦", "a\".\"b", "", "x.\"y\"", "a\"\u{301}b",
            "a`\u{301}b", ".\u{301}",
        ]
    )
    func aNameComesBackWhateverIsInIt(dialect: SQLDialect, name: String) {
        let own = dialect.name(of: name, in: nil)
        #expect(dialect == .sqlite ? own == name : dialect.parts(of: own) == [name])
        guard dialect != .sqlite else { return }
        #expect(dialect.parts(of: dialect.name(of: name, in: "other")) == ["other", name])
        #expect(dialect.parts(of: dialect.name(of: "t", in: name)) == [name, "t"])
    }
}
