/// Where a fault may be injected into an append by a test.
public enum LedgerPoint: Hashable, Sendable {
    /// The entries up to this sequence number are about to be written.
    case before(Int)
    /// They are written and about to be committed; only where others are asked to commit.
    case committing(Int)
    /// They are durable.
    case after(Int)
}
