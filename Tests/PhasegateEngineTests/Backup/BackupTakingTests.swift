import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateProbes
import Synchronization
import Testing

@Suite("taking backups")
struct BackupTakingTests {
    @Test func rowsInTheLogAreInTheBackup() async throws {
        let backups = try BackupBench()
        try await backups.fill()
        let writer = try await backups.bench.engine.open(backups.bench.file(), for: .writing)
        try await writer.run(
            script:
                "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; INSERT INTO notes VALUES (3, 'only in the log')",
            within: .seconds(5)
        )
        let log = try Data(contentsOf: URL(filePath: backups.bench.file() + "-wal"))
        try #require(log.firstRange(of: Data("only in the log".utf8)) != nil)
        let manifest = try await backups.take()
        let proof = try await backups.verify(manifest, to: .content)
        #expect(proof.refusal == nil)
        #expect(proof.rows["notes"] == 3)
        let artifact = try backups.artifact(manifest)
        #expect(
            try await backups.bench.rows("SELECT body FROM notes WHERE id = 3", on: artifact) == [
                [.text("only in the log")]
            ]
        )
        // An artifact that needs companions would be less than it seems.
        #expect(backups.bench.names(in: "backups").count == 2)
        await writer.close()
    }

    @Test func whatIsWrittenMeanwhileDoesNotTearTheSnapshot() async throws {
        let backups = try BackupBench()
        try await backups.fill()
        let writer = try await backups.bench.engine.open(backups.bench.file(), for: .writing)
        try await writer.run(script: "PRAGMA journal_mode = WAL", within: .seconds(5))
        let isOver = Mutex(false)
        async let written = {
            var rounds = 0
            while !isOver.withLock({ $0 }) {
                // Both tables move together; a torn copy would have one without the other.
                try await writer.run(
                    script:
                        "BEGIN; INSERT INTO trades (symbol) VALUES ('new'); INSERT INTO notes (body) VALUES ('new'); COMMIT",
                    within: .seconds(5)
                )
                rounds += 1
            }
            return rounds
        }()
        var counts: [Int64] = []
        for number in 0..<200 where number < 6 || Set(counts).count < 2 {
            let proof = try await backups.verify(try await backups.take("\(number)"), to: .content)
            #expect(proof.refusal == nil)
            let trades = try #require(proof.rows["trades"])
            #expect(trades - 500 == (try #require(proof.rows["notes"])) - 2)
            counts.append(trades)
        }
        isOver.withLock { $0 = true }
        #expect(try await written > 0)
        #expect(Set(counts).count > 1, "nothing was written meanwhile")
        await writer.close()
    }

    @Test func theWrongDatabaseIsNotCopied() async throws {
        for fingerprint in [
            DatabaseTarget.Fingerprint(applicationID: 0x514C, tables: []),
            DatabaseTarget.Fingerprint(applicationID: nil, tables: ["trades", "portfolio"]),
        ] {
            let backups = try BackupBench(fingerprint)
            try await backups.fill()
            let error = await #expect(throws: ProbeError.self) { try await backups.take() }
            #expect(error?.why == .unreachable)
            #expect(error?.message.contains("wrong database") == true)
            #expect(backups.bench.names(in: "backups") == [])
        }
        let right = try BackupBench(.init(applicationID: 0x514C, tables: ["trades"]))
        try await right.fill()
        try await right.bench.run("PRAGMA application_id = 0x514C")
        _ = try await right.take()
    }

    @Test func aDeadlineLeavesNothingBehind() async throws {
        let backups = try BackupBench()
        try await backups.fill()
        let error = await #expect(throws: ProbeError.self) {
            try await backups.keeper.take(label: "late", at: Bench.now, within: .zero)
        }
        #expect(error?.why == .timedOut)
        #expect(backups.bench.names(in: "backups") == [])
    }

    @Test func theNewestThatIsYoungEnoughIsUsed() async throws {
        let backups = try BackupBench()
        try await backups.fill()
        let keeper = backups.keeper
        #expect(keeper.newest(notOlderThan: .seconds(60), at: Bench.now) == nil)
        let old = try await keeper.take(label: "z", at: Bench.now + .seconds(-50), within: .seconds(30))
        let new = try await keeper.take(label: "a", at: Bench.now + .seconds(-20), within: .seconds(30))
        _ = try await keeper.take(label: "future", at: Bench.now + .seconds(20), within: .seconds(30))
        #expect(keeper.newest(notOlderThan: .seconds(60), at: Bench.now) == new)
        #expect(keeper.newest(notOlderThan: .seconds(60), at: Bench.now + .seconds(-30)) == old)
        #expect(keeper.newest(notOlderThan: .seconds(10), at: Bench.now) == nil)
        try Data("{".utf8).write(to: URL(filePath: new))
        #expect(keeper.newest(notOlderThan: .seconds(60), at: Bench.now) == old)
    }

    @Test func theProbeTakesOneOnlyWhenThereIsNone() async throws {
        let backups = try BackupBench()
        try await backups.fill()
        for _ in 0..<2 {
            let measurement = try await backups.bench.measure("backup")
            #expect(measurement.word == "verified")
            #expect(measurement.samples == 2)
            #expect(measurement.notes.contains("trades: 500 rows"))
        }
        #expect(backups.bench.names(in: "backups").count == 2)
    }
}

@Suite("a full disk")
struct FullDiskTests {
    /// A file system of 64 KiB at a directory, if this process may make one.
    private static func mount(at path: String) -> Bool {
        Glibc.mount("tmpfs", path, "tmpfs", 0, "size=64k") == 0
    }

    private static let mayMount: Bool = {
        guard let bench = try? Bench() else { return false }
        guard mount(at: bench.path) else { return false }
        umount2(bench.path, Int32(MNT_DETACH))
        return true
    }()

    @Test(.enabled(if: mayMount, "mounting a small file system needs privileges"))
    func isSaidAndLeavesNothingBehind() async throws {
        let backups = try BackupBench()
        try await backups.fill()
        try await backups.bench.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
                + "INSERT INTO notes (body) SELECT hex(randomblob(2000)) FROM n"
        )
        let directory = backups.bench.path(of: "backups")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try #require(Self.mount(at: directory))
        defer { umount2(directory, Int32(MNT_DETACH)) }
        let engine = try #require(backups.bench.engine as? any BackupTaking)
        let thrown = await code {
            _ = try await engine.backUp(
                .file(backups.bench.file()),
                to: directory + "/copy.sqlite",
                as: .file,
                hashing: true,
                within: .seconds(30)
            )
        }
        #expect(thrown == .full)
        #expect(backups.bench.names(in: "backups") == [])
        await #expect(throws: ProbeError.self) { try await backups.take() }
        #expect(backups.bench.names(in: "backups") == [])
    }
}
