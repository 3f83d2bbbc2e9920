public import PhasegateProbes
import Synchronization

extension MariaDBSession: ActivityReading {
    /// Reads the process list and InnoDB's transactions (https://mariadb.com/kb/en/information-schema-innodb-tables/).
    public func activity(_ what: ServerActivity, within limit: Duration) throws(SessionError) -> (
        value: Double?, query: String
    ) {
        let sql = try statement(for: what)
        if what == .blockedSessions || what == .longestTransaction {
            // InnoDB shows transactions as they were when nobody had looked for a tenth of a second (trx0i_s.cc).
            _ = try rows(SQLQuery(literal: "SELECT sleep(0.11)"), within: limit)
        }
        let rows = try rows(SQLQuery(literal: sql), within: limit)
        if what == .replicationLag {
            // NULL of one that has stopped: how far it lies behind is not known.
            let lags = rows.map { $0["Seconds_Behind_Master"]?.whole }
            return (lags.contains(nil) ? nil : lags.compactMap(\.self).max().map(Double.init), sql)
        }
        switch rows.first?.values.first {
        case .integer(let number): return (Double(number), sql)
        case .real(let number): return (number, sql)
        case .decimal(let digits): return (Double(digits), sql)
        case .null, .text, .blob, nil: return (nil, sql)
        }
    }

    /// Clients that are not this process: the server's own threads and replicas are no clients.
    private var client: String {
        let own = OwnConnections.ids(at: "\(address)").map(String.init).joined(separator: ", ")
        return "user NOT IN ('system user', 'event_scheduler') AND command NOT IN ('Daemon', 'Binlog Dump') "
            + "AND id NOT IN (connection_id()\(own.isEmpty ? "" : ", " + own))"
    }

    private func statement(for what: ServerActivity) throws(SessionError) -> String {
        let processes = "information_schema.processlist"
        switch what {
        case .connections: return "SELECT count(*) FROM \(processes) WHERE \(client)"
        case .connectionShare:
            return "SELECT 100.0 * count(*) / @@GLOBAL.max_connections FROM \(processes) WHERE \(client)"
        case .blockedSessions:
            return "SELECT count(*) FROM \(processes) WHERE \(client) AND (state LIKE 'Waiting for%lock' OR id IN "
                + "(SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'))"
        case .longestTransaction:
            // InnoDB writes its times down in the zone of the machine.
            return "SELECT coalesce(max(timestampdiff(SECOND, trx_started, "
                + "convert_tz(utc_timestamp(), '+00:00', 'SYSTEM'))), 0) FROM information_schema.innodb_trx "
                + "WHERE trx_mysql_thread_id IN (SELECT id FROM \(processes) WHERE \(client))"
        case .replicationLag: return "SHOW ALL SLAVES STATUS"
        case .indexBuilds:
            return "SELECT count(*) FROM \(processes) WHERE \(client) AND state IN ('altering table', "
                + "'copy to tmp table', 'preparing for alter table', 'committing alter table to storage engine')"
        case .rolledBack:
            return "SELECT 100.0 * sum(if(variable_name = 'COM_ROLLBACK', variable_value, 0)) / "
                + "nullif(sum(variable_value), 0) FROM information_schema.global_status "
                + "WHERE variable_name IN ('COM_ROLLBACK', 'COM_COMMIT')"
        case .statisticsAge:
            return "SELECT timestampdiff(SECOND, min(s.last_update), convert_tz(utc_timestamp(), '+00:00', 'SYSTEM')) "
                + "FROM mysql.innodb_table_stats s WHERE s.database_name = database() AND s.n_rows > 0 "
                + "AND s.table_name NOT LIKE 'phasegate\\_%'"
        case .invalidIndexes, .unvalidatedConstraints, .archiverFailures:
            throw SessionError(
                .unsupported,
                "MariaDB has no \(what.rawValue.split(separator: "-").joined(separator: " "))"
            )
        }
    }
}

/// Connections of this process, by which it tells its own from other clients: the server has no name for them.
enum OwnConnections {
    private static let open = Mutex<[String: Set<Int64>]>([:])

    static func ids(at place: String) -> [Int64] { open.withLock { ($0[place] ?? []).sorted() } }

    static func opened(_ id: Int64, at place: String) { _ = open.withLock { $0[place, default: []].insert(id) } }

    static func closed(_ id: Int64, at place: String) { _ = open.withLock { $0[place]?.remove(id) } }
}
