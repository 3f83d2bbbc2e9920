import FoundationEssentials
package import PhasegateCore

/// When a folded state is kept, and how it is written.
package enum StateSnapshot {
    /// How many entries lie between two snapshots of the state; bounds what `status` has to fold.
    ///
    /// Few, because reading an entry of a large gate costs more than writing a
    /// snapshot does (docs/benchmarks.md).
    private static let interval = 8

    /// Whether a state is to be kept that has just grown by some events.
    package static func isDue(at state: RolloutState, after events: Int) -> Bool {
        // A state with a long outbox is dear to write, and a few hundred entries are cheap to fold.
        let interval = max(interval, state.outbox.pending.count / 16)
        return state.sequence / interval != (state.sequence - events) / interval
    }

    /// A state as text.
    package static func text(of state: RolloutState) throws -> String {
        String(decoding: try JSONEncoder().encode(state), as: UTF8.self)
    }

    /// Reads a state; nothing for one that another version wrote.
    ///
    /// A snapshot is a convenience: it is folded anew then.
    package static func state(in text: String) -> RolloutState? {
        try? JSONDecoder().decode(RolloutState.self, from: Data(text.utf8))
    }
}

extension RolloutState {
    /// Folds events in and seals them.
    ///
    /// - Parameters:
    ///   - events: what happened.
    ///   - rollout: whose state this is.
    ///   - actor: who writes.
    ///   - moment: now.
    /// - Returns: the entries as they are to be stored.
    /// - Throws: when an event cannot be written as JSON.
    package mutating func seal(
        _ events: [LedgerEvent],
        of rollout: RolloutName,
        by actor: String,
        at moment: Moment
    ) throws -> [EntryRecord] {
        var records: [EntryRecord] = []
        for event in events {
            let record = try EntryRecord(event, after: ChainEnd(of: self), rollout: rollout, actor: actor, at: moment)
            apply(
                LedgerEntry(sequence: record.sequence, at: moment, actor: actor, event: event, hash: record.hash)
            )
            records.append(record)
        }
        return records
    }
}
