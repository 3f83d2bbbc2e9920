public import PhasegateProbes

extension PostgreSQLSession: ActivityReading {
    /// Reads the statistics views (https://www.postgresql.org/docs/15/monitoring-stats.html).
    public func activity(_ what: ServerActivity, within limit: Duration) throws(SessionError) -> (
        value: Double?, query: String
    ) {
        let sql = Self.statement(for: what)
        let value = try rows(SQLQuery(literal: sql), within: limit).first?.values.first
        switch value {
        case .integer(let number): return (Double(number), sql)
        case .real(let number): return (number, sql)
        case .decimal(let digits): return (Double(digits), sql)
        case .null, .text, .blob, nil: return (nil, sql)
        }
    }

    /// A client that is not phasegate.
    private static let client = "backend_type = 'client backend' AND application_name <> 'phasegate'"

    private static func statement(for what: ServerActivity) -> String {
        switch what {
        case .connections: "SELECT count(*) FROM pg_stat_activity WHERE \(client)"
        case .connectionShare:
            // What is kept back for superusers is not there for an application.
            "SELECT 100.0 * count(*) / (current_setting('max_connections')::int "
                + "- current_setting('superuser_reserved_connections')::int) FROM pg_stat_activity WHERE \(client)"
        case .blockedSessions:
            "SELECT count(*) FROM pg_stat_activity WHERE \(client) AND cardinality(pg_blocking_pids(pid)) > 0"
        case .longestTransaction:
            "SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0) FROM pg_stat_activity "
                + "WHERE \(client)"
        case .replicationLag:
            // A replica that has replayed all there is lies behind by nothing, however long ago that was.
            "SELECT CASE WHEN pg_is_in_recovery() THEN CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() "
                + "THEN 0 ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END "
                + "ELSE (SELECT max(coalesce(extract(epoch FROM replay_lag), 0)) FROM pg_stat_replication) END"
        case .indexBuilds:
            "SELECT count(*) FROM pg_stat_progress_create_index p JOIN pg_stat_activity a USING (pid) WHERE \(client)"
        case .rolledBack:
            "SELECT 100.0 * xact_rollback / nullif(xact_commit + xact_rollback, 0) FROM pg_stat_database "
                + "WHERE datname = current_database()"
        case .statisticsAge:
            // A table with rows that was never looked at has no age: NULL, which is not measured.
            "SELECT extract(epoch FROM clock_timestamp() - CASE WHEN bool_and(greatest(last_analyze, last_autoanalyze) "
                + "IS NOT NULL) THEN min(greatest(last_analyze, last_autoanalyze)) END) FROM pg_stat_user_tables s "
                + "WHERE schemaname NOT LIKE 'phasegate%' AND relname NOT LIKE 'phasegate\\_%' AND "
                + "pg_relation_size(relid) > 0"
        case .invalidIndexes:
            // One that is just being built is not valid yet.
            "SELECT count(*) FROM pg_index WHERE NOT (indisvalid AND indisready) AND indexrelid NOT IN "
                + "(SELECT index_relid FROM pg_stat_progress_create_index)"
        case .unvalidatedConstraints: "SELECT count(*) FROM pg_constraint WHERE NOT convalidated"
        case .archiverFailures:
            "SELECT CASE WHEN current_setting('archive_mode') <> 'off' THEN failed_count END FROM pg_stat_archiver"
        }
    }
}
