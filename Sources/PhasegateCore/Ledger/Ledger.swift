/// One event with its place in the chain.
public struct LedgerEntry: Hashable, Sendable {
    /// Place in the rollout's ledger, from 1.
    public let sequence: Int
    /// When it was written, by the writer's clock.
    public let at: Moment
    /// Who wrote it: a person, or the controller with host and process.
    public let actor: String
    /// What happened.
    public let event: LedgerEvent
    /// SHA-256 over the entry before, this entry's head and its event, in hexadecimal.
    public let hash: String

    /// Puts an entry together.
    public init(sequence: Int, at: Moment, actor: String, event: LedgerEvent, hash: String) {
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.event = event
        self.hash = hash
    }
}

/// Keeps what happened, append-only.
public protocol Ledger: Sendable {
    /// Writes events in one transaction: all or none, durable on return.
    ///
    /// - Parameters:
    ///   - events: what happened, in order.
    ///   - rollout: whose ledger.
    ///   - actor: who writes.
    ///   - moment: now.
    /// - Returns: the state afterwards.
    /// - Throws: `LedgerError`; nothing was written then, but for `inDoubt`.
    @discardableResult
    func append(
        _ events: [LedgerEvent],
        to rollout: RolloutName,
        by actor: String,
        at moment: Moment
    ) async throws -> RolloutState

    /// The fold of all entries.
    func state(of rollout: RolloutName) async throws -> RolloutState

    /// All entries, or those after a sequence number.
    func entries(of rollout: RolloutName, after sequence: Int) async throws -> [LedgerEntry]

    /// One entry; nothing where there is none of that number.
    func entry(_ sequence: Int, of rollout: RolloutName) async throws -> LedgerEntry?

    /// Makes sure of the right to act, right before something is done that no append can be refused for.
    ///
    /// - Throws: `LedgerError.fencedOff` when somebody else has it by now.
    func confirmLease(on rollout: RolloutName) async throws
}

extension Ledger {
    /// All entries, in order.
    public func entries(of rollout: RolloutName) async throws -> [LedgerEntry] {
        try await entries(of: rollout, after: 0)
    }

    /// Where there are no leases there is none to lose.
    public func confirmLease(on rollout: RolloutName) async throws {}
}

/// The ledger could not be read or written.
public struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: String, Sendable {
        /// The file or server cannot be opened, read or written.
        case unreachable
        /// What names the ledger cannot be understood, or holds a secret.
        case badAddress
        /// The connection was lost while an append was being committed: it is kept or not, and the ledger tells later.
        case inDoubt
        /// Another controller holds the lease.
        case leaseHeld
        /// The lease was lost to another controller.
        case fencedOff
        /// An entry does not fit the chain.
        case brokenChain
        /// An entry cannot be decoded.
        case unreadableEntry
    }

    /// What went wrong.
    public let code: Code
    /// In words, with the remedy.
    public let message: String

    /// Puts an error together.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
