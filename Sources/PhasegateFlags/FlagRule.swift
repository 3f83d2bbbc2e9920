public import PhasegateCore

/// Who sees the change: the users whose bucket lies below the share.
///
/// Buckets are flagd's second generation, which its daemon and its JavaScript
/// provider use: MurmurHash3 of the salt followed by the targeting key, scaled
/// to 10 000 buckets. flagd writes the flag's key where we write the salt, so
/// a salt equal to the key puts the same users into the share as flagd does.
///
/// A larger share contains every smaller one of the same salt, so a ramp never
/// takes the change away from a user who has it.
public struct FlagRule: Hashable, Codable, Sendable {
    /// The flag.
    public let key: FlagKey
    /// What draws the lot; fixed for the life of the flag.
    public let salt: String
    /// The share of users who are exposed.
    public let share: BasisPoints

    /// Puts a rule together.
    public init(key: FlagKey, salt: String, share: BasisPoints) {
        self.key = key
        self.salt = salt
        self.share = share
    }

    /// Whether a user sees the change; O(length of the key), no input or output.
    ///
    /// Nobody and everybody are answered without a hash. In between, a user
    /// without a key is not exposed, because all of them would share one lot.
    ///
    /// - Parameter targetingKey: what identifies the user or the tenant; compared by its UTF-8 bytes.
    /// - Returns: false for the safe variant.
    public func isExposed(_ targetingKey: String) -> Bool {
        if share == .none { return false }
        if share == .all { return true }
        guard !targetingKey.isEmpty else { return false }
        return bucket(of: targetingKey) < share.rawValue
    }

    /// The lot a user has drawn, from 0 to 9 999.
    func bucket(of targetingKey: String) -> Int {
        let hash = murmur3([salt.utf8, targetingKey.utf8].joined())
        return Int((UInt64(hash) * UInt64(BasisPoints.all.rawValue)) >> 32)
    }
}
