/// A register of risks with the scale it is read on.
public struct RiskRegister: Hashable, Codable, Sendable {
    /// The scale and the grid.
    public let grid: RiskGrid
    /// The risks, in the order of the file.
    public let risks: [Risk]
    /// Who decides how fast, by level.
    public let escalation: [EscalationRule]
    /// What it costs when risks become real; nothing where the register does not say.
    public let loss: LossModel?

    /// Puts a register together.
    public init(grid: RiskGrid, risks: [Risk], escalation: [EscalationRule] = [], loss: LossModel? = nil) {
        self.grid = grid
        self.risks = risks
        self.escalation = escalation
        self.loss = loss
    }

    /// No risks at all.
    public static let empty = RiskRegister(
        grid: RiskGrid(id: "none", version: 1, likelihoods: [], impacts: [], levels: [], cells: []),
        risks: []
    )
}

/// Likelihood × impact → level, as data.
///
/// A lookup, never a product: no
/// thresholds on a product fit the registers we have met.
public struct RiskGrid: Hashable, Codable, Sendable {
    /// A likelihood word with the probabilities it stands for, in percent, lower edge included.
    public struct Likelihood: Hashable, Codable, Sendable {
        /// The word.
        public let word: String
        /// Lower edge in percent, included.
        public let from: Double
        /// Upper edge in percent, excluded except at 100.
        public let to: Double

        /// Puts a band together.
        public init(word: String, from: Double, to: Double) {
            self.word = word
            self.from = from
            self.to = to
        }
    }

    /// Which scale this is.
    public let id: String
    /// Version of the data.
    public let version: Int
    /// Rows, least likely first.
    public let likelihoods: [Likelihood]
    /// Columns, least severe first.
    public let impacts: [String]
    /// Levels, lowest first.
    public let levels: [String]
    /// Level per row and column.
    public let cells: [[String]]

    /// Puts a grid together; the loader has checked its size.
    public init(
        id: String,
        version: Int,
        likelihoods: [Likelihood],
        impacts: [String],
        levels: [String],
        cells: [[String]]
    ) {
        self.id = id
        self.version = version
        self.likelihoods = likelihoods
        self.impacts = impacts
        self.levels = levels
        self.cells = cells
    }

    /// The level in a cell; nothing for words that are not on the scale.
    public func level(likelihood: String, impact: String) -> String? {
        guard let row = likelihoods.firstIndex(where: { $0.word == likelihood }),
            let column = impacts.firstIndex(of: impact), cells.indices.contains(row),
            cells[row].indices.contains(column)
        else { return nil }
        return cells[row][column]
    }

    /// The word whose band a probability falls into.
    public func likelihood(forPercent percent: Double) -> String? {
        likelihoods.first { percent >= $0.from && (percent < $0.to || $0.to >= 100 && percent <= 100) }?.word
    }

    /// The higher of two levels; an unknown level counts as the highest.
    public func stricter(_ first: String, _ second: String) -> String {
        let a = levels.firstIndex(of: first) ?? levels.count
        let b = levels.firstIndex(of: second) ?? levels.count
        return a >= b ? first : second
    }
}

/// One risk as its register declares it.
public struct Risk: Hashable, Codable, Sendable {
    /// What the document says; never overwritten.
    public struct Declared: Hashable, Codable, Sendable {
        /// Likelihood word.
        public let likelihood: String
        /// Probability in percent where the document gives one.
        public let percent: Double?
        /// Impact word.
        public let impact: String
        /// Level, where the document gives one.
        public let level: String?
        /// Priority, where the document gives one; it need not follow the level.
        public let priority: String?

        /// Puts a declaration together.
        public init(likelihood: String, percent: Double?, impact: String, level: String?, priority: String?) {
            self.likelihood = likelihood
            self.percent = percent
            self.impact = impact
            self.level = level
            self.priority = priority
        }
    }

    /// A place on the grid.
    public struct Position: Hashable, Codable, Sendable {
        /// Likelihood word.
        public let likelihood: String
        /// Impact word.
        public let impact: String

        /// Puts a position together.
        public init(likelihood: String, impact: String) {
            self.likelihood = likelihood
            self.impact = impact
        }
    }

    /// Its identifier.
    public let id: RiskID
    /// Its title.
    public let title: String
    /// Items of the source document.
    public let sources: [String]
    /// What the document says.
    public let declared: Declared
    /// Where it stands before anything is done against it, where the register says so.
    public let inherent: Position?
    /// Where it is meant to come to, where the register says so.
    public let target: Position?
    /// Whether it stands at every gate instead of belonging to phases.
    public let isStanding: Bool
    /// Who answers for it.
    public let owner: String?
    /// What is done at once when it becomes real.
    public let actions: [String]
    /// Where the owner is reached.
    public let channel: String?

    /// Puts a risk together.
    public init(
        id: RiskID,
        title: String,
        sources: [String] = [],
        declared: Declared,
        inherent: Position? = nil,
        target: Position? = nil,
        isStanding: Bool = false,
        owner: String? = nil,
        actions: [String] = [],
        channel: String? = nil
    ) {
        self.id = id
        self.title = title
        self.sources = sources
        self.declared = declared
        self.inherent = inherent
        self.target = target
        self.isStanding = isStanding
        self.owner = owner
        self.actions = actions
        self.channel = channel
    }
}

/// Who decides, how fast, and who is told, for risks of one level.
public struct EscalationRule: Hashable, Codable, Sendable {
    /// The level.
    public let level: String
    /// Start of the response window, included.
    public let from: Duration
    /// End of the response window, excluded.
    public let to: Duration
    /// Roles that decide.
    public let deciders: [String]
    /// Audience that is told.
    public let audience: String
    /// Items of the source document.
    public let sources: [String]

    /// Puts a rule together.
    public init(
        level: String,
        from: Duration,
        to: Duration,
        deciders: [String],
        audience: String,
        sources: [String] = []
    ) {
        self.level = level
        self.from = from
        self.to = to
        self.deciders = deciders
        self.audience = audience
        self.sources = sources
    }
}

/// A risk with both voices: what was declared and what the grid derives.
public struct RiskAppraisal: Hashable, Codable, Sendable {
    /// The risk.
    public let id: RiskID
    /// Its title.
    public let title: String
    /// What the document says.
    public let declared: Risk.Declared
    /// What the grid says; nothing when a word is not on the scale.
    public let derivedLevel: String?
    /// The stricter of both; what the gates go by.
    public let level: String
    /// How the two voices differ, if they do.
    public let disagreement: String?
    /// Failing criteria that point at it.
    public let raisedBy: [CriterionName]
    /// Phases that carry it; empty for a standing risk.
    public let phases: [PhaseName]
    /// Whether it stands at every gate.
    public let isStanding: Bool
    /// Where it stands before anything is done against it.
    public let inherent: Risk.Position?
    /// Where it is meant to come to.
    public let target: Risk.Position?
    /// Whether any criterion that points at it has been measured; an unmeasured risk is not a small one.
    public let isMeasured: Bool
    /// Who answers for it.
    public let owner: String?

    /// Puts an appraisal together.
    public init(
        id: RiskID,
        title: String,
        declared: Risk.Declared,
        derivedLevel: String?,
        level: String,
        disagreement: String?,
        raisedBy: [CriterionName],
        phases: [PhaseName],
        isStanding: Bool = false,
        inherent: Risk.Position? = nil,
        target: Risk.Position? = nil,
        isMeasured: Bool = true,
        owner: String? = nil
    ) {
        self.id = id
        self.title = title
        self.declared = declared
        self.derivedLevel = derivedLevel
        self.level = level
        self.disagreement = disagreement
        self.raisedBy = raisedBy
        self.phases = phases
        self.isStanding = isStanding
        self.inherent = inherent
        self.target = target
        self.isMeasured = isMeasured
        self.owner = owner
    }
}
