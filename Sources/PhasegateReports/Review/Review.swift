public import PhasegateCore

/// The agenda of a review, filled from the record; each point says something, if only why there is nothing to say.
public struct Review: Hashable, Sendable {
    /// What stands in a table at one place.
    public struct Cell: Hashable, Sendable {
        /// The text, never empty.
        public let text: String
        /// The colour and shape beside it, for a word that says how something stands.
        let tone: Badge.Tone?

        init(_ text: String, tone: Badge.Tone? = nil) {
            self.text = shortened(text.isEmpty ? "none" : text, to: 300)
            self.tone = tone
        }

        init(_ badge: Badge) {
            self.init(badge.word.renderText, tone: Badge.Tone(rawValue: badge.tone.renderText))
        }
    }

    /// Facts of one kind.
    public struct Table: Hashable, Sendable {
        /// What they are.
        public let caption: String
        /// Heads of its columns.
        public let columns: [String]
        /// Its rows, each with one cell a column.
        public internal(set) var rows: [[Cell]]
        /// Rows that were left out for size.
        public internal(set) var leftOut = 0

        /// Longest table; a review is read aloud.
        static let longest = 200

        init(_ caption: String, _ columns: [String], _ rows: [[Cell]]) {
            self.caption = shortened(caption, to: 300)
            self.columns = columns
            self.rows = Array(rows.prefix(Self.longest))
            leftOut = rows.count - self.rows.count
        }
    }

    /// Something somebody has to do.
    public struct Action: Hashable, Sendable {
        /// What.
        public let what: String
        /// Who; nothing where the record names nobody.
        public let owner: String?
        /// Until when; nothing where the record names no time.
        public let due: Moment?

        init(_ what: String, owner: String? = nil, due: Moment? = nil) {
            self.what = shortened(what, to: 600)
            self.owner = owner.flatMap { $0.isEmpty ? nil : shortened($0, to: 300) }
            self.due = due
        }
    }

    /// A point of the agenda.
    public struct Section: Hashable, Sendable {
        /// Its heading.
        public let heading: String
        /// Items of the document that asks for it.
        public let sources: [String]
        /// What is to be said; at least one.
        public internal(set) var sentences: [String]
        /// Facts behind it.
        public internal(set) var tables: [Table]
        /// What is left to do.
        public internal(set) var actions: [Action]
        /// Sentences and actions that were left out for size.
        public internal(set) var leftOut = 0

        init(_ heading: String, _ sources: [String], _ sentences: [String], _ tables: [Table], _ actions: [Action]) {
            self.heading = heading
            self.sources = sources
            self.sentences = sentences.prefix(Table.longest).map { shortened($0, to: 600) }
            self.tables = tables.filter { !$0.rows.isEmpty }
            self.actions = Array(actions.prefix(Table.longest))
            leftOut = sentences.count - self.sentences.count + actions.count - self.actions.count
        }
    }

    /// The occasion.
    public let pack: ReviewPack
    /// Title of the document.
    public let title: String
    /// What is reviewed and over which time, as one sentence.
    public let occasion: String
    /// The rollout.
    public let rollout: RolloutName
    /// From when on history is told, this moment excluded; nothing for all of it.
    public let since: Moment?
    /// When the report behind it was made; the end of what is told.
    public let generatedAt: Moment
    /// Version of phasegate.
    public let version: String
    /// How the rollout stands.
    public let status: RolloutStatus
    /// The gate's last answer.
    public let verdict: GateOutcome?
    /// May we proceed: one sentence.
    public let headline: String
    /// The one reason.
    public let reason: String
    /// Digest of the plan and hash of the ledger's last entry, by which the review is traced.
    public let origin: String
    /// The agenda in its order.
    public let sections: [Section]

    /// Fills an agenda from a report.
    ///
    /// The same report and start give the same review.
    ///
    /// - Parameters:
    ///   - pack: the occasion.
    ///   - report: what is known.
    ///   - since: from when on history is told, excluded; by default seven days before the report for the weekly
    ///     review, and everything for the others. Where things stand is always as of the report.
    /// - Throws: a diagnostic that names the phases there are, when a review of another phase is asked for.
    public init(_ pack: ReviewPack, of report: RolloutReport, since: Moment? = nil) throws(Diagnostic) {
        let name = report.title.isEmpty ? report.rollout.rawValue : report.title
        let defaultSince = pack == .weeklyRiskReview ? report.generatedAt + .seconds(-7 * 86_400) : nil
        let record = ReviewRecord(report, ReviewSpan(since: since ?? defaultSince, until: report.generatedAt))
        let sections: [Section]
        let title: String
        var occasion: String
        switch pack {
        case .weeklyRiskReview:
            title = "Weekly risk review: \(name)"
            occasion = "What happened \(record.span.sentence), and what is left to do."
            sections = record.weeklyAgenda
        case .postPhaseReview(let phaseName):
            guard let phase = report.phases.first(where: { $0.name == phaseName }) else {
                throw Self.unknownPhase(phaseName, in: report)
            }
            title = "Post-phase review: \(phase.title.isEmpty ? phase.name.rawValue : phase.title)"
            occasion = "Phase '\(phase.name)' of \(name), \(record.span.sentence)."
            if phase.progress != .finished {
                occasion += " The phase is not finished: it is \(Badge(phase.progress).word.renderText)."
            }
            sections = record.agenda(after: phase)
        case .postImplementationReview:
            title = "Post-implementation review: \(name)"
            occasion = "All phases, \(record.span.sentence)."
            if report.status != .finished {
                occasion += " The rollout is not finished: it is \(Badge(report.status).word.renderText)."
            }
            sections = record.closingAgenda
        }
        if report.timeScale != 1 {
            occasion += " Clocks ran \(shortDecimal(report.timeScale)) times faster than planned."
        }
        self.pack = pack
        self.title = shortened(title, to: 300)
        self.occasion = shortened(occasion, to: 900)
        rollout = report.rollout
        self.since = record.span.since
        generatedAt = report.generatedAt
        version = report.version
        status = report.status
        verdict = report.verdict
        headline = shortened(report.headline, to: 1_000)
        reason = shortened(report.reason, to: 1_000)
        origin =
            "plan \(report.planDigest.isEmpty ? "not recorded" : shortened(report.planDigest, to: 128)), "
            + "ledger of \(counted(report.ledgerLength, "entry", "entries")), head "
            + (report.ledgerHead.isEmpty ? "none" : shortened(report.ledgerHead, to: 128))
        self.sections = Self.limited(sections)
    }

    private static func unknownPhase(_ name: PhaseName, in report: RolloutReport) -> Diagnostic {
        let names = report.phases.map(\.name.rawValue)
        let near = nearest(to: name.rawValue, among: names).map { "did you mean '\($0)'? " } ?? ""
        return Diagnostic(
            rule: "unknown-phase",
            "the rollout '\(report.rollout)' has no phase '\(name)'",
            hint: names.isEmpty ? "it has no phases" : "\(near)there are \(names.joined(separator: ", "))"
        )
    }

    /// Takes rows from the end of tables once a review holds more text than anybody reads, and counts them.
    private static func limited(_ sections: [Section]) -> [Section] {
        var left = 250_000
        return sections.map { section in
            var section = section
            left -= section.sentences.reduce(0) { $0 + $1.utf8.count }
            left -= section.actions.reduce(0) { $0 + $1.what.utf8.count + ($1.owner?.utf8.count ?? 0) }
            section.tables = section.tables.map { table in
                var table = table
                let fitting = table.rows.prefix { row in
                    left -= row.reduce(0) { $0 + $1.text.utf8.count }
                    return left > 0
                }
                table.leftOut += table.rows.count - fitting.count
                table.rows = Array(fitting)
                return table
            }
            return section
        }
    }
}

/// The beginning of a text that is too long, in characters of Unicode; never reads the rest.
func shortened(_ text: String, to count: Int) -> String {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: count, limitedBy: scalars.endIndex),
        end < scalars.endIndex
    else { return text }
    return String(scalars[..<scalars.index(before: end)]) + "\u{2026}"
}
