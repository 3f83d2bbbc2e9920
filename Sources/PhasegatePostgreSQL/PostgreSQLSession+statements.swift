public import PhasegateProbes

extension PostgreSQLSession: StatementStatistics {
    /// Reads `pg_stat_statements` (https://www.postgresql.org/docs/15/pgstatstatements.html).
    public func statementTotals(within limit: Duration) throws(SessionError) -> [StatementTotal] {
        let extensions =
            "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        let place = try rows(
            SQLQuery(literal: extensions + "WHERE e.extname = 'pg_stat_statements'"),
            within: limit
        ).first?.values.first?.text
        guard let place else {
            throw SessionError(
                .unsupported,
                "'\(address)' keeps no statistics of statements: add pg_stat_statements to shared_preload_libraries and "
                    + "run CREATE EXTENSION pg_stat_statements"
            )
        }
        let rows = try rows(
            SQLQuery(
                literal: """
                    SELECT queryid::text, sum(calls)::bigint, sum(total_exec_time)::float8, \
                    left(regexp_replace(min(query), '\\s+', ' ', 'g'), 120) FROM \(place).pg_stat_statements \
                    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                    AND query NOT LIKE '%pg_stat_statements%' GROUP BY queryid
                    """
            ),
            within: limit
        )
        // What other users run is shown without its identifier to those who may not know of it.
        guard !rows.contains(where: { $0.values[0] == .null }) else {
            throw SessionError(
                .notPermitted,
                "'\(address)' does not show what other users run: grant pg_read_all_stats to this one"
            )
        }
        return rows.map { row in
            StatementTotal(
                id: row.values[0].text ?? "",
                text: row.values[3].text ?? "",
                calls: row.values[1].integer ?? 0,
                milliseconds: row.values[2].number ?? 0
            )
        }
    }
}
