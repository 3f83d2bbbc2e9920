import FoundationEssentials
import PhasegateCore
import PhasegateProbes

/// A bench with a keeper of its main target, and ways of harming what it keeps.
struct BackupBench {
    let bench: Bench
    let keeper: BackupKeeper

    init(
        on sample: EngineSample = .sqlite,
        format: BackupFormat? = nil,
        _ fingerprint: DatabaseTarget.Fingerprint = .init()
    ) throws {
        bench = try Bench(on: sample, targets: ["main": fingerprint])
        keeper = BackupKeeper(
            target: "main",
            directory: bench.path(of: "backups"),
            scratchDirectory: bench.path(of: "scratch"),
            sessions: bench.sessions,
            format: format
        )
    }

    /// Fills the target: an indexed table, and one with text that no index covers.
    func fill() async throws {
        guard bench.sample.engine.name != "mariadb" else {
            return try await bench.make(
                "main",
                """
                CREATE TABLE trades (id INTEGER PRIMARY KEY, symbol VARCHAR(20) NOT NULL);
                CREATE INDEX by_symbol ON trades(symbol);
                CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
                INSERT INTO trades SELECT seq, concat('S', seq % 10) FROM seq_1_to_500;
                INSERT INTO notes VALUES (1, 'the customer owes nothing'), (2, NULL);
                """
            )
        }
        try await bench.make(
            "main",
            """
            CREATE TABLE trades (id INTEGER PRIMARY KEY, symbol TEXT NOT NULL);
            CREATE INDEX by_symbol ON trades(symbol);
            CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
            INSERT INTO trades SELECT i, 'S' || (i % 10) FROM n;
            INSERT INTO notes VALUES (1, 'the customer owes nothing'), (2, NULL);
            """
        )
    }

    /// Takes a backup and returns the manifest's path.
    func take(_ label: String = "test") async throws -> String {
        try await keeper.take(label: label, at: Bench.now, within: .seconds(30))
    }

    /// How far a backup is proven.
    func verify(_ manifest: String, to level: BackupLevel) async throws -> BackupKeeper.Proof {
        try await keeper.verify(manifest, to: level, within: .seconds(30))
    }

    /// Path of a manifest's artifact.
    func artifact(_ manifest: String) throws -> String {
        bench.path(of: "backups/\(try BackupManifest(file: manifest).artifact)")
    }

    /// Changes the bytes of a backup's artifact, or of a file in it.
    func damage(_ manifest: String, file: String = "", _ change: (inout Data) -> Void) throws {
        let path = try artifact(manifest)
        let url = URL(filePath: file.isEmpty ? path : "\(path)/\(file)")
        var data = try Data(contentsOf: url)
        change(&data)
        try data.write(to: url)
    }

    /// Makes the manifest agree with the artifact as it is now, as if it had been damaged before it was written.
    func reseal(_ manifest: String) throws {
        let old = try BackupManifest(file: manifest)
        let path = try artifact(manifest)
        try BackupManifest(
            artifact: old.artifact,
            target: old.target,
            format: old.format,
            takenAt: old.takenAt,
            bytes: artifactSize(path),
            sha256: try artifactDigest(path),
            snapshot: old.snapshot
        ).write(to: manifest)
    }
}
