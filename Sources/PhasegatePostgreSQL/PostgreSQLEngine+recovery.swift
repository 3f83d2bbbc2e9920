import FoundationEssentials
import Glibc
import PhasegateCore
import PhasegateProbes

extension PostgreSQLEngine {
    /// Starts a scratch server on a copy of a base backup, and lets it recover.
    ///
    /// It speaks to nobody: no TCP, no archiving, no publisher, no standby, and
    /// nothing of the original's configuration is read.
    ///
    /// - Parameters:
    ///   - artifact: the base backup.
    ///   - taken: what is kept inside it.
    ///   - target: the settings that say how far.
    ///   - place: where its files go.
    ///   - limit: how long it may take, copying included.
    /// - Returns: the database on it, to be removed with `remove`.
    /// - Throws: `SessionError`; no server and no files are left then.
    func recover(
        _ artifact: String,
        _ taken: BaseBackupPosition,
        to target: [String: String],
        into place: ScratchPlace,
        within limit: Duration
    ) async throws(SessionError) -> DatabaseLocation {
        let end = ContinuousClock.now + limit
        let program = try await PostgreSQLTools(filesOf: taken.major).find("postgres")
        try demandRoom(for: artifactSize(artifact), in: place.directory)
        let account = try ScratchAccount(orElse: "postgres")
        let server = try ScratchServer(for: place.purpose, in: place.directory, as: account)
        do throws(SessionError) {
            let data = "\(server.home)/base"
            try await copyTrees(
                [Self.base(of: artifact), Self.log(of: artifact)],
                into: server.home,
                for: account,
                within: limit
            )
            try configure(server, data)
            var settings = Self.settings
            settings["data_directory"] = data
            settings["unix_socket_directories"] = server.sockets
            settings["max_prepared_transactions"] = "\(taken.preparedTransactions)"
            for file in ["hba_file", "ident_file"] { settings[file] = "\(server.home)/\(file)" }
            settings.merge(target) { $1 }
            let words = settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
            try server.start(
                [program, "-D", data, "-c", "config_file=\(server.home)/config_file"] + words,
                stoppedBy: "QUIT"
            )
            let location = DatabaseLocation.server(
                ServerAddress(
                    host: server.sockets,
                    port: 5432,
                    database: place.origin.address?.database ?? "",
                    user: taken.role,
                    connectTimeout: .seconds(5)
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

    /// Beside those that say where it is and how far it recovers; on the command line, where no file beats them.
    private static let settings = [
        "listen_addresses": "", "port": "5432", "ssl": "off", "unix_socket_permissions": "0700",
        "archive_mode": "off", "archive_cleanup_command": "", "recovery_end_command": "", "primary_conninfo": "",
        "max_wal_senders": "0", "max_logical_replication_workers": "0", "hot_standby": "off", "wal_level": "replica",
        "recovery_target_action": "promote", "shared_preload_libraries": "",
        "autovacuum": "off", "fsync": "off", "full_page_writes": "off", "logging_collector": "off",
        "log_destination": "stderr", "max_connections": "20",
    ]

    /// Puts files in place of those that came along with the original.
    private func configure(_ server: ScratchServer, _ data: String) throws(SessionError) {
        let files = [
            "\(server.home)/config_file": "", "\(server.home)/ident_file": "",
            // Only who owns the directory of the socket comes as far as this.
            "\(server.home)/hba_file": "local all all trust\n",
            "\(data)/postgresql.auto.conf": "", "\(data)/recovery.signal": "",
        ]
        do {
            try? FileManager.default.removeItem(atPath: "\(data)/standby.signal")
            for (path, text) in files {
                try Data(text.utf8).write(to: URL(filePath: path))
                chmod(path, 0o644)
            }
        } catch {
            throw SessionError(.unreachable, "cannot prepare '\(data)': \(error)")
        }
    }
}
