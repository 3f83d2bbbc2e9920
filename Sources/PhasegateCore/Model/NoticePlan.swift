/// Who is told of what, where and when, as the rollout file says.
public struct NoticePlan: Hashable, Codable, Sendable {
    /// A way to reach people.
    public struct Channel: Hashable, Codable, Sendable {
        /// Its name within the rollout.
        public let name: ChannelName
        /// Its kind, as `email`.
        public let kind: String
        /// Its settings, checked against the kind's shape; secrets are references.
        public let settings: Setting

        /// Puts a channel together.
        public init(name: ChannelName, kind: String, settings: Setting) {
            self.name = name
            self.kind = kind
            self.settings = settings
        }
    }

    /// Which notices go where; an empty list stands for all.
    public struct Route: Hashable, Codable, Sendable {
        /// Levels.
        public let levels: [String]
        /// Phases.
        public let phases: [PhaseName]
        /// Risks.
        public let risks: [RiskID]
        /// Time of day; nothing for always.
        public let hours: DayHours?
        /// Where they go.
        public let channels: [ChannelName]

        /// Puts a route together.
        public init(
            levels: [String] = [],
            phases: [PhaseName] = [],
            risks: [RiskID] = [],
            hours: DayHours? = nil,
            channels: [ChannelName]
        ) {
            self.levels = levels
            self.phases = phases
            self.risks = risks
            self.hours = hours
            self.channels = channels
        }
    }

    /// A span of every day; it may run over midnight.
    public struct DayHours: Hashable, Codable, Sendable {
        /// Start in minutes after midnight, included.
        public let from: Int
        /// End in minutes after midnight, excluded.
        public let to: Int
        /// Minutes the clock of these hours is ahead of UTC.
        public let offset: Int

        /// Puts hours together.
        public init(from: Int, to: Int, offset: Int = 0) {
            self.from = from
            self.to = to
            self.offset = offset
        }
    }

    /// A role with the person who fills it.
    public struct Role: Hashable, Codable, Sendable {
        /// The role, as `Incident Commander`.
        public let name: String
        /// Who fills it; nothing while nobody does.
        public let person: String?
        /// Who stands in.
        public let deputy: String?
        /// Where they are reached beside the routes.
        public let channels: [ChannelName]
        /// Items of the source document.
        public let sources: [String]

        /// Puts a role together.
        public init(
            name: String,
            person: String? = nil,
            deputy: String? = nil,
            channels: [ChannelName] = [],
            sources: [String] = []
        ) {
            self.name = name
            self.person = person
            self.deputy = deputy
            self.channels = channels
            self.sources = sources
        }
    }

    /// Ways to reach people.
    public let channels: [Channel]
    /// Which notices go where; none for everything everywhere.
    public let routes: [Route]
    /// When only the highest level is sent; the rest waits until the hours end.
    public let quietHours: DayHours?
    /// How long after a notice nobody answered it is repeated; doubles from repetition to repetition, up to a day.
    public let repeatEvery: Duration
    /// Who fills the roles that decide.
    public let roles: [Role]
    /// Roles that are called when the highest rung does not answer.
    public let emergency: [String]

    /// Puts a plan together.
    public init(
        channels: [Channel] = [],
        routes: [Route] = [],
        quietHours: DayHours? = nil,
        repeatEvery: Duration = .seconds(4 * 3600),
        roles: [Role] = [],
        emergency: [String] = []
    ) {
        self.channels = channels
        self.routes = routes
        self.quietHours = quietHours
        self.repeatEvery = repeatEvery
        self.roles = roles
        self.emergency = emergency
    }

    /// Nothing said: every notice becomes a file beside the reports.
    public static let byDefault = NoticePlan(
        channels: [Channel(name: "file", kind: "file", settings: .map([:]))]
    )
}

extension NoticePlan.DayHours {
    private static let day = 24 * 60

    /// Whether a moment lies within the hours: the start is inside, the end is not.
    public func contains(_ moment: Moment) -> Bool {
        let minute = minuteOfDay(moment)
        return from <= to ? (from..<to).contains(minute) : minute >= from || minute < to
    }

    /// When the hours that a moment lies within end.
    public func end(after moment: Moment) -> Moment {
        let minutes = (to - minuteOfDay(moment) + Self.day) % Self.day
        let startOfMinute = moment.milliseconds - (moment.milliseconds % 60_000 + 60_000) % 60_000
        return Moment(milliseconds: startOfMinute + Int64(minutes == 0 ? Self.day : minutes) * 60_000)
    }

    private func minuteOfDay(_ moment: Moment) -> Int {
        let milliseconds = moment.milliseconds
        let minute = milliseconds / 60_000 - (milliseconds % 60_000 < 0 ? 1 : 0)
        let day = Int64(Self.day)
        return Int(((minute + Int64(offset)) % day + day) % day)
    }
}

/// What the loader needs to know of a kind of notice channel.
public struct ChannelDeclaration: Sendable {
    /// Its name in rollout files, as `email`.
    public let kind: String
    /// What it does, in one sentence.
    public let summary: String
    /// The keys beside `name:` and `kind:`.
    public let settings: [Shape.Key]
    /// What is wrong with settings that have the right shape, if anything.
    public let check: @Sendable (Setting) throws(Diagnostic) -> Void

    /// Describes a kind.
    public init(
        kind: String,
        summary: String,
        settings: [Shape.Key],
        check: @escaping @Sendable (Setting) throws(Diagnostic) -> Void = { _ throws(Diagnostic) in }
    ) {
        self.kind = kind
        self.summary = summary
        self.settings = settings
        self.check = check
    }
}
