public import PhasegateCore

/// Decides what people are told: opens an episode when something stands, repeats and passes it on while nobody
/// answers, and takes it back when it no longer stands.
///
/// A pure function of the state: the notices it wants are written to the ledger together with the events that
/// caused them, and delivered from there (see `NoticeDispatcher`). A crash in between loses none and doubles none.
public struct Alerting: Sendable {
    private let plan: NoticePlan
    private let wording: @Sendable (RiskAlert) throws -> NoticeWording
    /// Longest time between two repetitions.
    private static let longestRepeat = Duration.seconds(86_400)

    /// Makes the rules for a plan.
    ///
    /// - Parameters:
    ///   - plan: who is told of what, where and when.
    ///   - wording: writes a risk alert out, or refuses one with a gap.
    public init(plan: NoticePlan, wording: @escaping @Sendable (RiskAlert) throws -> NoticeWording) {
        self.plan = plan
        self.wording = wording
    }

    /// What is to be raised now.
    ///
    /// - Parameters:
    ///   - state: the fold of the ledger, events about to be written included.
    ///   - rollout: the plan.
    ///   - moment: now.
    /// - Returns: `raised` events; none when people know all there is.
    public func events(for state: RolloutState, of rollout: Rollout, at moment: Moment) -> [LedgerEvent] {
        guard state.opening != nil else { return [] }
        let router = Router(plan: plan, highest: rollout.register.grid.levels.last ?? "HIGH")
        var draft = Draft(state: state, rollout: rollout, moment: moment)
        let concerns = Concern.standing(in: state, of: rollout)
        for concern in concerns { raise(concern, router, &draft) }
        let standing = Set(concerns.map(\.key))
        for (key, episode) in state.outbox.episodes.sorted(by: { $0.key < $1.key }) where !standing.contains(key) {
            if episode.outlasts(state) {
                remind(key, episode, router, &draft)
            } else {
                resolve(key, episode, router, &draft)
            }
        }
        return draft.events
    }

    /// What is gathered while the concerns are gone through.
    private struct Draft {
        let state: RolloutState
        let rollout: Rollout
        let moment: Moment
        var events: [LedgerEvent] = []

        /// The identifier of the next notice; carries the opening's time, so that a ledger begun anew repeats none.
        var nextID: NoticeID {
            let opened = String(state.openedAt?.milliseconds ?? 0, radix: 36)
            return NoticeID(rawValue: "\(rollout.name).\(opened).\(state.outbox.raised + events.count + 1)")
        }
    }

    // MARK: Kinds of notices

    private func raise(_ concern: Concern, _ router: Router, _ draft: inout Draft) {
        let ladder = ladder(concern.level, concern.risk, draft)
        guard let episode = draft.state.outbox.episodes[concern.key] else {
            return fire(concern, .fired, "first notice", rung: 0, since: draft.moment, ladder, router, &draft)
        }
        let grid = draft.rollout.register.grid
        if concern.level != episode.level, grid.stricter(concern.level, episode.level) == concern.level,
            grid.stricter(concern.level, ladder[episode.rung].level) == concern.level, episode.rung == 0
        {
            let reason = "the level rose from \(episode.level) to \(concern.level)"
            return fire(concern, .escalated, reason, rung: 0, since: episode.startedAt, ladder, router, &draft)
        }
        guard episode.acknowledgement == nil else { return }
        if let end = episode.acknowledgeBy, draft.moment >= end, ladder.hasRung(after: episode.rung) {
            let rung = episode.rung + 1
            let reason = "nobody acknowledged it before \(end.forPeople) UTC"
            return fire(concern, .escalated, reason, rung: rung, since: episode.startedAt, ladder, router, &draft)
        }
        if draft.moment >= episode.lastRaisedAt + repetition(after: episode.repeats) {
            let reason = "it still stands and nobody has acknowledged it"
            fire(concern, .repeated, reason, rung: episode.rung, since: episode.startedAt, ladder, router, &draft)
        }
    }

    /// An episode whose cause is gone for the moment, at a gate that has not opened since.
    private func remind(_ key: EpisodeKey, _ episode: Outbox.Episode, _ router: Router, _ draft: inout Draft) {
        guard let phase = episode.phase else { return }
        let concern = Concern(
            key: key,
            level: episode.level,
            phase: phase,
            stage: episode.stage,
            risk: episode.risk,
            criteria: episode.criteria,
            status: "\(draft.state.status.rawValue) in phase '\(phase)': the gate has not opened since"
        )
        raise(concern, router, &draft)
    }

    private func fire(
        _ concern: Concern,
        _ kind: Notice.Kind,
        _ reason: String,
        rung number: Int,
        since startedAt: Moment,
        _ ladder: EscalationLadder,
        _ router: Router,
        _ draft: inout Draft
    ) {
        let rung = ladder[number]
        let level = draft.rollout.register.grid.stricter(concern.level, rung.level)
        let assignments = router.assignments(
            level: level,
            phase: concern.phase,
            risk: concern.risk,
            direct: rung.channels,
            closed: draft.state.outbox.closed,
            at: draft.moment
        )
        // Nobody can answer what quiet hours hold back.
        let heardAt = assignments.map(\.dueAt).min() ?? draft.moment
        let acknowledgeBy = rung.window.map { heardAt + $0 }
        let next = min(acknowledgeBy ?? .distantFuture, heardAt + repetition(after: 0))
        let notice = notice(
            concern,
            kind,
            reason,
            rung: number,
            audience: rung.audience,
            startedAt: startedAt,
            acknowledgeBy: acknowledgeBy,
            nextUpdate: next,
            draft
        )
        draft.events.append(.raised(notice, to: assignments))
    }

    private func resolve(_ key: EpisodeKey, _ episode: Outbox.Episode, _ router: Router, _ draft: inout Draft) {
        let underWay = draft.state.outbox.pending.filter { $0.episode == key && $0.kind != .resolved }.map(\.channel)
        var channels: [ChannelName] = []
        for channel in episode.told + underWay where !channels.contains(channel) { channels.append(channel) }
        let concern = Concern(
            key: key,
            level: episode.level,
            phase: episode.phase ?? "",
            stage: episode.stage,
            risk: episode.risk,
            criteria: episode.criteria,
            status: "resolved: \(draft.state.standingSentence)"
        )
        let notice = notice(
            concern,
            .resolved,
            draft.state.standingSentence,
            rung: episode.rung,
            audience: [],
            startedAt: episode.startedAt,
            acknowledgeBy: nil,
            nextUpdate: nil,
            draft
        )
        let assignments = router.assignments(to: channels, level: episode.level, at: draft.moment)
        draft.events.append(.raised(notice, to: assignments))
    }

    // MARK: Words

    private func notice(
        _ concern: Concern,
        _ kind: Notice.Kind,
        _ reason: String,
        rung: Int,
        audience: [String],
        startedAt: Moment,
        acknowledgeBy: Moment?,
        nextUpdate: Moment?,
        _ draft: Draft
    ) -> Notice {
        let words = words(for: concern, kind, acknowledgeBy: acknowledgeBy, nextUpdate: nextUpdate, draft)
        return Notice(
            id: draft.nextID,
            episode: concern.key,
            kind: kind,
            reason: reason,
            level: concern.level,
            rollout: draft.rollout.name,
            phase: concern.phase,
            stage: concern.stage,
            risk: concern.risk,
            criteria: concern.criteria,
            rung: rung,
            audience: audience,
            title: words.title,
            body: words.body,
            facts: facts(concern, draft.state),
            startedAt: startedAt,
            raisedAt: draft.moment,
            acknowledgeBy: acknowledgeBy
        )
    }

    private func words(
        for concern: Concern,
        _ kind: Notice.Kind,
        acknowledgeBy: Moment?,
        nextUpdate: Moment?,
        _ draft: Draft
    ) -> NoticeWording {
        let prefix =
            switch kind {
            case .fired, .test: ""
            case .repeated: "REPEATED: "
            case .escalated: "ESCALATED: "
            case .resolved: "RESOLVED: "
            }
        let words: NoticeWording
        if let risk = draft.rollout.register.risks.first(where: { $0.id == concern.risk }) {
            do {
                words = try wording(
                    alert(risk, concern, acknowledgeBy: acknowledgeBy, nextUpdate: nextUpdate, at: draft.moment)
                )
            } catch {
                // An alert with a gap is refused, but a risk that has become real is not kept quiet.
                words = plainWords(for: concern, "the alert for \(risk.id) could not be filled: \(error)", draft)
            }
        } else {
            words = plainWords(for: concern, "somebody has to look at it", draft)
        }
        return NoticeWording(
            title: prefix + words.title,
            body: prefix + words.body
        )
    }

    private func plainWords(for concern: Concern, _ note: String, _ draft: Draft) -> NoticeWording {
        let title = "\(concern.level): \(draft.rollout.name) needs a person in phase '\(concern.phase)'"
        var lines = [title, "", "Rollout: \(draft.rollout.title)", "Current Status: \(concern.status)"]
        if let stage = concern.stage { lines.append("Stage: \(stage)") }
        if !concern.criteria.isEmpty {
            lines.append("Criteria: \(concern.criteria.map(\.rawValue).joined(separator: ", "))")
        }
        lines.append("Note: \(note)")
        return NoticeWording(title: title, body: lines.joined(separator: "\n"))
    }

    private func alert(
        _ risk: Risk,
        _ concern: Concern,
        acknowledgeBy: Moment?,
        nextUpdate: Moment?,
        at moment: Moment
    ) -> RiskAlert {
        let isOver = nextUpdate == nil
        return RiskAlert(
            riskID: risk.id,
            riskName: risk.title,
            severity: concern.level,
            probability: risk.declared.percent.map { shortDecimal($0) + " %" } ?? risk.declared.likelihood,
            impact: risk.declared.impact,
            status: concern.status,
            actions: risk.actions,
            resolutionTime: isOver
                ? "\(moment.forPeople) UTC" : acknowledgeBy.map { "\($0.forPeople) UTC" } ?? "when somebody takes it up",
            nextUpdate: nextUpdate.map { "\($0.forPeople) UTC" } ?? "none",
            contact: risk.owner ?? "",
            channel: risk.channel ?? ""
        )
    }

    private func facts(_ concern: Concern, _ state: RolloutState) -> [Notice.Fact] {
        var facts = [Notice.Fact("status", concern.status)]
        let findings = state.gate?.lastVerdict?.findings ?? []
        for finding in findings where concern.criteria.contains(finding.criterion) {
            let observed = finding.observed ?? "nothing"
            facts.append(Notice.Fact("observed", "\(finding.criterion): \(observed), bound \(finding.bound)"))
            if let samples = finding.samples { facts.append(Notice.Fact("samples", "\(finding.criterion): \(samples)")) }
        }
        return facts
    }

    private func ladder(_ level: String, _ risk: RiskID?, _ draft: Draft) -> EscalationLadder {
        EscalationLadder(
            level: level,
            owner: draft.rollout.register.risks.first { $0.id == risk }?.owner,
            register: draft.rollout.register,
            plan: plan
        )
    }

    private func repetition(after repeats: Int) -> Duration {
        min(plan.repeatEvery * Int(1 << min(repeats, 16)), Self.longestRepeat)
    }
}

extension Outbox.Episode {
    /// Whether it goes on although its cause is gone: a gate that holds one round and not the next is one trouble, not many.
    fileprivate func outlasts(_ state: RolloutState) -> Bool {
        (state.status == .running || state.status == .held) && state.phase == phase && state.stage == stage
    }
}

extension RolloutState {
    /// Where things stand, for a notice that takes an earlier one back.
    fileprivate var standingSentence: String {
        switch status {
        case .running, .held:
            phase.map { "the rollout goes on in phase '\($0)'\(stage.map { ", stage '\($0)'" } ?? "")" }
                ?? "the rollout goes on"
        case .finished: "the rollout is finished"
        case .stopped, .rolledBack, .compensated, .frozen, .killed: "the rollout is \(status.rawValue)"
        }
    }
}

extension Moment {
    /// Later than anything that happens.
    static let distantFuture = Moment(milliseconds: 253_402_300_799_000)
}
