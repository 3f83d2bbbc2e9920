/// How a flag decides who is in its share; fixed for the life of the flag.
///
/// Anything here that changes draws other users, so a store refuses another
/// draw than that of the first setting.
public struct FlagDraw: Hashable, Codable, Sendable {
    /// What is mixed into the hash.
    public let salt: String
    /// How salt and key become a lot.
    public let algorithm: FlagAlgorithm
    /// What the lot is drawn for: `targetingKey`, or an attribute of the evaluation context such as `tenant`.
    public let bucketBy: String
    /// Whether lots are compared with the share or with each other.
    public let cohort: FlagCohort
    /// Keys that are never exposed, not even with everybody.
    public let deny: [String]
    /// Keys that are exposed with the first share above nobody, unless they are denied.
    public let allow: [String]

    /// The name under which OpenFeature knows who asks.
    public static let targetingKey = "targetingKey"

    /// Puts a draw together.
    public init(
        salt: String,
        algorithm: FlagAlgorithm = .flagdV2,
        bucketBy: String = FlagDraw.targetingKey,
        cohort: FlagCohort = .percent,
        deny: [String] = [],
        allow: [String] = []
    ) {
        self.salt = salt
        self.algorithm = algorithm
        self.bucketBy = bucketBy
        self.cohort = cohort
        self.deny = deny
        self.allow = allow
    }
}

/// How salt and key become a lot; the names of flagd's three generations, which put different users into a share.
public enum FlagAlgorithm: String, Hashable, Codable, Sendable, CaseIterable {
    /// flagd until early 2026: a signed hash, folded.
    case flagdV1 = "flagd-v1"
    /// flagd's daemon and JavaScript provider since April 2026.
    case flagdV2 = "flagd-v2"
    /// The same hash over salt and key in canonical CBOR.
    case flagdV3 = "flagd-v3"
}

/// Who can be in a share.
public enum FlagCohort: Hashable, Codable, Sendable {
    /// Anybody whose lot lies below the share.
    case percent
    /// The first of a known list, ordered by lot: the share of its length, rounded up, so at least one.
    case ranked([String])
}
