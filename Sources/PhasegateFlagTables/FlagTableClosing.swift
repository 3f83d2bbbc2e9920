public import PhasegateCore
import PhasegateFlags
public import PhasegateProbes

/// Sets a ramp's flag to nobody in its table in the transaction that takes the ramp's schema back.
///
/// The flag was closed before, as a step of its own. Whoever raised it by hand
/// since would have applications read the new way from the old schema; in one
/// transaction nobody ever sees both.
public struct FlagTableClosing: Sendable {
    private let rollout: Rollout
    /// As for the sink itself: a migration must not hang on it.
    private static let limit = Duration.seconds(10)

    /// Takes the plan.
    public init(_ rollout: Rollout) { self.rollout = rollout }

    /// Closes the flags whose schema a step takes back, where they are kept in the same database.
    ///
    /// - Parameters:
    ///   - step: any step; one that takes nothing back does nothing here.
    ///   - session: of the step's target, in its transaction where there is one.
    /// - Throws: `SessionError`; the step must not go on then.
    public func callAsFunction(alongside step: Step, in session: any DatabaseSession) async throws(SessionError) {
        for (flag, migration) in closing(step) {
            for sink in flag.sinks {
                guard let (target, table, statement) = FlagSinks.tableClosing(of: sink, flag),
                    target == migration.target,
                    try await SessionFlagTables.hasTable(table, in: session)
                else { continue }
                let query = SQLQuery(statement, ["flag": .text(flag.key.rawValue)])
                _ = try await session.rows(query, within: Self.limit)
            }
        }
    }

    /// The flags of the phases that a step belongs to, if it takes one of them back.
    private func closing(_ step: Step) -> [(Rollout.Flag, MigrationStep)] {
        let migration: MigrationStep
        let sets: [(Phase, MigrationSet?)]
        switch step {
        case .unmigrate(let found): (migration, sets) = (found, rollout.phases.map { ($0, $0.change) })
        case .migrate(let found): (migration, sets) = (found, rollout.phases.map { ($0, $0.compensation) })
        case .expose, .checkHealth: return []
        }
        return sets.compactMap { phase, set in
            guard let set, set.directory == migration.directory, set.target == migration.target,
                set.versions.contains(migration.version), let key = phase.ramp?.flag,
                let flag = rollout.flags.first(where: { $0.key == key })
            else { return nil }
            return (flag, migration)
        }
    }
}
