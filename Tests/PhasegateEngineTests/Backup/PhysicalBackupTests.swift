import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateProbes
import PhasegateTesting
import Synchronization
import Testing

/// Files of whole servers: what they are proven to hold, and what is refused.
@Suite("physical backups", .serialized, .timeLimit(.minutes(5)))
struct PhysicalBackupTests {
    /// What this process has left: scratch servers and their sockets.
    private func leftOvers(_ backups: BackupBench) -> [String] {
        let sockets = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
        return backups.bench.names(in: "scratch")
            + sockets.filter { $0.hasPrefix("\(ScratchName.prefix)restore_") && $0.contains("_\(getpid())_") }
    }

    @Test(arguments: PhysicalSample.all)
    func aGoodOneReachesEveryLevel(sample: PhysicalSample) async throws {
        let backups = try await sample.backups()
        let manifest = try await backups.take()
        for level in BackupLevel.allCases {
            let proof = try await backups.verify(manifest, to: level)
            #expect(proof.level == level)
            #expect(proof.refusal == nil)
            #expect(proof.rows == (level >= .restored ? ["trades": 500, "notes": 2] : [:]))
            #expect(leftOvers(backups) == [])
        }
        let measured = try await backups.bench.measure("backup", ["format": .text(sample.format.rawValue)])
        #expect(measured.word == "verified")
        #expect(backups.bench.names(in: "backups").count == 2)
    }

    /// What the log brings forward is part of it, and one moment for all tables.
    @Test(.enabled(if: PostgreSQLServer.isWanted))
    func aBaseBackupIsProvenToTheLastRowWhileOthersWrite() async throws {
        let backups = try await PhysicalSample.postgreSQL.backups()
        let writers = Writers()
        let writing = Task { try await writers.write(to: backups) }
        var counts: Set<Int64> = []
        for number in 0..<20 where number < 3 || counts.count < 2 {
            let proof = try await backups.verify(try await backups.take("\(number)"), to: .content)
            #expect(proof.refusal == nil)
            let trades = try #require(proof.rows["trades"])
            #expect(trades - 500 == (try #require(proof.rows["notes"])) - 2)
            counts.insert(trades)
        }
        writers.isOver.withLock { $0 = true }
        try await writing.value
        #expect(counts.count > 1, "nothing was written meanwhile")
    }

    @Test(.enabled(if: MariaDBServer.isWanted))
    func aTableThatIsWrittenToWhileFilesAreCopiedIsNotProven() async throws {
        let backups = try await PhysicalSample.mariaDB.backups()
        let writer = try await backups.bench.engine.open(backups.bench.location(), for: .writing)
        let isOver = Mutex(false)
        async let written: Void = {
            var number = 1000
            while !isOver.withLock({ $0 }) {
                number += 1
                try await writer.run(script: "INSERT INTO notes (id) VALUES (\(number))", within: .seconds(20))
            }
        }()
        let manifest = try await backups.take()
        isOver.withLock { $0 = true }
        try await written
        await writer.close()
        let unsettled = try #require(try BackupManifest(file: manifest).snapshot.unsettled)
        #expect(unsettled.map(\.table) == ["notes"])
        let proof = try await backups.verify(manifest, to: .restored)
        #expect(proof.refusal == nil)
        #expect(proof.notes.contains { $0.contains("notes was written to while the backup was taken") })
        let restored = try #require(proof.rows["notes"])
        #expect(unsettled[0].rowsBefore <= restored && restored <= unsettled[0].rowsAfter)
        let error = await #expect(throws: ProbeError.self) { try await backups.verify(manifest, to: .content) }
        #expect(error?.message.contains("'notes' was written to") == true)
        #expect(leftOvers(backups) == [])
    }

    /// One byte in the middle of a table's file: the sum of the artifact, and the checksum of its page.
    @Test(arguments: PhysicalSample.all)
    func aFlippedByteIsRefused(sample: PhysicalSample) async throws {
        let backups = try await sample.backups()
        let manifest = try await backups.take()
        let artifact = try backups.artifact(manifest)
        let files = try FileManager.default.subpathsOfDirectory(atPath: artifact).sorted()
        let text = Data("owes nothing".utf8)
        let file = try #require(
            files.first { name in
                let path = "\(artifact)/\(name)"
                return (name.hasPrefix("base/base/") || name.hasSuffix(".ibd"))
                    && (try? Data(contentsOf: URL(filePath: path)))?.firstRange(of: text) != nil
            }
        )
        try backups.damage(manifest, file: file) { data in
            if let place = data.firstRange(of: text) { data[place.lowerBound] ^= 0x02 }
        }
        let untouched = try await backups.verify(manifest, to: .content)
        #expect(untouched.level == nil)
        #expect(untouched.refusal?.contains("SHA-256") == true)
        try backups.reseal(manifest)
        #expect(try await backups.verify(manifest, to: .artifact).refusal == nil)
        let proof = try await backups.verify(manifest, to: .decodes)
        #expect(proof.level == .artifact)
        #expect(proof.refusal?.contains(sample.format == .baseBackup ? "checksum mismatch" : "innochecksum") == true)
        #expect(leftOvers(backups) == [])
    }

    /// A copy whose rows are others than those of the snapshot, though each of its pages is sound.
    @Test(arguments: PhysicalSample.all)
    func anotherContentThanThatOfTheSnapshotIsRefused(sample: PhysicalSample) async throws {
        let backups = try await sample.backups()
        let manifest = try await backups.take()
        let old = try BackupManifest(file: manifest)
        let tables = old.snapshot.tables.map { TableContent(table: $0.table, rows: $0.rows, hash: $0.hash + "0") }
        try BackupManifest(
            artifact: old.artifact,
            target: old.target,
            format: old.format,
            takenAt: old.takenAt,
            bytes: old.bytes,
            sha256: old.sha256,
            snapshot: SnapshotContent(schema: old.snapshot.schema, tables: tables)
        ).write(to: manifest)
        let proof = try await backups.verify(manifest, to: .content)
        #expect(proof.level == .restored)
        #expect(proof.refusal?.contains("differs") == true)
    }

    @Test(arguments: PhysicalSample.all)
    func aMissingRightHoldsAndSaysWhatToDo(sample: PhysicalSample) async throws {
        let backups = try await sample.backups()
        var address = try #require(backups.bench.location().address)
        if sample.format == .baseBackup {
            try await sample.administer("DROP ROLE IF EXISTS mere_reader; CREATE ROLE mere_reader LOGIN")
        } else {
            try await sample.administer(
                "CREATE OR REPLACE USER mere_reader@localhost; GRANT SELECT ON *.* TO mere_reader@localhost"
            )
        }
        address.user = "mere_reader"
        let engine = try #require(backups.bench.engine as? any BackupTaking)
        let error = await #expect(throws: SessionError.self) {
            _ = try await engine.backUp(
                .server(address),
                to: backups.bench.path(of: "refused"),
                as: sample.format,
                hashing: true,
                within: .seconds(30)
            )
        }
        #expect(error?.code == .notPermitted)
        let remedy =
            sample.format == .baseBackup
            ? "ALTER ROLE \"mere_reader\" REPLICATION" : "GRANT RELOAD, PROCESS ON *.* TO 'mere_reader'@'localhost'"
        #expect(error?.message.contains(remedy) == true, "\(error?.message ?? "")")
        #expect(backups.bench.names(in: "").filter { $0.hasPrefix("refused") } == [])
    }

    @Test(arguments: PhysicalSample.all)
    func filesOutsideOfTheDataDirectoryAreRefused(sample: PhysicalSample) async throws {
        let backups = try await sample.backups()
        if sample.format == .baseBackup {
            let elsewhere = "\(PhysicalSample.postgreSQLServer.directory)/elsewhere"
            try await sample.administer(
                "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; mkdir -p \(elsewhere)'"
            )
            try await sample.administer("CREATE TABLESPACE elsewhere LOCATION '\(elsewhere)'")
        } else {
            try await backups.bench.run(
                "CREATE TABLE far (id INTEGER PRIMARY KEY) DATA DIRECTORY = '\(PhysicalSample.mariaDBServer.directory)/tmp'"
            )
        }
        let error = await #expect(throws: ProbeError.self) { try await backups.take() }
        if sample.format == .baseBackup {
            try await sample.administer("DROP TABLESPACE elsewhere")
        } else {
            try await backups.bench.run("DROP TABLE far")
        }
        #expect(error?.why == .unsupported)
        #expect(error?.message.contains("outside of the data directory") == true, "\(error?.message ?? "")")
        #expect(backups.bench.names(in: "backups") == [])
    }

    @Test(arguments: PhysicalSample.all)
    func aDeadlineLeavesNothingRunning(sample: PhysicalSample) async throws {
        let backups = try await sample.backups()
        let manifest = try await backups.take()
        // Somewhere between copying the files and the first question to the server.
        for limit in [10, 100, 250, 400] {
            do {
                let proof = try await backups.keeper.verify(manifest, to: .content, within: .milliseconds(limit))
                #expect(proof.refusal == nil)
            } catch let error {
                #expect(error.why == .timedOut, "\(error)")
            }
            #expect(leftOvers(backups) == [])
            #expect(try processes(with: backups.bench.path) == [])
        }
    }

    /// Command lines of processes that speak of a directory.
    private func processes(with path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.compactMap { number in
            let line = (try? Data(contentsOf: URL(filePath: "/proc/\(number)/cmdline"))) ?? Data()
            let text = String(decoding: line, as: UTF8.self)
            return text.contains(path) ? text : nil
        }
    }

    /// Its maker and the shell that watched over it were killed together.
    @Test func theServerOfADeadProcessIsEnded() async throws {
        let directory = try TemporaryDirectory()
        let dead = try deadProcess()
        let name = ScratchName(for: "restore").text.split(separator: "_").enumerated().map { place, part in
            place == 4 ? "\(dead)" : String(part)
        }.joined(separator: "_")
        #expect(ScratchName.isLeftOver(name))
        let home = directory.path(of: name)
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let server = try ChildProgram("/bin/sh", ["-c", "echo $$ KILL >'\(home)/server.pid'; echo up; read x", home])
            .start()
        _ = try await server.line(within: .seconds(10)) { $0.contains("up") }
        let another = try ScratchServer(for: "restore", in: directory.path, as: ScratchAccount(orElse: "postgres"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0 == name } == [])
        #expect(try processes(with: home) == [])
        another.discard()
    }

    private func deadProcess() throws -> pid_t {
        var process = pid_t()
        let words: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        defer { for word in words { free(word) } }
        try #require(posix_spawnp(&process, "true", nil, nil, words, environ) == 0)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        return process
    }

    @Test func aCopyThatHasNoRoomIsRefusedBeforeItBegins() {
        let error = #expect(throws: SessionError.self) { try demandRoom(for: .max, in: "/tmp/not/there/yet") }
        #expect(error?.code == .full)
        #expect(throws: Never.self) { try demandRoom(for: 1, in: "/tmp") }
    }
}

/// Four of them, each adding a row to both tables in one transaction, as fast as they can.
private final class Writers: Sendable {
    let isOver = Mutex(false)

    func write(to backups: BackupBench) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 1...4 {
                group.addTask {
                    let session = try await backups.bench.engine.open(backups.bench.location(), for: .writing)
                    var number = writer * 1_000_000
                    while !self.isOver.withLock({ $0 }) {
                        number += 1
                        try await session.run(
                            script: "INSERT INTO trades VALUES (\(number), 'new'); "
                                + "INSERT INTO notes (id) VALUES (\(number))",
                            within: .seconds(20)
                        )
                    }
                    await session.close()
                }
            }
            try await group.waitForAll()
        }
    }
}
