import PhasegateProbes
import PhasegateTesting
import Testing

/// A server of its own whose files are backed up: on a shared one everybody's databases would be copied.
struct PhysicalSample: Sendable, CustomTestStringConvertible {
    let engine: EngineSample
    let format: BackupFormat

    var testDescription: String { format.rawValue }

    static let all = (PostgreSQLServer.isWanted ? [postgreSQL] : []) + (MariaDBServer.isWanted ? [mariaDB] : [])

    static let postgreSQLServer = PostgreSQLServer()
    static let postgreSQL = PhysicalSample(
        engine: .postgreSQL(at: postgreSQLServer),
        format: .baseBackup
    )
    static let mariaDBServer = MariaDBServer(settings: ["--innodb-log-file-size=8M"])
    static let mariaDB = PhysicalSample(engine: .mariaDB(at: mariaDBServer), format: .mariaDBBackup)

    /// A bench with a filled database, whose backups are of the format.
    func backups() async throws -> BackupBench {
        let backups = try BackupBench(on: engine, format: format)
        try await backups.fill()
        return backups
    }

    /// Runs statements as the server's owner.
    func administer(_ sql: String) async throws {
        if format == .baseBackup {
            try await Self.postgreSQLServer.psql(sql)
        } else {
            try await Self.mariaDBServer.client(sql)
        }
    }
}
