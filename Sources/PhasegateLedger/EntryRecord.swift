import FoundationEssentials
package import PhasegateCore
import PhasegateHashing

/// An entry as it is stored: the event is text, and the hash is over that very text.
package struct EntryRecord: Sendable {
    /// Whose chain.
    package let rollout: String
    /// Place in the chain, from 1.
    package let sequence: Int
    /// When it was written, as text.
    package let at: String
    /// Who wrote it.
    package let actor: String
    /// What happened, as JSON.
    package let event: String
    /// Over all this and the hash before.
    package let hash: String

    /// Puts together what was stored; nothing is checked.
    package init(rollout: String, sequence: Int, at: String, actor: String, event: String, hash: String) {
        self.rollout = rollout
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.event = event
        self.hash = hash
    }

    /// Seals an event with what was before it.
    package init(
        _ event: LedgerEvent,
        after previous: ChainEnd,
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

    /// The hash this entry must have after a given one.
    package func expectedHash(after previous: String) -> String {
        Self.seal(previous: previous, rollout: rollout, sequence: sequence, at: at, actor: actor, event: event)
    }

    /// The entry with its event read.
    ///
    /// - Throws: `LedgerError.unreadableEntry`.
    package func entry() throws -> LedgerEntry {
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

    /// Decodes on all cores: a long ledger is mostly JSON.
    ///
    /// - Throws: `LedgerError.unreadableEntry`.
    package static func decoded(_ records: [EntryRecord]) async throws -> [LedgerEntry] {
        let size = 64
        guard records.count > size else { return try records.map { try $0.entry() } }
        return try await withThrowingTaskGroup(of: (Int, [LedgerEntry]).self) { group in
            for start in stride(from: 0, to: records.count, by: size) {
                let part = records[start..<min(start + size, records.count)]
                group.addTask { @concurrent in (start, try part.map { try $0.entry() }) }
            }
            var parts: [(start: Int, entries: [LedgerEntry])] = []
            for try await part in group { parts.append(part) }
            return parts.sorted { $0.start < $1.start }.flatMap(\.entries)
        }
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
