public import PhasegateCore
import Synchronization

/// A ledger that is an array, folds what it is given, and can be made to crash at any append.
public final class InMemoryLedger: Ledger {
    /// Whether the process dies before an append is kept or after it.
    public enum Side: Hashable, Sendable, CaseIterable {
        case before
        case after
    }

    /// Told of each append by its number from 1; what it throws is a crash.
    public typealias Fault = @Sendable (_ append: Int, _ side: Side) throws -> Void

    private struct Store {
        var entries: [RolloutName: [LedgerEntry]] = [:]
        var states: [RolloutName: RolloutState] = [:]
        var appends = 0
        var fault: Fault?
    }

    private let store = Mutex(Store())
    private let power: PowerSwitch

    /// Begins empty.
    public init(power: PowerSwitch = PowerSwitch()) { self.power = power }

    /// How many appends were asked for so far.
    public var appends: Int { store.withLock(\.appends) }

    /// Sets what is asked before and after each append; nothing for no faults.
    public func setFault(_ fault: Fault?) { store.withLock { $0.fault = fault } }

    /// Writes all events or none.
    ///
    /// - Throws: `PowerCut` when the process is dead, and what the fault threw.
    @discardableResult
    public func append(
        _ events: [LedgerEvent],
        to rollout: RolloutName,
        by actor: String,
        at moment: Moment
    ) async throws -> RolloutState {
        try power.demand()
        let (number, fault) = store.withLock { store in
            store.appends += 1
            return (store.appends, store.fault)
        }
        try crash(fault, at: number, .before)
        let state = store.withLock { store in
            var state = store.states[rollout] ?? RolloutState()
            for event in events {
                let sequence = state.sequence + 1
                let entry = LedgerEntry(
                    sequence: sequence,
                    at: moment,
                    actor: actor,
                    event: event,
                    hash: "h\(sequence)"
                )
                store.entries[rollout, default: []].append(entry)
                state.apply(entry)
            }
            store.states[rollout] = state
            return state
        }
        try crash(fault, at: number, .after)
        return state
    }

    /// The fold of all entries.
    ///
    /// - Throws: `PowerCut` when the process is dead.
    public func state(of rollout: RolloutName) async throws -> RolloutState {
        try power.demand()
        return store.withLock { $0.states[rollout] ?? RolloutState() }
    }

    /// The entries after a sequence number.
    ///
    /// - Throws: `PowerCut` when the process is dead.
    public func entries(of rollout: RolloutName, after sequence: Int) async throws -> [LedgerEntry] {
        try power.demand()
        return store.withLock { ($0.entries[rollout] ?? []).filter { $0.sequence > sequence } }
    }

    /// One entry.
    ///
    /// - Throws: `PowerCut` when the process is dead.
    public func entry(_ sequence: Int, of rollout: RolloutName) async throws -> LedgerEntry? {
        try power.demand()
        return store.withLock { $0.entries[rollout]?.first { $0.sequence == sequence } }
    }

    /// A fault is a crash: whoever catches the error finds everything dead.
    private func crash(_ fault: Fault?, at number: Int, _ side: Side) throws {
        do {
            try fault?(number, side)
        } catch {
            power.cut()
            throw error
        }
    }
}
