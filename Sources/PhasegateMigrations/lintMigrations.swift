public import PhasegateCore
public import PhasegateProbes

/// Checks the migration files a rollout names.
///
/// - Parameters:
///   - rollout: the rollout.
///   - baseDirectory: where paths of the rollout file begin.
///   - places: where the phases' `change` stands, by `phases/NAME/change`.
/// - Returns: every problem of the directories, versions without a file, and phases that call themselves reversible
///   without a way back.
public func lintMigrations(of rollout: Rollout, baseDirectory: String, places: [String: Place]) -> [Diagnostic] {
    var found: [Diagnostic] = []
    var directories: [String: MigrationDirectory] = [:]
    var applied: [String: Int] = [:]
    for phase in rollout.orderedPhases {
        for set in [phase.change, phase.compensation].compactMap(\.self) {
            let place = places["phases/\(phase.name)/change"] ?? places["phases/\(phase.name)"]
            let path = absolutePath(set.directory, in: baseDirectory)
            let directory =
                directories[path] ?? MigrationDirectory(path: path, dialect: rollout.dialect(of: set.target))
            if directories[path] == nil { found += directory.diagnostics.map { $0.placed(at: place) } }
            directories[path] = directory
            guard !directory.files.isEmpty || directory.diagnostics.isEmpty else { continue }
            for version in set.versions {
                guard let file = directory.file(version) else {
                    found.append(
                        Diagnostic(
                            rule: "missing-migration",
                            "phase '\(phase.name)' applies migration \(version), which '\(set.directory)' does not have",
                            at: place
                        )
                    )
                    continue
                }
                if phase.reversibility == .reversible, set == phase.change, file.rollback == nil {
                    found.append(
                        Diagnostic(
                            rule: "missing-rollback",
                            "phase '\(phase.name)' is reversible, but '\(file.name)' has no rollback",
                            hint:
                                "add 'rollback/\(file.name.prefix { $0.isNumber })_rollback.sql' or call the phase irreversible",
                            at: place
                        )
                    )
                }
                if let earlier = applied[path], version <= earlier {
                    found.append(
                        Diagnostic(
                            rule: "migration-order",
                            "phase '\(phase.name)' applies migration \(version) after \(earlier)",
                            hint: "apply migrations in the order of their numbers",
                            at: place
                        )
                    )
                }
                applied[path] = max(applied[path] ?? 0, version)
            }
        }
    }
    return found
}

extension Rollout {
    /// How the migrations of a target are written; SQLite's way where there is no such target.
    public func dialect(of target: TargetName) -> SQLDialect {
        self.target(target).flatMap { SQLDialect(rawValue: $0.engine) } ?? .sqlite
    }
}
