import FoundationEssentials
import PhasegateProbes

/// Up to where in the log a base backup is rolled forward; kept inside the artifact.
struct BaseBackupPosition: Codable, Sendable {
    /// The position in the log at which exactly what the snapshot saw was committed, as `0/3008D88`.
    let position: String
    /// Up to where the log was received, which is beyond the position.
    let logEnd: String
    /// The snapshot that schema and contents were read in, as `726:730:726,728`.
    let snapshot: String
    /// Major version of the server, as 15.
    let major: Int
    /// Who took it, and reads the restored copy.
    let role: String
    /// The server's `max_prepared_transactions`, of which a recovery needs as many.
    let preparedTransactions: Int64

    private static let name = "position.json"

    /// Reads it out of an artifact.
    ///
    /// - Throws: `SessionError` of the code `corrupt`.
    init(in artifact: String) throws(SessionError) {
        do {
            let data = try Data(contentsOf: URL(filePath: "\(artifact)/\(Self.name)"))
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw SessionError(.corrupt, "'\(artifact)' does not say where in the log it was taken: \(error)")
        }
    }

    init(_ position: LogPosition, logEnd: LogPosition, snapshot: String, of cluster: ClusterFacts) {
        self.position = position.description
        self.logEnd = logEnd.description
        self.snapshot = snapshot
        major = cluster.major
        role = cluster.role
        preparedTransactions = cluster.preparedTransactions
    }

    /// Writes it into an artifact.
    func write(in artifact: String) throws(SessionError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            try encoder.encode(self).write(to: URL(filePath: "\(artifact)/\(Self.name)"))
        } catch {
            throw SessionError(.failed, "cannot write the position of '\(artifact)': \(error)")
        }
    }
}
