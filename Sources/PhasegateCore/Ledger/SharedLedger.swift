/// A ledger that several controllers and people share: one acts, the others read and wait.
///
/// What the commands need beside reading and appending. Every implementation
/// keeps the same chain: the same events have the same hashes in all of them.
public protocol SharedLedger: Ledger {
    /// The rollouts the ledger knows, by name.
    func rollouts() async throws -> [RolloutName]

    /// Takes the right to act on a rollout, until it is let go, lost, or its holder dies.
    ///
    /// From then on every append of this ledger to that rollout is refused once
    /// somebody else has taken the right.
    ///
    /// - Parameters:
    ///   - rollout: the rollout.
    ///   - holder: who takes it, for messages to others.
    ///   - moment: now.
    /// - Throws: `LedgerError.leaseHeld` with the holder's name.
    func takeLease(on rollout: RolloutName, holder: String, at moment: Moment) async throws

    /// Lets the right go; does nothing where there is none.
    func releaseLease() async

    /// Follows the chain from the first entry to the last.
    ///
    /// - Parameter rollout: whose chain.
    /// - Returns: how many entries it has and the hash of the last.
    /// - Throws: `LedgerError.brokenChain` with the first entry that does not fit.
    func verify(_ rollout: RolloutName) async throws -> (entries: Int, head: String)

    /// Changes when somebody else has written; cheap to ask.
    func changeMark() async throws -> Int64
}
