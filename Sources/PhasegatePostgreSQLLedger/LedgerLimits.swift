import PhasegateCore

/// How long things may take, all following from how long a lease lasts: what takes longer would lose it.
struct LedgerLimits: Sendable {
    /// How long a lease lasts without being renewed.
    let lease: Duration

    /// How long a statement may run, and how long a lost connection is sought anew.
    var statement: Duration { min(max(lease, .seconds(2)), .seconds(30)) }
    /// How long it waits for somebody else's lock.
    var lock: Duration { statement / 2 }
    /// How long an open transaction may be silent: after that its owner is frozen or gone, and others must get on.
    var idle: Duration { statement / 3 }
    /// How often a lease is renewed.
    var beat: Duration { lease / 3 }
    /// For what reads a whole ledger.
    var reading: Duration { .seconds(600) }

    /// Settings of the session, which go with the connection.
    var settings: [String] {
        let silence = max(3, statement.milliseconds / 1000)
        return [
            "DateStyle=ISO,YMD", "TimeZone=UTC", "client_min_messages=warning", "standard_conforming_strings=on",
            // Nothing of ours is looked up in a schema that others can write to.
            "search_path=pg_catalog", "default_transaction_read_only=off",
            // A part of the rows must not be taken for all: the server refuses instead.
            "row_security=off",
            // Durable on return, whatever the role or database has set.
            "synchronous_commit=on",
            "statement_timeout=\(statement.milliseconds)", "lock_timeout=\(lock.milliseconds)",
            "idle_in_transaction_session_timeout=\(idle.milliseconds)", "idle_session_timeout=0",
            // How soon the server notices that we are gone.
            "client_connection_check_interval=1000", "tcp_keepalives_idle=\(max(1, silence / 3))",
            "tcp_keepalives_interval=\(max(1, silence / 6))", "tcp_keepalives_count=3",
            "tcp_user_timeout=\(silence * 1000)",
        ]
    }
}
