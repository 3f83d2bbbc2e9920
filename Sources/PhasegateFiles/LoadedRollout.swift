public import PhasegateCore

/// A rollout as its file describes it, with where everything stands.
public struct LoadedRollout: Sendable {
    /// The rollout.
    ///
    /// After errors it is what could be read, fit for further checks and nothing else.
    public let rollout: Rollout
    /// Where things stand, by path: `phases/NAME`, `phases/NAME/CRITERION`, `risks/R001`, `targets/main`.
    public let places: [String: Place]
    /// The rollout as canonical JSON; the plan's digest is taken from it, so comments and layout do not count.
    public let digestText: String
    /// What is worth knowing although the file can be used.
    public let warnings: [Diagnostic]

    /// Puts a loaded rollout together.
    public init(rollout: Rollout, places: [String: Place], digestText: String, warnings: [Diagnostic]) {
        self.rollout = rollout
        self.places = places
        self.digestText = digestText
        self.warnings = warnings
    }
}
