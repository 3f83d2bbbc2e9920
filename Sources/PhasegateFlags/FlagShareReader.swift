public import PhasegateCore

/// Reads the shares of a rollout's flags from their stores.
public struct FlagShareReader: Sendable {
    private let stores: [FlagKey: FlagStore]

    /// Takes the flags of a rollout; opens nothing.
    public init(flags: [FlagKey: FlagLocation]) {
        var byPath: [String: FlagStore] = [:]
        stores = flags.mapValues { location in
            let store = byPath[location.store] ?? FlagStore(path: location.store)
            byPath[location.store] = store
            return store
        }
    }

    /// The share a flag is at now; may block.
    ///
    /// - Returns: nothing when the flag was never set.
    /// - Throws: `FlagError` with `unknownFlag`, `unreadable` or `foreignFile`.
    public func share(of flag: FlagKey) throws(FlagError) -> BasisPoints? {
        try store(of: flag).record(of: flag)?.share
    }

    func store(of flag: FlagKey) throws(FlagError) -> FlagStore {
        guard let store = stores[flag] else {
            throw FlagError(.unknownFlag, "nobody said where flag '\(flag)' is kept")
        }
        return store
    }
}
