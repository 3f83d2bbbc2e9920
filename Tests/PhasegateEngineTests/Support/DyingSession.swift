import PhasegateProbes
import PhasegateTesting

/// A session whose process dies at a statement, before or after it is run.
struct DyingSession: StatementwiseMigrating {
    struct State: Sendable {}

    private let real: any StatementwiseMigrating
    private let last: String
    private let isAfter: Bool
    private let power = PowerSwitch()

    init(_ real: any StatementwiseMigrating, at last: String, after isAfter: Bool) {
        self.real = real
        self.last = last
        self.isAfter = isAfter
    }

    var dialect: SQLDialect { real.dialect }
    var isUsable: Bool { !power.isCut }

    func rows(_ query: SQLQuery, within limit: Duration) async throws(SessionError) -> [SQLRow] {
        guard !power.isCut else { throw SessionError(.closed, "dead") }
        return try await real.rows(query, within: limit)
    }

    func run(script: String, within limit: Duration) async throws(SessionError) {
        guard !power.isCut else { throw SessionError(.closed, "dead") }
        guard script == last else { return try await real.run(script: script, within: limit) }
        if isAfter { try await real.run(script: script, within: limit) }
        power.cut()
        throw SessionError(.closed, "dead")
    }

    func close() async { await real.close() }

    func runAlone(_ statement: SQLScript.Statement, within limit: Duration) async throws(SessionError) {
        try await run(script: statement.text, within: limit)
    }

    func tookEffect(_ statement: SQLScript.Statement, within limit: Duration) async throws(SessionError) -> Bool? {
        guard !power.isCut else { throw SessionError(.closed, "dead") }
        return try await real.tookEffect(statement, within: limit)
    }

    func lockMigrations() async throws(SessionError) { try await real.lockMigrations() }

    func isTransactional(_ statement: SQLScript.Statement) -> Bool { real.isTransactional(statement) }
}

extension DyingSession: SchemaReading {
    func schema(within limit: Duration) async throws(SessionError) -> DatabaseSchema {
        guard !power.isCut, let reader = real as? any SchemaReading else { throw SessionError(.closed, "dead") }
        return try await reader.schema(within: limit)
    }
}
