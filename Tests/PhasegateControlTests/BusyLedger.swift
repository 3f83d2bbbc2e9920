import PhasegateCore
import Synchronization

/// A ledger that can be read, and written to only after it was asked some times in vain.
final class BusyLedger: Ledger {
    struct Busy: Error {}

    private let real: any Ledger
    private let refusals: Mutex<Int>

    init(_ real: any Ledger, refusing refusals: Int) {
        self.real = real
        self.refusals = Mutex(refusals)
    }

    @discardableResult
    func append(
        _ events: [LedgerEvent],
        to rollout: RolloutName,
        by actor: String,
        at moment: Moment
    ) async throws -> RolloutState {
        let isRefused = refusals.withLock { left in
            left -= 1
            return left >= 0
        }
        if isRefused { throw Busy() }
        return try await real.append(events, to: rollout, by: actor, at: moment)
    }

    func state(of rollout: RolloutName) async throws -> RolloutState { try await real.state(of: rollout) }

    func entries(of rollout: RolloutName, after sequence: Int) async throws -> [LedgerEntry] {
        try await real.entries(of: rollout, after: sequence)
    }

    func entry(_ sequence: Int, of rollout: RolloutName) async throws -> LedgerEntry? {
        try await real.entry(sequence, of: rollout)
    }
}
