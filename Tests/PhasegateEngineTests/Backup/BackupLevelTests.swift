import FoundationEssentials
import PhasegateCore
import PhasegateProbes
import Testing

/// Each level finds a kind of damage that the one before lets through.
@Suite("levels of a backup", .serialized)
struct BackupLevelTests {
    private func taken(on sample: EngineSample = .sqlite, _ format: BackupFormat? = nil) async throws
        -> (BackupBench, String)
    {
        let backups = try BackupBench(on: sample, format: format)
        try await backups.fill()
        return (backups, try await backups.take())
    }

    @Test(arguments: EngineSample.forBackups, BackupLevel.allCases)
    func aGoodBackupReachesEveryLevel(sample: EngineSample, level: BackupLevel) async throws {
        let (backups, manifest) = try await taken(on: sample)
        let proof = try await backups.verify(manifest, to: level)
        #expect(proof.level == level)
        #expect(proof.refusal == nil)
        #expect(proof.rows == (level >= .restored ? ["trades": 500, "notes": 2] : [:]))
        #expect((proof.restoreSeconds != nil) == (level >= .restored))
        #expect(backups.bench.names(in: "scratch") == [])
    }

    @Test(arguments: EngineSample.forBackups, ["truncated", "changed", "gone"])
    func anArtifactThatChangedFailsTheFirst(sample: EngineSample, how: String) async throws {
        let (backups, manifest) = try await taken(on: sample)
        switch how {
        case "truncated": try backups.damage(manifest) { $0.removeLast(400) }
        case "changed": try backups.damage(manifest) { $0[$0.count - 1] ^= 1 }
        default: try FileManager.default.removeItem(atPath: backups.artifact(manifest))
        }
        for level in BackupLevel.allCases {
            let proof = try await backups.verify(manifest, to: level)
            #expect(proof.level == nil)
            #expect(proof.refusal?.contains("artifact") == true)
        }
    }

    @Test func structuralDamageBeforeTheManifestFailsTheSecond() async throws {
        let (backups, manifest) = try await taken()
        // The kind of the second page: the root of 'trades'.
        try backups.damage(manifest) { $0[4096] = 0 }
        try backups.reseal(manifest)
        #expect(try await backups.verify(manifest, to: .artifact).refusal == nil)
        for level in BackupLevel.allCases where level > .artifact {
            let proof = try await backups.verify(manifest, to: level)
            #expect(proof.level == .artifact)
            #expect(proof.refusal != nil)
        }
    }

    @Test(arguments: [
        "DELETE FROM notes WHERE id = 2", "DROP INDEX by_symbol", "DROP TABLE notes", "CREATE TABLE more (v)",
    ])
    func aMissingPartFailsTheThird(script: String) async throws {
        let (backups, manifest) = try await taken()
        try await backups.bench.run(script, on: backups.artifact(manifest))
        try backups.reseal(manifest)
        #expect(try await backups.verify(manifest, to: .decodes).refusal == nil)
        for level in [BackupLevel.restored, .content] {
            let proof = try await backups.verify(manifest, to: level)
            #expect(proof.level == .decodes)
            #expect(proof.refusal != nil)
        }
    }

    /// One letter in a column without an index: SQLite's own check and the counts see nothing.
    @Test func oneFlippedByteFailsTheFourth() async throws {
        let (backups, manifest) = try await taken()
        try backups.damage(manifest) { data in
            let text = Data("owes nothing".utf8)
            guard let place = data.firstRange(of: text) else {
                Issue.record("the text is not in the artifact")
                return
            }
            data[place.lowerBound] ^= 0x02
        }
        try backups.reseal(manifest)
        #expect(
            try await backups.bench.rows("SELECT body FROM notes WHERE id = 1", on: backups.artifact(manifest))
                == [[.text("the customer mwes nothing")]]
        )
        for level in [BackupLevel.artifact, .decodes, .restored] {
            let proof = try await backups.verify(manifest, to: level)
            #expect(proof.level == level)
            #expect(proof.refusal == nil)
        }
        let proof = try await backups.verify(manifest, to: .content)
        #expect(proof.level == .restored)
        #expect(proof.refusal?.contains("'notes'") == true)
        let measured = try await backups.bench.measure("backup", ["level": .text("content")])
        #expect(measured.word == "refused")
    }

    /// A snapshot whose content was never hashed proves nothing about its content.
    @Test func aManifestWithoutHashesDoesNotReachTheFourth() async throws {
        let (backups, manifest) = try await taken()
        let old = try BackupManifest(file: manifest)
        let tables = old.snapshot.tables.map { TableContent(table: $0.table, rows: $0.rows, hash: "") }
        try BackupManifest(
            artifact: old.artifact,
            target: old.target,
            takenAt: old.takenAt,
            bytes: old.bytes,
            sha256: old.sha256,
            snapshot: SnapshotContent(schema: old.snapshot.schema, tables: tables)
        ).write(to: manifest)
        #expect(try await backups.verify(manifest, to: .content).level == .restored)
    }

    @Test(arguments: ["", "{}", "{\"artifact\": 1}"])
    func aDamagedManifestIsAnErrorAndNoProof(text: String) async throws {
        let (backups, manifest) = try await taken()
        try Data(text.utf8).write(to: URL(filePath: manifest))
        await #expect(throws: ProbeError.self) { try await backups.verify(manifest, to: .artifact) }
        await #expect(throws: ProbeError.self) { try await backups.verify(manifest + "x", to: .artifact) }
    }
}
