import FoundationEssentials
import GRDB
import PhasegateCore
import PhasegateHashing

/// An entry as it lies in the file: the event is text, and the hash is over that very text.
struct EntryRecord {
    let rollout: String
    let sequence: Int
    let at: String
    let actor: String
    let event: String
    let hash: String

    /// Seals an event with what was before it.
    init(
        _ event: LedgerEvent,
        after previous: (sequence: Int, hash: String),
        rollout: RolloutName,
        actor: String,
        at moment: Moment
    )
        throws
    {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.rollout = rollout.rawValue
        sequence = previous.sequence + 1
        at = moment.description
        self.actor = actor
        self.event = String(decoding: try encoder.encode(event), as: UTF8.self)
        hash = Self.seal(
            previous: previous.hash,
            rollout: self.rollout,
            sequence: sequence,
            at: at,
            actor: actor,
            event: self.event
        )
    }

    /// Reads a row, which somebody may have filled with values of other types.
    ///
    /// - Throws: `LedgerError.unreadableEntry`.
    init(_ row: Row) throws {
        do {
            rollout = try row.decode(forColumn: "rollout")
            sequence = try row.decode(forColumn: "sequence")
            at = try row.decode(forColumn: "at")
            actor = try row.decode(forColumn: "actor")
            event = try row.decode(forColumn: "event")
            hash = try row.decode(forColumn: "hash")
        } catch {
            throw LedgerError(.unreadableEntry, "an entry has values that phasegate does not write: \(error)")
        }
    }

    /// The hash this entry must have after a given one.
    func expectedHash(after previous: String) -> String {
        Self.seal(previous: previous, rollout: rollout, sequence: sequence, at: at, actor: actor, event: event)
    }

    /// The entry with its event read.
    ///
    /// - Throws: `LedgerError.unreadableEntry`.
    func entry() throws -> LedgerEntry {
        guard let moment = Moment(at) else {
            throw LedgerError(.unreadableEntry, "entry \(sequence) of '\(rollout)' has no valid time: '\(at)'")
        }
        do {
            let event = try JSONDecoder().decode(LedgerEvent.self, from: Data(event.utf8))
            return LedgerEntry(sequence: sequence, at: moment, actor: actor, event: event, hash: hash)
        } catch {
            throw LedgerError(
                .unreadableEntry,
                "entry \(sequence) of '\(rollout)' cannot be read; was it written by a newer phasegate? (\(error))"
            )
        }
    }

    func insert(into database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT INTO entries (rollout, sequence, at, actor, event, hash) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [rollout, sequence, at, actor, event, hash])
    }

    private static func seal(
        previous: String,
        rollout: String,
        sequence: Int,
        at: String,
        actor: String,
        event: String
    ) -> String {
        // Lengths keep the fields apart whatever is in them.
        sha256(
            of: "\(previous)\n\(rollout.utf8.count):\(rollout)\n\(sequence)\n\(at)\n\(actor.utf8.count):\(actor)\n"
                + "\(event.utf8.count):\(event)"
        )
    }
}
