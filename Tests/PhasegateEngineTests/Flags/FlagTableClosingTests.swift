import PhasegateCore
import PhasegateFlagTables
import PhasegateFlags
import PhasegateMigrations
import PhasegateProbes
import Synchronization
import Testing

/// The flag goes with the schema: nobody reads the new way from the old schema.
@Suite("flags that are closed with their schema", .timeLimit(.minutes(3)))
struct FlagTableClosingTests {
    private let flag = Rollout.Flag(
        key: "reads",
        store: "flags.db",
        draw: FlagDraw(salt: "reads"),
        sinks: [.init(name: "table", kind: "sql-table", settings: .map(["target": .text("main")]))],
        title: "Reads",
        sources: []
    )

    private var plan: Rollout {
        let set = MigrationSet(
            directory: "migrations",
            versions: [1],
            target: "main",
            backup: .content,
            deadline: .seconds(30)
        )
        let phase = Phase(
            name: "one",
            title: "One",
            reversibility: .reversible,
            change: set,
            ramp: Ramp(flag: "reads", steps: [.all], soak: .zero)
        )
        return Rollout(name: "test", title: "Test", flags: [flag], phases: [phase])
    }

    /// A runner whose transaction is cut off as often as it is told, after the flag was set and before the schema.
    private func runner(_ bench: MigrationBench, cuts: Int = 0) -> MigrationRunner {
        let plan = plan
        let left = LeftCuts(cuts)
        return MigrationRunner(
            sessions: bench.bench.sessions,
            baseDirectory: bench.bench.path,
            backupDirectory: bench.bench.path(of: "backups"),
            scratchDirectory: bench.bench.path(of: "scratch"),
            now: { Bench.now },
            alongside: { step, session throws(SessionError) in
                try await FlagTableClosing(plan)(alongside: step, in: session)
                if case .unmigrate = step, left.takeOne() { throw SessionError(.failed, "cut off") }
            }
        )
    }

    /// As after a raise by hand that nobody knows of.
    private func exposed(on sample: EngineSample) async throws -> MigrationBench {
        let bench = try await MigrationBench(on: sample)
        try bench.write(
            "001_note.sql",
            "ALTER TABLE trades ADD COLUMN note INTEGER",
            rollback: "ALTER TABLE trades DROP COLUMN note"
        )
        try await bench.apply(1)
        let sink = try FlagSinks.sink(
            from: flag.sinks[0],
            of: flag.key,
            in: FlagSinkContext(baseDirectory: "/", tables: SessionFlagTables(sessions: bench.bench.sessions))
        )
        try await sink.write(FlagRule(key: "reads", salt: "reads", share: .all), over: nil)
        return bench
    }

    /// Share and presence of the column, in one statement.
    private func seen(_ bench: MigrationBench) async throws -> (share: Int64?, hasColumn: Bool) {
        let column =
            switch bench.bench.sample.engine.name {
            case "sqlite": "SELECT count(*) FROM pragma_table_info('trades') WHERE name = 'note'"
            case "mariadb":
                "SELECT count(*) FROM information_schema.columns WHERE table_schema = database() AND column_name = 'note'"
            default:
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'trades'::regclass AND attname = 'note' "
                    + "AND NOT attisdropped"
            }
        let row = try await bench.bench.rows("SELECT (SELECT share_bp FROM phasegate_flags), (\(column))")[0]
        return (row[0].integer, row[1].integer == 1)
    }

    @Test(arguments: EngineSample.all) func closesTheFlagWithTheSchema(sample: EngineSample) async throws {
        let bench = try await exposed(on: sample)
        _ = try await runner(bench).run(.unmigrate(bench.step(1)), because: "test")
        let after = try await seen(bench)
        #expect(after.share == 0 && !after.hasColumn)
        // What a sink would write, so that it is confirmed without writing again.
        let sink = try FlagSinks.sink(
            from: flag.sinks[0],
            of: flag.key,
            in: FlagSinkContext(baseDirectory: "/", tables: SessionFlagTables(sessions: bench.bench.sessions))
        )
        #expect(try await sink.read() == sink.content(for: FlagRule(key: "reads", salt: "reads", share: .none)))
    }

    /// Cut off after the flag was set: with transactional changes of the schema neither has happened.
    @Test(arguments: EngineSample.transactional) func neitherOfBothWhenItIsCutOff(sample: EngineSample) async throws {
        let bench = try await exposed(on: sample)
        await #expect(throws: StepError.self) {
            try await runner(bench, cuts: 1).run(.unmigrate(bench.step(1)), because: "test")
        }
        let between = try await seen(bench)
        #expect(between.share == 10_000 && between.hasColumn)
        _ = try await runner(bench).run(.unmigrate(bench.step(1)), because: "test")
        let after = try await seen(bench)
        #expect(after.share == 0 && !after.hasColumn)
    }

    /// MariaDB commits each change of the schema: the flag is down before the first of them.
    @Test(arguments: EngineSample.all.filter { $0.engine.name == "mariadb" })
    func theFlagIsFirstWhereSchemasCommitByThemselves(sample: EngineSample) async throws {
        let bench = try await exposed(on: sample)
        await #expect(throws: StepError.self) {
            try await runner(bench, cuts: 1).run(.unmigrate(bench.step(1)), because: "test")
        }
        let between = try await seen(bench)
        #expect(between.share == 0 && between.hasColumn)
    }

    @Test(arguments: EngineSample.all) func noReaderSeesTheOldSchemaWithTheFlagOn(sample: EngineSample) async throws {
        let bench = try await exposed(on: sample)
        let watching = Task {
            var wrong = 0
            while !Task.isCancelled {
                if let seen = try? await seen(bench), !seen.hasColumn, seen.share != 0 { wrong += 1 }
            }
            return wrong
        }
        _ = try await runner(bench).run(.unmigrate(bench.step(1)), because: "test")
        watching.cancel()
        #expect(await watching.value == 0)
    }

    @Test func leavesTheFlagAloneOnTheWayUp() async throws {
        let bench = try await exposed(on: .sqlite)
        try bench.write("002_more.sql", "ALTER TABLE trades ADD COLUMN more INTEGER")
        _ = try await runner(bench).run(.migrate(bench.step(2)), because: "test")
        #expect(try await seen(bench).share == 10_000)
    }

    private final class LeftCuts: Sendable {
        private let left: Mutex<Int>
        init(_ count: Int) { left = Mutex(count) }
        func takeOne() -> Bool {
            left.withLock { left in
                left -= 1
                return left >= 0
            }
        }
    }
}
