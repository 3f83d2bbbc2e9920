public import PhasegateCore
import PhasegateHashing
import PhasegateProbes

/// The tool that migrated a database before.
public enum EarlierTool: String, Sendable, CaseIterable {
    /// Alembic: the revision in `alembic_version`.
    case alembic
    /// Sqitch: the change that was deployed last.
    case sqitch
    /// Scripts run by hand, as with `psql -f`: nobody wrote down which.
    case scripts

    /// What asks for its state; nothing where there is none.
    func question(_ dialect: SQLDialect) -> String? {
        switch self {
        case .alembic: "SELECT version_num FROM alembic_version"
        case .sqitch:
            // On PostgreSQL the registry is a schema, elsewhere a database or file of its own.
            dialect == .postgresql
                ? "SELECT change FROM sqitch.changes ORDER BY committed_at DESC, change_id LIMIT 1" : nil
        case .scripts: nil
        }
    }
}

// A database that somebody else has migrated until now.
extension MigrationRunner {
    /// Writes into a target's journal that everything up to a version is there already.
    ///
    /// - Parameters:
    ///   - version: the last version that is there; the next one is applied next.
    ///   - target: the database; its journal has to be empty.
    ///   - tool: what migrated it until now.
    ///   - head: where that tool has to stand.
    ///   - limit: how long it may take.
    /// - Returns: what was found, with the digest of the schema as it is.
    /// - Throws: `StepError` when the tool stands elsewhere, or the journal has rows; nothing was written then.
    public func adopt(
        _ version: Int,
        of target: TargetName,
        from tool: EarlierTool,
        at head: String?,
        within limit: Duration = .seconds(60)
    ) async throws(StepError) -> String {
        do throws(SessionError) {
            let session = try await sessions.newSession(on: target, for: .writing)
            return try await closing(session) { (session) throws(SessionError) in
                let found = try await standing(of: tool, in: session, within: limit)
                if let head, found != head {
                    throw SessionError(
                        .failed,
                        "\(tool.rawValue) stands at '\(found ?? "nothing")', and not at '\(head)'"
                    )
                }
                let seen = try await schema(of: session, within: limit)
                guard !seen.tables.isEmpty else {
                    throw SessionError(.failed, "'\(target)' has no tables: there is nothing to take over")
                }
                let journal = MigrationJournal(session: session, limit: limit)
                // MariaDB commits when the table is made, so that is not in the transaction.
                try await journal.prepare()
                guard try await journal.rows().isEmpty else {
                    throw SessionError(.failed, "'\(target)' has a journal with migrations already")
                }
                let name = "\(tool.rawValue)\(found.map { " at \($0)" } ?? "")"
                try await journal.recordBaseline(version, named: name, at: now())
                let digest = StatementJournal.digest(of: seen)
                return "\(name), \(seen.tables.count) tables, schema \(digest)"
            }
        } catch {
            throw StepError("'\(target)' was not taken over: \(error.message)")
        }
    }

    /// Where a tool stands in a database.
    private func standing(of tool: EarlierTool, in session: any DatabaseSession, within limit: Duration)
        async throws(SessionError) -> String?
    {
        guard let question = tool.question(session.dialect) else {
            guard tool == .scripts else {
                throw SessionError(
                    .unsupported,
                    "where \(tool.rawValue) stands is only read on PostgreSQL; use 'scripts'"
                )
            }
            return nil
        }
        let rows = try await session.rows(SQLQuery(literal: question), within: limit)
        guard rows.count == 1, let head = rows[0].values.first?.text else {
            throw SessionError(.failed, "\(tool.rawValue) has \(rows.count) heads, and one is wanted")
        }
        return head
    }
}
