public import PhasegateCore

/// Runs statements in the databases of a rollout, so that flags need not know the engines.
public protocol FlagTables: Sendable {
    /// Whether a table is there; changes nothing.
    ///
    /// - Throws: `FlagError` with `unreadable`.
    func hasTable(_ name: String, on target: TargetName) async throws(FlagError) -> Bool

    /// Runs one statement in a transaction of its own.
    ///
    /// - Parameters:
    ///   - sql: the statement, with parameters as `:name`.
    ///   - parameters: texts by name; numbers are written into the statement.
    ///   - target: the database.
    /// - Returns: rows as texts by column, in no order.
    /// - Throws: `FlagError` with `unreadable`; it may have taken effect.
    func rows(
        _ sql: String,
        _ parameters: [String: String],
        on target: TargetName
    ) async throws(FlagError) -> [[String: String]]
}
