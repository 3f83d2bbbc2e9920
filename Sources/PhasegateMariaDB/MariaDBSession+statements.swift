public import PhasegateProbes

extension MariaDBSession: StatementStatistics {
    /// Reads the performance schema (https://mariadb.com/kb/en/performance-schema-events_statements_summary_by_digest-table/).
    public func statementTotals(within limit: Duration) throws(SessionError) -> [StatementTotal] {
        let isOn = try rows(SQLQuery(literal: "SELECT @@GLOBAL.performance_schema"), within: limit).first?.values.first
        guard isOn?.whole == 1 else {
            throw SessionError(
                .unsupported,
                "'\(address)' keeps no statistics of statements: start the server with performance_schema=ON"
            )
        }
        return try rows(
            SQLQuery(
                literal: """
                    SELECT digest, sum(count_star), sum(sum_timer_wait) / 1e9, left(min(digest_text), 120) \
                    FROM performance_schema.events_statements_summary_by_digest \
                    WHERE schema_name = database() AND digest IS NOT NULL \
                    AND digest_text NOT LIKE '%performance_schema%' GROUP BY digest
                    """
            ),
            within: limit
        ).map { row in
            StatementTotal(
                id: row.values[0].text ?? "",
                text: row.values[3].text ?? "",
                calls: row.values[1].whole ?? 0,
                milliseconds: row.values[2].number ?? 0
            )
        }
    }
}
