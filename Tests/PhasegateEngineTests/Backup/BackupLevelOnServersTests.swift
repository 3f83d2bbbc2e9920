import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import Synchronization
import Testing

/// What a dump has to hold, whoever wrote it.
@Suite("levels of a dump", .serialized)
struct BackupLevelOnServersTests {
    /// Dump, schema, counts and hashes are of one moment, whatever is written meanwhile.
    @Test(arguments: EngineSample.serversForBackups)
    func whatIsWrittenMeanwhileDoesNotTearTheSnapshot(sample: EngineSample) async throws {
        let backups = try BackupBench(on: sample)
        try await backups.fill()
        let writer = try await backups.bench.engine.open(backups.bench.location(), for: .writing)
        let isOver = Mutex(false)
        async let written = {
            var rounds = 0
            while !isOver.withLock({ $0 }) {
                rounds += 1
                try await writer.run(
                    script: "START TRANSACTION; INSERT INTO trades VALUES (\(1000 + rounds), 'new'); "
                        + "INSERT INTO notes (id) VALUES (\(1000 + rounds)); COMMIT",
                    within: .seconds(20)
                )
            }
            return rounds
        }()
        var counts: Set<Int64> = []
        for number in 0..<50 where number < 4 || counts.count < 2 {
            let proof = try await backups.verify(try await backups.take("\(number)"), to: .content)
            #expect(proof.refusal == nil)
            let trades = try #require(proof.rows["trades"])
            #expect(trades - 500 == (try #require(proof.rows["notes"])) - 2)
            counts.insert(trades)
        }
        isOver.withLock { $0 = true }
        #expect(try await written > 0)
        #expect(counts.count > 1, "nothing was written meanwhile")
        await writer.close()
    }

    /// An uncompressed dump decodes, restores and counts right with a letter changed; only its content tells.
    @Test(arguments: EngineSample.serversForBackups)
    func oneChangedLetterInAPlainDumpFailsTheFourthLevel(sample: EngineSample) async throws {
        let backups = try BackupBench(on: sample, format: .plain)
        try await backups.fill()
        let manifest = try await backups.take()
        try backups.damage(manifest) { data in
            guard let place = data.firstRange(of: Data("owes nothing".utf8)) else {
                Issue.record("the text is not in the artifact")
                return
            }
            data[place.lowerBound] ^= 0x02
        }
        try backups.reseal(manifest)
        for level in [BackupLevel.artifact, .decodes, .restored] {
            #expect(try await backups.verify(manifest, to: level).refusal == nil)
        }
        let proof = try await backups.verify(manifest, to: .content)
        #expect(proof.level == .restored)
        #expect(proof.refusal?.contains("'notes'") == true)
    }
}
