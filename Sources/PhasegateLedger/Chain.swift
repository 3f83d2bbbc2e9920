package import PhasegateCore

/// How far a chain goes: the last entry's number and hash.
package struct ChainEnd: Hashable, Sendable {
    /// Number of the last entry; 0 where there is none.
    package var sequence = 0
    /// Its hash.
    package var hash = ""

    /// The end of a chain without entries.
    package init() {}

    /// The end at an entry.
    package init(sequence: Int, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }

    /// The end a state was folded up to.
    package init(of state: RolloutState) { self.init(sequence: state.sequence, hash: state.head) }

    /// The last entry there is has to be the last that was written.
    ///
    /// - Parameters:
    ///   - last: the last entry there is.
    ///   - rollout: whose chain, for the message.
    /// - Throws: `LedgerError.brokenChain`.
    package func demandHead(is last: ChainEnd, of rollout: RolloutName) throws(LedgerError) {
        try demandNotBehind(last, of: rollout)
        guard self == last else {
            throw LedgerError(.brokenChain, "entry \(last.sequence) of '\(rollout)' is not the last that was written")
        }
    }

    /// What was remembered of a chain must not lie behind the end it has.
    ///
    /// - Parameters:
    ///   - last: the last entry there is.
    ///   - rollout: whose chain, for the message.
    /// - Throws: `LedgerError.brokenChain`.
    package func demandNotBehind(_ last: ChainEnd, of rollout: RolloutName) throws(LedgerError) {
        guard sequence <= last.sequence else {
            throw LedgerError(
                .brokenChain,
                "the ledger of '\(rollout)' ends at entry \(last.sequence), but there were \(sequence): its end was cut off"
            )
        }
    }

    /// The entry a snapshot was taken at has to be in the chain.
    ///
    /// - Parameters:
    ///   - hash: that of the entry with this number, if there is one.
    ///   - rollout: whose chain, for the message.
    /// - Throws: `LedgerError.brokenChain`.
    package func demandSnapshot(is hash: String?, of rollout: RolloutName) throws(LedgerError) {
        guard hash == self.hash else {
            throw LedgerError(
                .brokenChain,
                "entry \(sequence) of '\(rollout)' is not the one its snapshot was taken at"
            )
        }
    }
}

/// Follows a chain entry by entry.
package struct ChainWalk {
    /// The last entry that fits.
    package private(set) var end = ChainEnd()
    private let rollout: RolloutName

    /// Begins before the first entry.
    package init(_ rollout: RolloutName) { self.rollout = rollout }

    /// Goes on by one entry.
    ///
    /// - Throws: `LedgerError.brokenChain` when it does not fit.
    package mutating func follow(_ record: EntryRecord) throws(LedgerError) {
        guard record.sequence == end.sequence + 1 else {
            throw LedgerError(
                .brokenChain,
                "entry \(end.sequence + 1) of '\(rollout)' is missing: the next one there is \(record.sequence)"
            )
        }
        guard record.expectedHash(after: end.hash) == record.hash else {
            throw LedgerError(.brokenChain, "entry \(record.sequence) of '\(rollout)' was changed")
        }
        end = ChainEnd(sequence: record.sequence, hash: record.hash)
    }
}
