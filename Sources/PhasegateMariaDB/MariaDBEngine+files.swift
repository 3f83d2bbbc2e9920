import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateProbes

/// Copies of the server's files, whose content is proven by reading it before and after (docs/decisions/0020).
extension MariaDBEngine {
    private static let backupProgram = "mariadb-backup"

    /// Copies the server's files and prepares them, so that they are a database.
    ///
    /// - Parameters:
    ///   - location: the database whose contents are read; the files of all of them are copied.
    ///   - path: the new artifact, a directory.
    ///   - limit: how long it may take.
    /// - Returns: what the database held afterwards, and which tables were written to meanwhile.
    /// - Throws: `SessionError`; nothing is left at `path` then that was not there before.
    func copyFiles(of location: DatabaseLocation, to path: String, within limit: Duration)
        async throws(SessionError) -> SnapshotContent
    {
        let end = ContinuousClock.now + limit
        func left() -> Duration { end - ContinuousClock.now }
        let tools = MariaDBTools(try address(of: location), password: try password(of: location))
        let version = try await MariaDBTools.version(of: Self.backupProgram)
        let session = try await session(location, for: .reading)
        let bytes = try await closing(session) { (_) throws(SessionError) in
            try await session.demandCopyOfFiles(by: version, within: left())
        }
        try demandRoom(for: bytes, in: path)
        let partial = path + ".partial"
        try? FileManager.default.removeItem(atPath: partial)
        do throws(SessionError) {
            let before = try await snapshot(of: location, within: left())
            try await tools.run(
                Self.backupProgram,
                ["--backup", "--target-dir=\(partial)"],
                database: nil,
                within: left()
            )
            let after = try await snapshot(of: location, within: left())
            // Without this it is no database yet.
            try await MariaDBTools.runOnFiles(
                Self.backupProgram,
                ["--no-defaults", "--prepare", "--target-dir=\(partial)"],
                within: left()
            )
            guard after.schema.differences(from: before.schema).isEmpty else {
                throw SessionError(.locked, "the schema of '\(location)' was changed while its files were copied")
            }
            try publishArtifact(partial, as: path)
            return after.comparing(with: before)
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }

    private func snapshot(of location: DatabaseLocation, within limit: Duration) async throws(SessionError)
        -> SnapshotContent
    {
        let end = ContinuousClock.now + limit
        let reader = try await session(location, for: .reading)
        return try await closing(reader) { (_) throws(SessionError) in
            try await reader.beginSnapshot(within: limit)
            return try await reader.contents(hashing: true, within: end - ContinuousClock.now)
        }
    }

    /// Checks that the copy was prepared, and the checksums of all pages of InnoDB's files.
    func damageOfFiles(_ artifact: String, within limit: Duration) async throws(SessionError) -> String? {
        let end = ContinuousClock.now + limit
        let state = (try? String(contentsOfFile: "\(artifact)/xtrabackup_checkpoints", encoding: .utf8)) ?? ""
        guard state.contains("backup_type = log-applied") || state.contains("backup_type = full-prepared") else {
            return "it was not prepared to its end"
        }
        let files = (try? FileManager.default.subpathsOfDirectory(atPath: artifact))?.sorted() ?? []
        let tablespaces = files.filter { name in
            let file = name.split(separator: "/").last ?? ""
            return file.hasSuffix(".ibd") || file.hasPrefix("ibdata") || (file.hasPrefix("undo") && file.count == 7)
        }
        guard !tablespaces.isEmpty else { return "there are no files of InnoDB in it" }
        for file in tablespaces {
            for range in file.hasPrefix("ibdata1") ? Self.rangesBesideDoublewrite(in: artifact) : [[]] {
                do throws(SessionError) {
                    try await MariaDBTools.runOnFiles(
                        "innochecksum",
                        range + ["\(artifact)/\(file)"],
                        within: end - ContinuousClock.now
                    )
                } catch {
                    guard error.code == .failed else { throw error }
                    return "\(file): \(error.message)"
                }
            }
        }
        return nil
    }

    /// Which pages of the first system file are checked: not the doublewrite buffer, which is its second and third extent.
    ///
    /// What is in it was written while it was copied, and a prepared copy has no use for it any more.
    private static func rangesBesideDoublewrite(in artifact: String) -> [[String]] {
        let settings = (try? String(contentsOfFile: "\(artifact)/backup-my.cnf", encoding: .utf8)) ?? ""
        let line = settings.split(separator: "\n").first { $0.hasPrefix("innodb_page_size=") }
        let pageSize = line.flatMap { Int($0.dropFirst(17)) } ?? 16_384
        let extent = max(64, 1_048_576 / max(1, pageSize))
        return [["--end-page=\(extent - 1)"], ["--start-page=\(3 * extent)"]]
    }

    /// Starts a server on a copy of the files.
    ///
    /// It speaks to nobody: no TCP, no binary log, no replication, no events,
    /// and nothing of the original's configuration is read beyond what the
    /// files themselves need.
    func restoreFiles(_ artifact: String, into place: ScratchPlace, within limit: Duration)
        async throws(SessionError) -> DatabaseLocation
    {
        let end = ContinuousClock.now + limit
        let program = try await self.server(for: artifact)
        try demandRoom(for: artifactSize(artifact), in: place.directory)
        let account = try ScratchAccount(orElse: "mysql")
        let server = try ScratchServer(for: place.purpose, in: place.directory, as: account)
        do throws(SessionError) {
            try await copyTrees([artifact], into: server.home, for: account, within: limit)
            let name = artifact.split(separator: "/").last.map(String.init) ?? ""
            let data = "\(server.home)/\(name)"
            try server.start(
                [
                    program, "--defaults-file=\(data)/backup-my.cnf", "--datadir=\(data)",
                    "--tmpdir=\(data)", "--socket=\(server.sockets)/s", "--skip-networking", "--skip-log-bin",
                    "--skip-slave-start", "--event-scheduler=DISABLED", "--pid-file=\(data)/mariadbd.pid",
                    "--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0", "--max-connections=20",
                    // Only who owns the directory of the socket comes as far as this.
                    "--skip-grant-tables", "--character-set-server=utf8mb4",
                ],
                stoppedBy: "KILL"
            )
            let location = DatabaseLocation.server(
                ServerAddress(
                    host: "\(server.sockets)/s",
                    database: place.origin.address?.database ?? "",
                    user: Self.scratchUser
                )
            )
            try await server.firstEntry(until: end) { () throws(SessionError) in
                await (try await session(location, for: .reading)).close()
            }
            return location
        } catch {
            await server.stop()
            throw error
        }
    }

    /// Who reads restored files; no account, until accounts are looked at.
    static let scratchUser = "phasegate_scratch"

    private static let serverProgram = "mariadbd"

    /// Looks for the server that fits the files.
    private func server(for artifact: String) async throws(SessionError) -> String {
        let text = (try? String(contentsOfFile: "\(artifact)/xtrabackup_info", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("server_version = ") }
        let (wanted, found) = (
            line.map { mariaDBSeries(of: $0.dropFirst(17)) } ?? "",
            mariaDBSeries(of: try await MariaDBTools.version(of: Self.serverProgram))
        )
        guard wanted == found else {
            throw SessionError(.unsupported, "the files are of MariaDB \(wanted), and mariadbd here is of \(found)")
        }
        return try MariaDBTools.path(of: Self.serverProgram)
    }
}

extension SnapshotContent {
    /// This content, with the tables marked that were another at an earlier moment.
    ///
    /// A copy of files is of some moment in between. What was the same before
    /// and after was so then, unless it was changed and changed back, in which
    /// case the copy is refused.
    func comparing(with earlier: SnapshotContent) -> SnapshotContent {
        let before = Dictionary(earlier.tables.map { ($0.table, $0) }) { first, _ in first }
        let unsettled = tables.filter { before[$0.table] != $0 }.map { table in
            UnsettledTable(table: table.table, rowsBefore: before[table.table]?.rows ?? 0, rowsAfter: table.rows)
        }
        return SnapshotContent(schema: schema, tables: tables, unsettled: unsettled.isEmpty ? nil : unsettled)
    }
}
