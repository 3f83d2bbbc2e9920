import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import PhasegateTesting
import Testing

/// Servers whose log is kept, brought back to before and after a mistake.
@Suite("restore drill", .serialized, .timeLimit(.minutes(5)))
struct RestoreDrillTests {
    /// A server with its log kept beside its data.
    struct Sample: Sendable, CustomTestStringConvertible {
        let engine: EngineSample
        let format: BackupFormat
        let directory: String
        /// What begins a new file of the log, so that the old one is kept as a whole.
        let turnLog: @Sendable () async throws -> Void
        var testDescription: String { format.rawValue }

        static let all =
            (PostgreSQLServer.isWanted ? [postgreSQL] : []) + (MariaDBServer.isWanted ? [mariaDB] : [])
        static let archiving = PostgreSQLServer(settings: [
            "archive_mode=on", "archive_command=cp${IFS}%p${IFS}../log/%f",
        ])
        static let postgreSQL = Sample(
            engine: .postgreSQL(at: archiving),
            format: .baseBackup,
            directory: archiving.directory + "/log"
        ) {
            let segment = try await archiving.psql("SELECT pg_walfile_name(pg_switch_wal())")
            let end = ContinuousClock.now + .seconds(60)
            while !FileManager.default.fileExists(atPath: "\(archiving.directory)/log/\(segment)") {
                try #require(ContinuousClock.now < end, "the segment was not archived")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        static let logging = MariaDBServer(settings: [
            "--innodb-log-file-size=8M", "--log-bin=log", "--server-id=1", "--binlog-format=ROW",
        ])
        static let mariaDB = Sample(
            engine: .mariaDB(at: logging),
            format: .mariaDBBackup,
            directory: logging.directory + "/data"
        ) {
            try await logging.client("FLUSH BINARY LOGS")
        }
    }

    /// A base backup, a row that is planted, a moment, and then everything deleted.
    private struct Mistake {
        let backups: BackupBench
        let before: Moment
        let after: Moment

        func measure(_ settings: [String: Setting], within limit: Duration = .seconds(60)) async throws -> Measurement {
            let context = backups.bench.context(within: limit, at: after)
            return try await backups.bench.measure("restore-drill", settings, in: context)
        }
    }

    private func now(_ bench: Bench) async throws -> Moment {
        let isPostgreSQL = bench.engine.name == "postgresql"
        let value = try await bench.rows(
            isPostgreSQL
                ? "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
                : "SELECT cast(floor(unix_timestamp(sysdate(3)) * 1000) AS SIGNED)"
        ).first?.first
        guard case .integer(let milliseconds) = value else { throw ProbeError(.noData, "\(String(describing: value))") }
        return Moment(milliseconds: milliseconds)
    }

    /// Waits for the next whole second of the server, which is as fine as MariaDB's log is.
    private func nextSecond(_ bench: Bench) async throws -> Moment {
        let start = try await now(bench).milliseconds / 1000
        while true {
            let moment = try await now(bench)
            if moment.milliseconds / 1000 > start { return Moment(milliseconds: moment.milliseconds / 1000 * 1000) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func mistake(on sample: Sample) async throws -> Mistake {
        if sample.format == .baseBackup {
            try await Sample.archiving.psql("COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; mkdir -p ../log'")
        }
        let backups = try BackupBench(on: sample.engine, format: sample.format)
        try await backups.fill()
        _ = try await backups.keeper.take(label: "base", at: try await now(backups.bench), within: .seconds(60))
        try await backups.bench.run("INSERT INTO notes VALUES (3, 'after the base')")
        if sample.format == .mariaDBBackup {
            // Accounts are in the log as well.
            try await Sample.logging.client("CREATE OR REPLACE USER somebody@localhost IDENTIFIED BY 'new'")
        }
        _ = try await nextSecond(backups.bench)
        let before = try await nextSecond(backups.bench)
        _ = try await nextSecond(backups.bench)
        try await backups.bench.run("DELETE FROM notes")
        let after = try await nextSecond(backups.bench)
        _ = try await nextSecond(backups.bench)
        try await backups.bench.run("INSERT INTO notes VALUES (4, 'so that the log goes on')")
        try await sample.turnLog()
        return Mistake(backups: backups, before: before, after: after)
    }

    @Test(arguments: Sample.all)
    func rowsAreThereBeforeTheMistakeAndNotAfterIt(sample: Sample) async throws {
        let mistake = try await mistake(on: sample)
        let question: [String: Setting] = [
            "log": .text(sample.directory), "query": "SELECT count(*) FROM notes", "expect": .whole(3),
        ]
        func settings(_ moment: Moment, _ measure: String) -> [String: Setting] {
            question.merging(["at": .text(moment.description), "measure": .text(measure)]) { $1 }
        }
        let timed = try await mistake.measure(settings(mistake.before, "time"))
        #expect(try #require(timed.number) > 0)
        #expect(timed.notes.contains("expected '3', found '3'"), "\(timed.notes)")
        #expect(try await mistake.measure(settings(mistake.after, "outcome")).word == "wrong")
        // A time to something else than was expected is no time.
        let error = await #expect(throws: ProbeError.self) {
            try await mistake.measure(settings(mistake.after, "time"))
        }
        #expect(error?.why == .failed)
        #expect(error?.message.contains("the answer is '0' and not '3'") == true)
        // As how long ago: the bench's now is the moment after the mistake.
        let distance = (mistake.after - mistake.before).milliseconds / 1000
        var ago = question
        ago["ago"] = .text("\(distance) s")
        ago["measure"] = "outcome"
        #expect(try await mistake.measure(ago).word == "restored")
        #expect(mistake.backups.bench.names(in: "scratch") == [])
    }

    @Test(arguments: Sample.all)
    func aMomentBeyondTheLogOrBeforeTheBaseIsNoData(sample: Sample) async throws {
        let mistake = try await mistake(on: sample)
        let far = Moment(milliseconds: mistake.after.milliseconds + 3_600_000)
        let early = Moment(milliseconds: mistake.after.milliseconds - 3_600_000)
        for moment in [far, early] {
            let error = await #expect(throws: ProbeError.self) {
                let context = mistake.backups.bench.context(at: far)
                _ = try await mistake.backups.bench.measure(
                    "restore-drill",
                    ["log": .text(sample.directory), "at": .text(moment.description)],
                    in: context
                )
            }
            #expect(error?.why == .noData, "\(String(describing: error))")
        }
        #expect(mistake.backups.bench.names(in: "scratch") == [])
    }

    @Test(.enabled(if: PostgreSQLServer.isWanted))
    func aNamedRestorePointIsReached() async throws {
        let sample = Sample.postgreSQL
        let mistake = try await mistake(on: sample)
        try await mistake.backups.bench.run("INSERT INTO notes VALUES (5, 'before the point'), (6, NULL)")
        let point = "before-release-\(UUID().uuidString.prefix(8))"
        try await Sample.archiving.psql("SELECT pg_create_restore_point('\(point)')")
        try await mistake.backups.bench.run("DELETE FROM notes")
        try await sample.turnLog()
        let measured = try await mistake.measure([
            "log": .text(sample.directory), "point": .text(point), "query": "SELECT count(*) FROM notes",
            "expect": .whole(3), "measure": "outcome",
        ])
        #expect(measured.word == "restored", "\(measured.notes)")
    }

    @Test(arguments: Sample.all)
    func aDeadlineIsKeptAndLeavesNothing(sample: Sample) async throws {
        let mistake = try await mistake(on: sample)
        let error = await #expect(throws: ProbeError.self) {
            try await mistake.measure(
                ["log": .text(sample.directory), "at": .text(mistake.before.description)],
                within: .milliseconds(120)
            )
        }
        #expect(error?.why == .timedOut)
        #expect(mistake.backups.bench.names(in: "scratch") == [])
    }

    /// A statement of the log that cannot be repeated is not shown: there may be rows and passwords in it.
    @Test(.enabled(if: MariaDBServer.isWanted))
    func aLogThatCannotBeRepeatedIsNoTimeAndNotQuoted() async throws {
        let mistake = try await mistake(on: .mariaDB)
        let bench = mistake.backups.bench
        try await bench.run(
            "SET sql_log_bin = 0; CREATE TABLE hidden (id INTEGER); SET sql_log_bin = 1; INSERT INTO hidden VALUES (7)"
        )
        _ = try await nextSecond(bench)
        let moment = try await nextSecond(bench)
        _ = try await nextSecond(bench)
        try await bench.run("INSERT INTO notes VALUES (9, NULL)")
        let error = await #expect(throws: ProbeError.self) {
            _ = try await bench.measure(
                "restore-drill",
                ["log": .text(Sample.mariaDB.directory), "at": .text(moment.description)],
                in: bench.context(at: moment)
            )
        }
        #expect(error?.why == .failed)
        let message = error?.message ?? ""
        #expect(message.contains("ERROR") && !message.contains("BINLOG"), "\(message)")
        #expect(bench.names(in: "scratch") == [])
    }

    @Test func anEngineWithoutALogIsUnsupported() async throws {
        let bench = try Bench()
        try await bench.make()
        let error = await #expect(throws: ProbeError.self) {
            try await bench.measure("restore-drill", ["log": "log", "ago": "1 h"])
        }
        #expect(error?.why == .unsupported)
    }

    @Test(
        arguments: [
            ["log": "log"], ["log": "log", "ago": "1 h", "point": "p"],
            ["log": "log", "ago": "1 h", "query": "SELECT 1"],
            ["log": "log", "ago": "1 h", "expect": "1"],
        ] as [[String: Setting]]
    )
    func settingsThatDoNotFitAreRefused(settings: [String: Setting]) {
        #expect(throws: Diagnostic.self) { _ = try RestoreDrillProbe(.map(settings)) }
    }
}
