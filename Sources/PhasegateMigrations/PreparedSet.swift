import PhasegateCore
import PhasegateProbes

/// What a backup and a rehearsal have shown of several migrations that follow each other.
///
/// A set is proven before its first migration: one backup, and one rehearsal
/// of all of them there and back. While the same process goes through the set,
/// and the target's schema is what it was in the rehearsal, the next ones need
/// no other.
struct PreparedSet: Sendable {
    let directory: String
    let target: TargetName
    /// Checksum of each rehearsed file by its version.
    let checksums: [Int: String]
    /// The schema each one found in the rehearsal.
    let schemas: [Int: DatabaseSchema]
    /// Proof the backup was put to.
    let level: BackupLevel
    let takenAt: Moment
    /// What the first step said of backup and rehearsal.
    let evidence: [String: String]

    /// How old the backup may be for a later migration of the set to begin.
    static let longest = Duration.seconds(3600)

    /// Whether it covers a step at a moment, as far as can be said without the target.
    func covers(_ step: MigrationStep, _ file: MigrationFile, at moment: Moment) -> Bool {
        let age = moment - takenAt
        return directory == step.directory && target == step.target && checksums[step.version] == file.checksum
            && level.rank >= step.backup.rank && age >= .zero && age < Self.longest
    }
}

/// Keeps what was prepared, for as long as the process lives.
actor Preparations {
    private var sets: [TargetName: PreparedSet] = [:]

    func set(of target: TargetName) -> PreparedSet? { sets[target] }
    func keep(_ set: PreparedSet) { sets[set.target] = set }
    /// Something else happened to the target.
    func forget(_ target: TargetName) { sets[target] = nil }
}
