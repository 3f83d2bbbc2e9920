/// Where a flag is kept and what draws its lots.
public struct FlagLocation: Hashable, Sendable {
    /// Absolute path of the store.
    public let store: String
    /// What draws the lot; the flag's key unless the rollout says otherwise.
    public let salt: String

    /// Puts a location together.
    public init(store: String, salt: String) {
        self.store = store
        self.salt = salt
    }
}
