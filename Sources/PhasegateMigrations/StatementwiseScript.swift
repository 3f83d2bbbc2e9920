import PhasegateHashing
import PhasegateProbes

/// Carries a script out statement by statement, and goes on where an earlier try was cut off.
///
/// A statement that takes part in a transaction is one with its mark in the
/// journal. One that does not is atomic by itself (MariaDB 10.6 and later, and
/// PostgreSQL once an invalid index is cleared away), so of one that was begun
/// and not marked the schema tells whether it took effect.
struct StatementwiseScript {
    let statements: [SQLScript.Statement]
    let version: Int
    let direction: StatementJournal.Direction
    let session: any StatementwiseMigrating
    let limit: Duration

    private var journal: StatementJournal { StatementJournal(session: session, limit: limit) }

    /// Runs what is not done yet.
    ///
    /// - Returns: the schema before the first statement, also when that was run by somebody else.
    /// - Throws: `SessionError`; what was done until then stays and is in the journal, the statement that failed is not.
    func carryOut() async throws(SessionError) -> DatabaseSchema {
        let known = try await journal.rows(of: version, direction)
        guard known.count <= statements.count else {
            throw SessionError(
                .badStatement,
                "\(known.count) statements were begun, and now there are \(statements.count)"
            )
        }
        var before = known.first?.schemaBefore
        for (index, statement) in statements.enumerated() {
            let hash = sha256(of: statement.normalized)
            let isAlone = !session.isTransactional(statement)
            if index < known.count {
                let row = known[index]
                guard row.hash == hash else {
                    throw SessionError(
                        .badStatement,
                        "statement \(index + 1), in line \(statement.line), was edited after it had been begun; restore it"
                    )
                }
                if row.isDone { continue }
                if isAlone { try await session.clearLeftovers(of: statement, within: limit) }
                if isAlone, StatementJournal.digest(of: try await schema()) != row.schemaDigest {
                    try await journal.finish(index + 1, of: version, direction)
                    continue
                }
            }
            let present = isAlone || before == nil ? try await schema() : nil
            before = before ?? present
            let row = StatementJournal.Row(
                number: index + 1,
                hash: hash,
                schemaDigest: isAlone ? present.map(StatementJournal.digest) ?? "" : "",
                schemaBefore: index == 0 ? before : nil,
                isDone: false
            )
            try await journal.begin(row, of: version, direction)
            do throws(SessionError) {
                try await run(statement, isAlone: isAlone, number: index + 1)
            } catch {
                // Of a lost connection only the next look tells what became of it.
                if await session.isUsable {
                    if isAlone { try await session.clearLeftovers(of: statement, within: limit) }
                    try await journal.forget(index + 1, of: version, direction)
                }
                throw SessionError(error.code, "statement \(index + 1), in line \(statement.line): \(error.message)")
            }
        }
        if let before { return before }
        return try await schema()
    }

    private func run(_ statement: SQLScript.Statement, isAlone: Bool, number: Int) async throws(SessionError) {
        if isAlone {
            try await session.run(script: statement.text, within: limit)
            return try await journal.finish(number, of: version, direction)
        }
        try await session.run(script: "START TRANSACTION", within: limit)
        do throws(SessionError) {
            try await session.run(script: statement.text, within: limit)
            try await journal.finish(number, of: version, direction)
            try await session.run(script: "COMMIT", within: limit)
        } catch {
            try? await session.run(script: "ROLLBACK", within: .seconds(10))
            throw error
        }
    }

    private func schema() async throws(SessionError) -> DatabaseSchema {
        guard let reader = session as? any SchemaReading else {
            throw SessionError(.unsupported, "the engine cannot read its schema")
        }
        return try await reader.schema(within: limit)
    }
}
