extension Rollout.Flag {
    /// A place beside the store that learns of a flag's share: another flag system, or a table.
    public struct Sink: Hashable, Codable, Sendable {
        /// Its name within the flag.
        public let name: String
        /// Which kind writes it, as `flagd-file`.
        public let kind: String
        /// What the kind is told.
        public let settings: Setting

        /// Puts a sink together.
        public init(name: String, kind: String, settings: Setting) {
            self.name = name
            self.kind = kind
            self.settings = settings
        }
    }
}

/// What the loader needs to know of a kind of flag sink.
public struct FlagSinkDeclaration: Sendable {
    /// Its name in rollout files, as `flagd-file`.
    public let kind: String
    /// What it does, in one sentence.
    public let summary: String
    /// The keys beside `name:` and `kind:`.
    public let settings: [Shape.Key]
    /// The smallest step of a share that it can represent under given settings; others would be rounded.
    public let resolution: @Sendable (Setting) -> BasisPoints
    /// What is wrong with settings that have the right shape, if anything.
    public let check: @Sendable (Setting) throws(Diagnostic) -> Void
    /// Why it cannot decide as a flag's draw says, if it cannot.
    public let objection: @Sendable (FlagKey, FlagDraw) -> String?

    /// Describes a kind; `settingResolution` is for one whose settings say what its receiver rounds.
    public init(
        kind: String,
        summary: String,
        settings: [Shape.Key],
        resolution: BasisPoints,
        settingResolution: @escaping @Sendable (Setting) -> BasisPoints? = { _ in nil },
        check: @escaping @Sendable (Setting) throws(Diagnostic) -> Void = { _ throws(Diagnostic) in },
        objection: @escaping @Sendable (FlagKey, FlagDraw) -> String? = { _, _ in nil }
    ) {
        self.kind = kind
        self.summary = summary
        self.settings = settings
        self.resolution = { settings in settingResolution(settings) ?? resolution }
        self.check = check
        self.objection = objection
    }

    /// Whether a share can be represented without rounding.
    public func represents(_ share: BasisPoints, under settings: Setting) -> Bool {
        share.rawValue % resolution(settings).rawValue == 0
    }
}
