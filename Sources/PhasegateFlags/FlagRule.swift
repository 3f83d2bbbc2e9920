public import PhasegateCore

/// Who sees the change at a share of users.
///
/// Lots are drawn as flagd draws them; flagd writes the flag's key where we
/// write the salt, so a salt equal to the key puts the same users into the
/// share as flagd's generation of that name does.
///
/// A larger share contains every smaller one of the same draw, so a ramp never
/// takes the change away from a user who has it.
public struct FlagRule: Hashable, Sendable {
    /// The flag.
    public let key: FlagKey
    /// How it decides; fixed for the life of the flag.
    public let draw: FlagDraw
    /// The share of users who are exposed.
    public let share: BasisPoints
    private let denied: Set<String>
    /// Everybody whom the rule names: allowed, or ranked high enough.
    private let named: Set<String>

    /// Puts a rule together; O(n log n) for a ranked list of n.
    public init(key: FlagKey, draw: FlagDraw, share: BasisPoints) {
        self.key = key
        self.draw = draw
        self.share = share
        denied = Set(draw.deny)
        named = Set(Self.named(by: draw, at: share))
    }

    /// A rule of the second generation by a salt.
    public init(key: FlagKey, salt: String, share: BasisPoints) {
        self.init(key: key, draw: FlagDraw(salt: salt), share: share)
    }

    /// Whether a user sees the change; one hash at most, no input or output.
    ///
    /// Nobody and everybody are answered without a hash. In between, a user
    /// without a key is not exposed, because all of them would share one lot.
    ///
    /// - Parameter key: the value of what the flag buckets by; empty if it is missing; compared by its UTF-8 bytes.
    /// - Returns: false for the safe variant.
    public func isExposed(_ key: String) -> Bool {
        if share == .none || denied.contains(key) { return false }
        if share == .all { return true }
        guard !key.isEmpty else { return false }
        if named.contains(key) { return true }
        switch draw.cohort {
        case .percent: return FlagLot(of: key, in: draw).isBelow(share)
        case .ranked: return false
        }
    }

    /// Whether whoever asks sees the change.
    ///
    /// - Parameter context: attributes of the evaluation context, `targetingKey` among them.
    /// - Returns: false for the safe variant.
    public func isExposed(in context: [String: String]) -> Bool { isExposed(context[draw.bucketBy] ?? "") }

    /// The keys that are exposed at a share because they are named, without those denied; by UTF-8.
    ///
    /// Everybody and nobody name no one.
    var namedKeys: [String] { named.subtracting(denied).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    private static func named(by draw: FlagDraw, at share: BasisPoints) -> [String] {
        guard share != .none, share != .all else { return [] }
        switch draw.cohort {
        case .percent: return draw.allow
        case .ranked(let members):
            // Equal lots are told apart by the key, so that the order never depends on the file's.
            let ordered = Set(members).subtracting(draw.deny).filter { !$0.isEmpty }
                .map { (lot: FlagLot(of: $0, in: draw), key: $0) }
                .sorted {
                    $0.lot == $1.lot ? $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) : $0.lot < $1.lot
                }
            let all = BasisPoints.all.rawValue
            return draw.allow + ordered.prefix((share.rawValue * ordered.count + all - 1) / all).map(\.key)
        }
    }
}
