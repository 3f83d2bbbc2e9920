/// Something to tell people, ready to be sent; the same value on every attempt and every channel.
public struct Notice: Hashable, Codable, Sendable {
    /// Where in its episode a notice stands.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// The first of its episode.
        case fired
        /// It still stands, but otherwise than before.
        case updated
        /// Still so, and nobody has answered.
        case repeated
        /// Nobody answered in time: the next people are told.
        case escalated
        /// No longer so.
        case resolved
        /// Asked for by a person who wants to see whether notices arrive.
        case test
    }

    /// One fact beside the text, for programs that read notices.
    public struct Fact: Hashable, Codable, Sendable {
        /// Lower-case words joined by underscores, as `observed`.
        public let name: String
        /// Its value.
        public let value: String

        /// Puts a fact together.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Identifies the notice; the same on retries, so that a receiver can tell a repetition.
    public let id: NoticeID
    /// What it is about; the same for all notices of one episode.
    public let episode: EpisodeKey
    /// Where in its episode it stands.
    public let kind: Kind
    /// Why it is sent now, as one sentence.
    public let reason: String
    /// Level of what it is about, as `HIGH`.
    public let level: String
    /// The rollout.
    public let rollout: RolloutName
    /// The phase, if it is about one.
    public let phase: PhaseName?
    /// The stage the rollout stood at when the episode began.
    public let stage: StageName?
    /// The risk that has become real, if it is about one.
    public let risk: RiskID?
    /// Criteria that brought it about.
    public let criteria: [CriterionName]
    /// How the rollout stands, in one word, as `rolling-back`; a change of it is news.
    public let standing: String
    /// How often it was passed on to the next people; 0 at first.
    public let rung: Int
    /// Who is told, as roles.
    public let audience: [String]
    /// One line.
    public let title: String
    /// The whole text, its first line the title.
    public let body: String
    /// Observed values, bounds and the like.
    public let facts: [Fact]
    /// When the episode began.
    public let startedAt: Moment
    /// When this notice was raised.
    public let raisedAt: Moment
    /// Until when somebody has to acknowledge it before the next people are told; excluded.
    public let acknowledgeBy: Moment?

    /// Puts a notice together.
    public init(
        id: NoticeID,
        episode: EpisodeKey,
        kind: Kind,
        reason: String,
        level: String,
        rollout: RolloutName,
        phase: PhaseName? = nil,
        stage: StageName? = nil,
        risk: RiskID? = nil,
        criteria: [CriterionName] = [],
        standing: String = "",
        rung: Int = 0,
        audience: [String] = [],
        title: String,
        body: String,
        facts: [Fact] = [],
        startedAt: Moment,
        raisedAt: Moment,
        acknowledgeBy: Moment? = nil
    ) {
        self.id = id
        self.episode = episode
        self.kind = kind
        self.reason = reason
        self.level = level
        self.rollout = rollout
        self.phase = phase
        self.stage = stage
        self.risk = risk
        self.criteria = criteria
        self.standing = standing
        self.rung = rung
        self.audience = audience
        self.title = title
        self.body = body
        self.facts = facts
        self.startedAt = startedAt
        self.raisedAt = raisedAt
        self.acknowledgeBy = acknowledgeBy
    }
}

/// Somebody has seen what an episode is about and takes care of it.
public struct Acknowledgement: Hashable, Codable, Sendable {
    /// The episode.
    public let episode: EpisodeKey
    /// Who.
    public let by: String
    /// What they do about it.
    public let because: String
    /// When.
    public let at: Moment

    /// Puts an acknowledgement together.
    public init(episode: EpisodeKey, by: String, because: String, at: Moment) {
        self.episode = episode
        self.by = by
        self.because = because
        self.at = at
    }
}

/// The words of a notice.
public struct NoticeWording: Hashable, Sendable {
    /// One line.
    public let title: String
    /// The whole text, its first line the title.
    public let body: String

    /// Puts words together.
    public init(title: String, body: String) {
        self.title = title
        self.body = body
    }
}
