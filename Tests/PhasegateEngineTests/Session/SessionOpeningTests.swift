import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateProbes
import Testing

@Suite("session contract: opening")
struct SessionOpeningTests {
    private func bench() async throws -> Bench {
        let bench = try Bench()
        try await bench.make(
            "main",
            """
            CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
            INSERT INTO t SELECT i, 'value ' || i FROM n;
            """
        )
        return bench
    }

    private func opening(_ bench: Bench, _ access: SessionAccess = .reading) async -> SessionError.Code? {
        await code { _ = try await bench.engine.open(bench.file(), for: access) }
    }

    @Test(arguments: [SessionAccess.reading, .writing])
    func aMissingFileIsUnreachableAndNotMade(access: SessionAccess) async throws {
        let bench = try Bench()
        #expect(await opening(bench, access) == .unreachable)
        #expect(!FileManager.default.fileExists(atPath: bench.file()))
        await #expect(throws: SessionError.self) { try await bench.engine.open(bench.path, for: access) }
    }

    @Test(arguments: ["just a text file, long enough to have a header\n", "x", ""])
    func whatIsNoDatabaseIsCalledThat(content: String) async throws {
        let bench = try Bench()
        try Data(String(repeating: content, count: 40).utf8).write(to: URL(filePath: bench.file()))
        #expect(await opening(bench) == .notADatabase)
        #expect(await opening(bench, .writing) == .notADatabase)
    }

    @Test(arguments: [50, 100, 1000, 5000])
    func aTruncatedFileIsFoundOut(bytes: Int) async throws {
        let bench = try await bench()
        let content = try #require(FileManager.default.contents(atPath: bench.file()))
        try #require(content.count > 10_000)
        try content.prefix(bytes).write(to: URL(filePath: bench.file()))
        let thrown = try #require(await opening(bench))
        #expect([.notADatabase, .corrupt].contains(thrown))
    }

    @Test func aDamagedPageIsCorruptWhenItIsRead() async throws {
        let bench = try await bench()
        var content = try #require(FileManager.default.contents(atPath: bench.file()))
        for offset in 4096..<8192 { content[offset] = 0xA5 }
        try content.write(to: URL(filePath: bench.file()))
        let session = try await bench.engine.open(bench.file(), for: .reading)
        #expect(await code { _ = try await session.rows(SQLQuery("SELECT v FROM t"), within: .seconds(5)) } == .corrupt)
        await session.close()
    }

    @Test func somebodyElsesLockIsCalledThat() async throws {
        let bench = try await bench()
        let holder = try await bench.engine.open(bench.file(), for: .writing)
        try await holder.run(script: "BEGIN EXCLUSIVE", within: .seconds(5))
        #expect(await opening(bench) == .locked)
        try await holder.run(script: "ROLLBACK", within: .seconds(5))
        let session = try await bench.engine.open(bench.file(), for: .reading)
        await session.close()
        await holder.close()
    }

    /// A timeout under a second must not be cut to none.
    @Test func aLockIsWaitedForAsLongAsAsked() async throws {
        let bench = try await bench()
        let holder = try await bench.engine.open(bench.file(), for: .writing)
        try await holder.run(script: "BEGIN EXCLUSIVE", within: .seconds(5))
        let begin = ContinuousClock.now
        #expect(await opening(bench) == .locked)
        #expect(ContinuousClock.now - begin >= .milliseconds(90))
        await holder.close()
    }

    @Test(.enabled(if: geteuid() != 0, "root may write to whatever it likes"))
    func aReadOnlyFileRefusesWrites() async throws {
        let bench = try await bench()
        chmod(bench.file(), 0o444)
        let session = try await bench.engine.open(bench.file(), for: .writing)
        #expect(await code { try await session.run(script: "DELETE FROM t", within: .seconds(5)) } == .readOnly)
        await session.close()
    }

    @Test(.enabled(if: geteuid() != 0, "root may write to whatever it likes"))
    func aReadOnlyDirectoryRefusesTheJournal() async throws {
        let bench = try await bench()
        chmod(bench.path, 0o555)
        defer { chmod(bench.path, 0o755) }
        let session = try await bench.engine.open(bench.file(), for: .writing)
        await #expect(throws: SessionError.self) { try await session.run(script: "DELETE FROM t", within: .seconds(5)) }
        await session.close()
    }
}
