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
    /// Rests before something is tried again that found a lock in its way.
    var pause: @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }

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
                if isAlone, try await tookEffect(statement, row) {
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
                schemaBefore: isAlone ? present : index == 0 ? before : nil,
                isDone: false
            )
            try await journal.begin(row, of: version, direction)
            do throws(SessionError) {
                try await retryingLocks(until: .now + limit, pause: pause) { () throws(SessionError) in
                    try await run(statement, isAlone: isAlone, number: index + 1)
                }
            } catch {
                // Of a lost connection only the next look tells what became of it. A time that is up says nothing either:
                // the server may have been done just then.
                if await session.isUsable {
                    if isAlone, try await tookEffect(statement, row) {
                        try await journal.finish(index + 1, of: version, direction)
                    } else {
                        try await journal.forget(index + 1, of: version, direction)
                    }
                }
                throw SessionError(error.code, "statement \(index + 1), in line \(statement.line): \(error.message)")
            }
        }
        if let before { return before }
        return try await schema()
    }

    /// Finds out what became of the statement that was under way when the connection was lost, and writes it down.
    ///
    /// What it left half-way, as an index that is not valid, is cleared away.
    func settle() async throws(SessionError) {
        let known = try await journal.rows(of: version, direction)
        guard let row = known.last, !row.isDone, known.count <= statements.count else { return }
        let statement = statements[known.count - 1]
        guard row.hash == sha256(of: statement.normalized) else { return }
        // One that takes part in a transaction has its mark if it took effect.
        if !session.isTransactional(statement), try await tookEffect(statement, row) {
            try await journal.finish(known.count, of: version, direction)
        } else {
            try await journal.forget(known.count, of: version, direction)
        }
    }

    private func run(_ statement: SQLScript.Statement, isAlone: Bool, number: Int) async throws(SessionError) {
        if isAlone {
            try await session.runAlone(statement, within: limit)
            guard try await session.tookEffect(statement, within: limit) != false else {
                throw SessionError(.failed, "it said nothing was wrong, and had no effect")
            }
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

    /// Whether a statement that was begun and takes part in no transaction did what it does.
    ///
    /// - Throws: `SessionError.outcomeUnknown` when the schema was changed otherwise meanwhile, so that it does not tell.
    private func tookEffect(_ statement: SQLScript.Statement, _ row: StatementJournal.Row) async throws(SessionError)
        -> Bool
    {
        if let told = try await session.tookEffect(statement, within: limit) { return told }
        let present = try await schema()
        guard StatementJournal.digest(of: present) != row.schemaDigest else { return false }
        let text = statement.normalized.lowercased()
        let differences = row.schemaBefore.map { present.differences(from: $0) } ?? []
        // Each names what it is about in quotes, tables and indexes by their last name.
        let isOurs = differences.allSatisfy { difference in
            let name = difference.split(separator: "'").dropFirst().first.map(String.init) ?? ""
            return text.contains((session.dialect.parts(of: name).last ?? name).lowercased())
        }
        guard !differences.isEmpty, isOurs else {
            throw SessionError(
                .outcomeUnknown,
                "in line \(statement.line) it was begun, and the schema has changed otherwise since: "
                    + (differences.first ?? "it is not known how")
            )
        }
        return true
    }

    private func schema() async throws(SessionError) -> DatabaseSchema {
        guard let reader = session as? any SchemaReading else {
            throw SessionError(.unsupported, "the engine cannot read its schema")
        }
        return try await reader.schema(within: limit)
    }
}
