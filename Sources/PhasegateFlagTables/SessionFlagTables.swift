public import PhasegateCore
public import PhasegateFlags
public import PhasegateProbes

/// Flag tables in the databases of a rollout.
public struct SessionFlagTables: FlagTables {
    private let sessions: SessionPool

    /// Takes what opens the databases; opens nothing.
    public init(sessions: SessionPool) { self.sessions = sessions }

    /// A kill is tried again; one attempt must not eat its time.
    private static let limit = Duration.seconds(10)

    /// Whether a table is there; see `FlagTables`.
    public func hasTable(_ name: String, on target: TargetName) async throws(FlagError) -> Bool {
        try await reaching(target, for: .reading) { session throws(SessionError) in
            try await Self.hasTable(name, in: session)
        }
    }

    /// Runs one statement; see `FlagTables`.
    public func rows(
        _ sql: String,
        _ parameters: [String: String],
        on target: TargetName
    ) async throws(FlagError) -> [[String: String]] {
        try await reaching(target, for: sql.hasPrefix("SELECT") ? .reading : .writing) {
            session throws(SessionError) in
            try await session.rows(SQLQuery(sql, parameters.mapValues(SQLValue.text)), within: Self.limit).map { row in
                Dictionary(uniqueKeysWithValues: zip(row.columns, row.values.map { $0.text ?? $0.literal }))
            }
        }
    }

    static func hasTable(_ name: String, in session: any DatabaseSession) async throws(SessionError) -> Bool {
        let parts = name.split(separator: ".").map(String.init)
        let here: String
        switch session.dialect {
        case .sqlite: return try await count("FROM sqlite_master WHERE name = :table", parts, session)
        case .postgresql: here = "ANY (current_schemas(false))"
        case .mariadb: here = "database()"
        }
        let schema = parts.count == 2 ? ":schema" : here
        return try await count(
            "FROM information_schema.tables WHERE table_name = :table AND table_schema = \(schema)",
            parts,
            session
        )
    }

    private static func count(
        _ condition: String,
        _ parts: [String],
        _ session: any DatabaseSession
    ) async throws(SessionError) -> Bool {
        var parameters = ["table": SQLValue.text(parts.last ?? "")]
        if parts.count == 2 { parameters["schema"] = .text(parts[0]) }
        let rows = try await session.rows(SQLQuery("SELECT 1 AS there " + condition, parameters), within: limit)
        return !rows.isEmpty
    }

    private func reaching<Value: Sendable>(
        _ target: TargetName,
        for access: SessionAccess,
        _ body: (any DatabaseSession) async throws(SessionError) -> Value
    ) async throws(FlagError) -> Value {
        do {
            return try await closing(try await sessions.newSession(on: target, for: access), body)
        } catch {
            throw FlagError(.unreadable, "target '\(target)': \(error.message)")
        }
    }
}
